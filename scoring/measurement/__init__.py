"""Statistics of what the actions changed."""
