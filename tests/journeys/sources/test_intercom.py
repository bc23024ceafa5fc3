"""Intercom's tables, as drawn."""

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
            "company_history",
            {"id": "c1", "updated_at": AT, "plan_name": "pro", "user_count": "3"},
            {None: ({"intercom_company_id": "c1"}, {"plan": "pro", "count_users": "3"})},
        ),
        (
            "contact_company_history",
            {"company_id": "c1", "contact_id": "p1", "_fivetran_start": AT},
            {None: ({"intercom_contact_id": "p1", "intercom_company_id": "c1"}, {})},
        ),
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
def test_rows(connection: Any, tmp_path: Path, name: str, row: dict[str, str], expected: dict[str | None, Any]) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "intercom", name, row, expected)


CONVERSATION = {
    "type": "conversation",
    "id": "v1",
    "created_at": 1769940000,
    "updated_at": 1769943600,
    "state": "closed",
    "source": {"type": "conversation", "body": "<p>Where is it?</p>", "author": {"type": "user", "id": "c1"}},
    "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "c1", "external_id": "u1"}]},
    "conversation_rating": {"rating": 4, "remark": "Kind.", "created_at": 1769943700},
    "statistics": {"time_to_admin_reply": 60, "last_close_at": 1769943500, "count_reopens": 1},
    "conversation_parts": {
        "conversation_parts": [
            {
                "id": "p1",
                "part_type": "comment",
                "body": "<p>On its way.</p>",
                "created_at": 1769940060,
                "author": {"type": "admin", "id": "a1", "email": "agent@example.org"},
            },
            {
                "id": "p2",
                "part_type": "comment",
                "body": "<p>Thanks!</p>",
                "created_at": 1769940120,
                "author": {"type": "user", "id": "c1", "email": "ann@example.org"},
            },
        ]
    },
}


def test_a_record_of_the_api(connection: Any, tmp_path: Path) -> None:
    """A conversation is told with its parts, its end and its rating, all in one line, of its contact."""
    bare = {"id": "v2", "created_at": 1769940000, "state": "open", "conversation_rating": None}
    path = json_lines(tmp_path, CONVERSATION, bare, name="conversations.jsonl")
    *records, other = read(connection, path, source_of("intercom"))
    assert [(record["event"], record["text"], record["score"]) for record in records] == [
        ("conversation_started", "Where is it?", None),
        ("team_comment", "On its way.", None),
        ("customer_comment", "Thanks!", None),
        ("conversation_closed", None, None),
        ("conversation_rated", "Kind.", 4.0),
    ]
    customer = {"intercom_conversation_id": "v1", "intercom_contact_id": "c1"}
    assert [identifiers_of(record) for record in records] == [
        customer | {"user_id": "u1"},
        {"intercom_conversation_id": "v1"},
        customer | {"email": "ann@example.org"},
        customer | {"user_id": "u1"},
        customer | {"user_id": "u1"},
    ]
    assert json.loads(records[3]["properties"])["seconds_to_reply"] == "60"
    assert (other["event"], other["line"], identifiers_of(other)) == (
        "conversation_started",
        2,
        {"intercom_conversation_id": "v2"},
    )
    assert {record["problem_rule"] for record in (*records, other)} == {None}


def test_parts_are_the_same_from_api_and_loader(connection: Any, tmp_path: Path) -> None:
    """A part that a loader lands as a row has the key that it has inside its conversation."""
    row = {"id": "p1", "conversation_id": "v1", "author_type": "admin", "part_type": "comment", "created_at": AT}
    (landed,) = read(connection, table(tmp_path, "conversation_part_history.csv", row), source_of("intercom"))
    path = json_lines(tmp_path, CONVERSATION, name="conversations.jsonl")
    assert landed["source_record_id"] in {
        record["source_record_id"] for record in read(connection, path, source_of("intercom"))
    }
