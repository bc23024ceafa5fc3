"""What happened, and what it means: sources, touchpoints, identities, journeys and insights."""
