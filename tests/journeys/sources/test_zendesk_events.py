import json
from datetime import UTC, datetime

import pytest

from tests.journeys.sources.drawn import ReadAtOnce, identifiers_of, json_lines, read, source_of

NINE, TEN = (datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (9, 10))
DETAIL = {
    "actor_id": "71",
    "created_at": "2026-03-01T09:00:00Z",
    "custom_status": "12",
    "description": "It does not start.",
    "external_id": None,
    "id": "7",
    "is_public": True,
    "priority": "HIGH",
    "requester_id": "70",
    "status": "OPEN",
    "subject": "Broken",
    "tags": ["a"],
    "type": "TASK",
    "updated_at": "2026-03-01T10:00:00Z",
    "via": {"channel": "web_service"},
}
EVENT = {
    "account_id": 1,
    "detail": DETAIL,
    "event": {},
    "id": "e1",
    "subject": "zen:ticket:7",
    "time": "2026-03-01T10:00:00.000000000Z",
    "type": "zen:event-type:ticket.created",
    "zendesk_event_version": "2022-11-06",
}


def _happened(what, **event):
    return {"type": f"zen:event-type:ticket.{what}", "event": event}


def _comment(**comment):
    return _happened("comment_added", comment={"author": {"id": "70", "is_staff": False}, "id": "9", **comment})


NAMED = [
    ({}, ("7:created", "ticket_created", NINE, "Broken\nIt does not start.")),
    (_happened("status_changed", current="SOLVED", previous="OPEN"), ("e1", "ticket_solved", TEN, None)),
    (_happened("status_changed", current="OPEN", previous="SOLVED"), ("e1", "ticket_reopened", TEN, None)),
    (_happened("status_changed", current="CLOSED", previous="SOLVED"), ("e1", "ticket_status: closed", TEN, None)),
    (_happened("status_changed", current="PENDING", previous="NEW"), ("e1", "ticket_status: pending", TEN, None)),
    (_comment(body="Still?", is_public=True), ("e1", "ticket_comment", TEN, "Still?")),
    (_comment(body="Odd one", is_public=False), ("e1", "ticket_internal_note", TEN, "Odd one")),
    (_happened("priority_changed", current="HIGH", previous="LOW"), ("e1", "ticket_priority_changed", TEN, None)),
]
REFUSED = [
    ({"type": "zen:event-type:user.created"}, "unknown_event"),
    ({"detail": {**DETAIL, "id": None}}, "missing_id"),
    ({**_happened("status_changed"), "time": None}, "missing_time"),
    ({**_happened("status_changed"), "time": "soon"}, "unreadable_time"),
]


@pytest.fixture(scope="module")
def read_event(connection, tmp_path_factory):
    """Return a function from a change of the event to its record."""
    drawn = [EVENT | change for change, _ in (*NAMED, *REFUSED)]
    read_at_once = ReadAtOnce(connection, tmp_path_factory.mktemp("events"), source_of("zendesk"), drawn)
    return lambda change: read_at_once.one(EVENT | change)


@pytest.mark.parametrize(("change", "expected"), NAMED)
def test_what_happened(read_event, change, expected):
    """Events are called as in exported tickets; a new ticket has the exported ticket's key, time and message."""
    record = read_event(change)
    assert record["problem_rule"] is None
    assert (record["source_record_id"], record["event"], record["event_at"], record["text"]) == expected


def test_who_and_in_what_state(read_event):
    """The requester is named by the ticket and by the user's id; what the webhook shouts is said plainly."""
    record = read_event({})
    assert identifiers_of(record) == {"zendesk_ticket_id": "7", "zendesk_user_id": "70"}
    assert json.loads(record["properties"]) == {
        "priority": "high", "status": "open", "type": "task", "via": "web_service"
    }  # fmt: skip


@pytest.mark.parametrize(("change", "rule"), REFUSED)
def test_events_that_are_refused(read_event, change, rule):
    """What is about no ticket, or does not say which or when, is refused with a reason."""
    record = read_event(change)
    assert (record["problem_rule"], bool(record["problem_reason"])) == (rule, True)


def test_tickets_and_events_in_one_file(connection, tmp_path):
    """Lines of both kinds, and broken ones, are told apart."""
    ticket = {"id": 8, "created_at": "2026-03-01T09:00:00Z", "requester_id": 80, "type": "question", "status": "new"}
    found = read(connection, json_lines(tmp_path, EVENT, ticket, "{"), source_of("zendesk"))
    assert [record["source_record_id"] for record in found] == ["7:created", "8:created", None]
    assert [record["problem_rule"] for record in found] == [None, None, "broken_json"]
