"""The day and figures of a row of spend."""

from datetime import date
from typing import Any

import pytest

from journeys.sources.spend_columns import at_midnight, spend_date
from tests.journeys.sources.drawn import evaluate


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01 00:00:00 UTC", date(2026, 3, 1)),
        ("2026-03-01T23:59:59+09:00", date(2026, 3, 1)),
        ("2026-02-30", None),
        ("01.03.2026", None),
        ("soon", None),
        (None, None),
    ],
)
def test_days(connection: Any, text: str | None, day: date | None) -> None:
    """The day is the ad account's, whatever time and zone a loader writes beside it."""
    assert evaluate(connection, [text], spend_date) == [day]
    assert evaluate(connection, [text], at_midnight) == [f"{day}T00:00:00Z" if day else None]
