"""Mailchimp's tables, as drawn."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import check_told, identifiers_of, json_lines, read, source_of, table

AT = "2026-02-01 10:00:00"
LATER = "2026-02-03 12:30:00.250000"


@pytest.mark.parametrize(
    ("name", "row", "expected"),
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
def test_rows(connection: Any, tmp_path: Path, name: str, row: dict[str, str], expected: dict[str | None, Any]) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "mailchimp", name, row, expected)


def test_email_activity(connection: Any, tmp_path: Path) -> None:
    """The report of a campaign has a line for each address, with what was done in a list, also an empty one."""
    activity = [
        {"action": "open", "timestamp": "2026-02-01T10:00:00+00:00", "ip": "203.0.113.7"},
        {"action": "click", "timestamp": "2026-02-01T10:01:00+00:00", "url": "https://shop.example/"},
    ]
    line = {"campaign_id": "k1", "list_id": "l1", "email_id": "m1", "email_address": "ann@example.org"}
    path = json_lines(
        tmp_path, line | {"activity": activity}, line | {"email_id": "m2", "activity": []}, name="email_activity.jsonl"
    )
    records = read(connection, path, source_of("mailchimp"))
    assert [(record["line"], record["event"]) for record in records] == [
        (1, None),
        (1, "email_open"),
        (1, "email_click"),
        (2, None),
    ]
    assert identifiers_of(records[1]) == {"mailchimp_member_id": "m1", "email": "ann@example.org"}
    assert json.loads(records[2]["properties"])["url"] == "https://shop.example/"
    assert "203.0.113.7" not in str([{**record, "raw": None} for record in records])
    row = {
        "campaign_id": "k1",
        "member_id": "m1",
        "action": "open",
        "timestamp": "2026-02-01T10:00:00+00:00",
        "bounce_type": "",
    }
    (landed,) = read(connection, table(tmp_path, "campaign_recipient_activity.csv", row), source_of("mailchimp"))
    assert landed["source_record_id"] == records[1]["source_record_id"]
