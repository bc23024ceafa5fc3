"""Scoring: who is at risk, what to do next, who is told, and whether it helped."""
