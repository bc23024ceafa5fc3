"""Texts: what customers say and how they rate it, on one scale; the sentiment and the topics of what they wrote."""
