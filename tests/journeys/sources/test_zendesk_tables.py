"""Zendesk's tables, as drawn."""

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
            "ticket",
            {"id": "5", "requester_id": "9", "created_at": AT, "updated_at": LATER, "status": "solved"},
            {
                event: ({"zendesk_ticket_id": "5", "zendesk_user_id": "9"}, {})
                for event in ("ticket_created", "ticket_solved")
            },
        ),
        (
            "ticket_comment",
            {"id": "6", "ticket_id": "5", "created": AT, "public": "false", "body": "Hm."},
            {"ticket_internal_note": ({"zendesk_ticket_id": "5"}, {})},
        ),
        (
            "ticket_field_history",
            {"ticket_id": "5", "field_name": "status", "value": "open", "updated": AT},
            {event: ({"zendesk_ticket_id": "5"}, {}) for event in (None, "ticket_status: open")},
        ),
        (
            "ticket_chat",
            {"chat_id": "c", "ticket_id": "5", "visitor_id": "v"},
            {None: ({"zendesk_ticket_id": "5", "zendesk_visitor_id": "v"}, {})},
        ),
        (
            "user",
            {"id": "9", "email": "ann@example.org", "role": "end-user", "created_at": AT},
            {None: ({"zendesk_user_id": "9", "email": "ann@example.org"}, {"zendesk_role": "end-user"})},
        ),
        (
            "user",
            {"id": "9", "email": "agent@example.org", "role": "agent", "created_at": AT},
            {None: ({"zendesk_user_id": "9"}, {"zendesk_role": "agent"})},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "zendesk", table, row, expected)
