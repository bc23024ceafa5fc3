"""Small businesses for the tests."""

from datetime import UTC, datetime
from functools import cache

from simulator.business import Business, simulate

END = datetime(2026, 7, 1, tzinfo=UTC)


@cache
def business(customers: int = 400, months: int = 8, seed: int = 3) -> Business:
    """Return the same business for the same arguments, simulated once."""
    return simulate(customers=customers, months=months, end=END, seed=seed)
