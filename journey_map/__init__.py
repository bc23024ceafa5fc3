"""The living picture of the journeys: one versioned document and its page."""
