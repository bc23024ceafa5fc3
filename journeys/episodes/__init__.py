"""Sessions, stages and journeys."""
