"""Mailchimp's tables, as drawn."""

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
            "campaign_recipient_activity",
            {"campaign_id": "c1", "member_id": "m1", "action": "OPEN", "timestamp": AT},
            {"email_open": ({"mailchimp_member_id": "m1"}, {})},
        ),
        (
            "unsubscribe",
            {"campaign_id": "c1", "member_id": "m1", "timestamp": AT},
            {"unsubscribed": ({"mailchimp_member_id": "m1"}, {})},
        ),
        (
            "member",
            {
                "id": "m1",
                "list_id": "l1",
                "email_address": "ann@example.org",
                "status": "subscribed",
                "last_changed": LATER,
                "timestamp_signup": AT,
            },
            {
                None: ({"mailchimp_member_id": "m1", "email": "ann@example.org"}, {"email_status": "subscribed"}),
                "list_joined": ({"mailchimp_member_id": "m1", "email": "ann@example.org"}, {}),
            },
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "mailchimp", table, row, expected)
