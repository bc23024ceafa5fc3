"""Amplitude's events, as drawn."""

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
            {"uuid": "e1", "event_type": "login", "event_time": AT, "user_id": "u1", "device_id": "d1"},
            {"login": ({"user_id": "u1", "device_id": "d1"}, {})},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "amplitude", table, row, expected)
