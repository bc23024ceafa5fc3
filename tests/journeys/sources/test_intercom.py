"""Intercom's tables, as drawn."""

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
            "contact_history",
            {
                "id": "c1",
                "external_id": "u1",
                "email": "ann@example.org",
                "created_at": AT,
                "_fivetran_start": LATER,
                "role": "lead",
            },
            {
                None: ({"intercom_contact_id": "c1", "user_id": "u1", "email": "ann@example.org"}, {"role": "lead"}),
                "contact_created": ({"intercom_contact_id": "c1", "user_id": "u1", "email": "ann@example.org"}, {}),
            },
        ),
        (
            "conversation_history",
            {
                "id": "v1",
                "created_at": AT,
                "updated_at": LATER,
                "state": "closed",
                "conversation_rating_value": "4",
                "conversation_rating_created_at": LATER,
            },
            {
                event: ({"intercom_conversation_id": "v1"}, {})
                for event in ("conversation_started", "conversation_closed", "conversation_rated")
            },
        ),
        (
            "conversation_part_history",
            {
                "id": "p1",
                "conversation_id": "v1",
                "author_type": "admin",
                "author_id": "a1",
                "part_type": "comment",
                "created_at": AT,
            },
            {"team_comment": ({"intercom_conversation_id": "v1"}, {})},
        ),
        (
            "conversation_part_history",
            {
                "id": "p1",
                "conversation_id": "v1",
                "author_type": "user",
                "author_id": "c1",
                "part_type": "comment",
                "created_at": AT,
            },
            {"customer_comment": ({"intercom_conversation_id": "v1", "intercom_contact_id": "c1"}, {})},
        ),
        (
            "conversation_contact_history",
            {"conversation_id": "v1", "contact_id": "c1"},
            {None: ({"intercom_contact_id": "c1", "intercom_conversation_id": "v1"}, {})},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "intercom", table, row, expected)
