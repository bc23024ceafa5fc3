"""The tables, and the only door to the table format."""
