"""Iterable's tables, as drawn."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import check_told

AT = "2026-02-01 10:00:00"
LATER = "2026-02-03 12:30:00.250000"


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        (
            "event",
            {"_fivetran_id": "e1", "email": "ann@example.org", "created_at": AT, "event_name": "emailOpen"},
            {"emailOpen": ({"email": "ann@example.org"}, {})},
        ),
        (
            "user_history",
            {"email": "ann@example.org", "user_id": "u1", "updated_at": LATER, "signup_date": AT},
            {event: ({"email": "ann@example.org", "user_id": "u1"}, {}) for event in (None, "signed_up")},
        ),
        (
            "user_unsubscribed_channel_history",
            {"email": "ann@example.org", "channel_id": "3", "updated_at": AT},
            {"unsubscribed_channel": ({"email": "ann@example.org"}, {})},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "iterable", table, row, expected)
