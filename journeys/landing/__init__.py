"""Extraction: what APIs and databases hold, brought into the folders that sources read."""
