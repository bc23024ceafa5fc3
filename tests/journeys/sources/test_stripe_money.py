"""Units of Stripe's money."""

from typing import Any

import ibis
import pytest

from journeys.sources.stripe_money import units_in_one


@pytest.mark.parametrize(
    ("currency", "units"),
    [("EUR", 100.0), ("usd", 100.0), ("jpy", 1.0), ("KRW", 1.0), ("kwd", 1000.0), ("TND", 1000.0)],
)
def test_units_in_one(connection: Any, currency: str, units: float) -> None:
    """Most currencies have cents, some have none, some a thousand."""
    assert connection.execute(units_in_one(ibis.literal(currency))) == units
