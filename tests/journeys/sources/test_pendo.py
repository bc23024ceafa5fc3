"""Pendo's tables, as drawn."""

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
            "feature_event",
            {"visitor_id": "v1", "feature_id": "f1", "timestamp": AT},
            {"feature_used: f1": ({"pendo_visitor_id": "v1"}, {})},
        ),
        (
            "event",
            {"visitor_id": "v1", "page_id": "home", "timestamp": AT},
            {"page_used: home": ({"pendo_visitor_id": "v1"}, {})},
        ),
        (
            "guide_event",
            {"visitor_id": "v1", "guide_id": "g1", "timestamp": AT, "type": "guideSeen"},
            {"guideSeen": ({"pendo_visitor_id": "v1"}, {})},
        ),
        (
            "visitor_history",
            {"id": "v1", "last_updated_at": AT, "agent_email": "ann@example.org", "agent_role": "Owner"},
            {None: ({"pendo_visitor_id": "v1", "email": "ann@example.org"}, {"role": "Owner"})},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "pendo", table, row, expected)
