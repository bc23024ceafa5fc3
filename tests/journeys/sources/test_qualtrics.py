"""Qualtrics' tables, as drawn."""

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
            "survey_response",
            {"id": "R_1", "recipient_email": "ann@example.org", "start_date": AT, "end_date": LATER, "finished": "1"},
            {
                event: ({"qualtrics_response_id": "R_1", "email": "ann@example.org"}, {})
                for event in ("survey_started", "survey_finished")
            },
        ),
        (
            "survey_embedded_data",
            {"response_id": "R_1", "key": "customer_id", "value": "u1"},
            {None: ({"qualtrics_response_id": "R_1", "user_id": "u1"}, {})},
        ),
        (
            "directory_contact",
            {"id": "CID_1", "email": "ann@example.org", "creation_date": AT, "language": "EN"},
            {None: ({"qualtrics_contact_id": "CID_1", "email": "ann@example.org"}, {"language": "EN"})},
        ),
        (
            "distribution_contact",
            {"distribution_id": "EMD_1", "contact_id": "CID_1", "sent_at": AT, "opened_at": LATER},
            {event: ({"qualtrics_contact_id": "CID_1"}, {}) for event in ("survey_sent", "survey_opened")},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "qualtrics", table, row, expected)
