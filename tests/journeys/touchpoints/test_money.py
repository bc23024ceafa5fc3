"""Amounts by the rate of their day."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import pytest

from journeys.config.currencies import Rate
from journeys.touchpoints.money import in_currency

RATES = [Rate(date(2026, 2, 1), "USD", 0.9), Rate(date(2026, 3, 1), "USD", 0.8), Rate(date(2026, 2, 1), "CHF", 1.1)]


@pytest.mark.parametrize(
    ("at", "amount", "currency", "expected"),
    [
        (datetime(2026, 2, 10, tzinfo=UTC), 10.0, "USD", 9.0),
        (datetime(2026, 3, 10, tzinfo=UTC), 10.0, "USD", 8.0),
        (datetime(2026, 2, 28, 23, 30, tzinfo=UTC), 10.0, "USD", 8.0),  # already March in Berlin
        (datetime(2025, 1, 1, tzinfo=UTC), 10.0, "USD", 9.0),
        (datetime(2026, 2, 10, tzinfo=UTC), 10.0, "EUR", 10.0),
        (datetime(2026, 2, 10, tzinfo=UTC), -10.0, "CHF", -11.0),
        (datetime(2026, 2, 10, tzinfo=UTC), 10.0, "JPY", None),
        (datetime(2026, 2, 10, tzinfo=UTC), None, None, None),
    ],
    ids=["first rate", "later rate", "the business's day", "before any", "own", "refund", "without a rate", "nothing"],
)
def test_amounts(engine: Any, at: datetime, amount: float | None, currency: str | None, expected: float | None) -> None:
    """The last rate on or before the day counts, on the business's clock; without a rate there is no amount."""
    schema = {"touchpoint_id": "string", "event_at": "timestamp('UTC', 6)", "amount": "float64", "currency": "string"}
    rows = ibis.memtable(
        [{"touchpoint_id": "t", "event_at": at, "amount": amount, "currency": currency}], schema=schema
    )
    found = engine.to_pyarrow(in_currency(rows, RATES, "EUR", ZoneInfo("Europe/Berlin"))).to_pylist()
    assert len(found) == 1
    assert found[0]["amount"] == (None if expected is None else pytest.approx(expected))
    assert found[0]["currency"] == (None if currency is None else "EUR")


def test_no_rates(engine: Any) -> None:
    """Without a table, amounts of the project's currency stay and others count for nothing."""
    schema = {"event_at": "timestamp('UTC', 6)", "amount": "float64", "currency": "string"}
    at = datetime(2026, 2, 1, tzinfo=UTC)
    rows = [{"event_at": at, "amount": 1.0, "currency": name} for name in ("EUR", "USD")]
    found = engine.to_pyarrow(in_currency(ibis.memtable(rows, schema=schema), [], "EUR", ZoneInfo("UTC")))
    assert sorted(found["amount"].to_pylist(), key=str) == [1.0, None]
