"""Klaviyo's tables, as drawn."""

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
            {"uuid": "e1", "person_id": "p1", "datetime": AT, "type": "Placed Order", "property_value": "9.5"},
            {"Placed Order": ({"klaviyo_profile_id": "p1"}, {})},
        ),
        (
            "person",
            {"id": "p1", "email": "ann@example.org", "created": AT, "updated": LATER, "country": "DE"},
            {
                None: ({"klaviyo_profile_id": "p1", "email": "ann@example.org"}, {"country": "DE"}),
                "profile_created": ({"klaviyo_profile_id": "p1", "email": "ann@example.org"}, {}),
            },
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "klaviyo", table, row, expected)
