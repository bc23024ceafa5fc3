"""The tracking audit: what the sources tell, what they have stopped telling, and what to track next."""
