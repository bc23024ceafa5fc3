"""What was known about each customer at an instant."""
