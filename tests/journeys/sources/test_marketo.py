"""Marketo's tables, as drawn."""

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
            "marketo_activity_open_email_data",
            {"id": "a1", "lead_id": "l1", "activity_date": AT},
            {"open_email": ({"marketo_lead_id": "l1"}, {})},
        ),
        (
            "activity_merge_leads",
            {"id": "a1", "lead_id": "l1", "merge_ids": "[22, 33]", "activity_date": AT},
            {"merge_leads": ({"marketo_lead_id": "l1", "marketo_merged_lead_id": "22"}, {})},
        ),
        (
            "lead",
            {"id": "l1", "email": "ann@example.org", "created_at": AT, "updated_at": LATER},
            {event: ({"marketo_lead_id": "l1", "email": "ann@example.org"}, {}) for event in (None, "lead_created")},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "marketo", table, row, expected)
