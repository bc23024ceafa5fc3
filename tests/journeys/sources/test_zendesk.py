import json
from datetime import UTC, datetime

import pytest

from tests.journeys.sources.drawn import identifiers_of, json_lines, read, source_of

NINE, TEN, ELEVEN, NOON = (datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (9, 10, 11, 12))
TICKET = {
    "id": 7,
    "created_at": NINE.isoformat(),
    "updated_at": ELEVEN.isoformat(),
    "generated_timestamp": int(NOON.timestamp()),
    "status": "open",
    "requester_id": 70,
    "subject": "Broken",
    "description": "It does not start.",
}


def _read(connection, tmp_path, **change):
    ticket = {key: value for key, value in {**TICKET, **change}.items() if value is not ...}
    return read(connection, json_lines(tmp_path, ticket), source_of("zendesk"))


def test_a_new_ticket(connection, tmp_path):
    """An open ticket is one event, known when it happened, with its message and what kind it is."""
    (record,) = _read(connection, tmp_path, priority="high", via={"channel": "web"}, requester={"external_id": "u1"})
    assert (record["source_record_id"], record["event"]) == ("7:created", "ticket_created")
    assert (record["event_at"], record["known_at"]) == (NINE, None)
    assert record["text"] == "Broken\nIt does not start."
    assert identifiers_of(record) == {"user_id": "u1", "zendesk_user_id": "70"}
    properties = json.loads(record["properties"])
    assert (properties["priority"], properties["status"], properties["via"]) == ("high", "open", "web")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"status": "solved", "metric_set": {"solved_at": TEN.isoformat()}},
            [("7:solved:0", "ticket_solved", TEN, None, None)],
        ),
        ({"status": "closed"}, [("7:solved:0", "ticket_solved", ELEVEN, NOON, None)]),
        (
            {"metric_set": {"reopens": 2, "status_updated_at": TEN.isoformat()}},
            [("7:reopened:2", "ticket_reopened", TEN, NOON, None)],
        ),
        (
            {"status": "solved", "metric_set": {"reopens": 1, "solved_at": TEN.isoformat()}},
            [("7:solved:1", "ticket_solved", TEN, None, None)],
        ),
        (
            {"satisfaction_rating": {"score": "good", "updated_at": TEN.isoformat()}},
            [("7:rated:good", "satisfaction_rated_good", TEN, NOON, 1.0)],
        ),
        (
            {"satisfaction_rating": {"score": "bad", "comment": "slow"}},
            [("7:rated:bad", "satisfaction_rated_bad", ELEVEN, NOON, 0.0)],
        ),
        ({"satisfaction_rating": {"score": "offered"}}, []),
    ],
)
def test_what_happened_to_a_ticket(connection, tmp_path, change, expected):
    """Solution, reopening and rating are events of their own; what only this version shows is known at its export."""
    first, *others = _read(connection, tmp_path, **change)
    assert first["event"] == "ticket_created"
    keys = ("source_record_id", "event", "event_at", "known_at", "score")
    assert [tuple(record[key] for key in keys) for record in others] == expected
    assert {record["line"] for record in others} <= {1}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"requester": {"email": "ann@example.org"}}, {"email": "ann@example.org"}),
        (
            {"via": {"channel": "email", "source": {"from": {"address": "ann@example.org"}}}},
            {"email": "ann@example.org"},
        ),
        ({"via": {"channel": "voice", "source": {"from": {"phone": "+4930123456"}}}}, {"phone": "+4930123456"}),
        ({"via": {"channel": "chat", "source": {"from": {"address": "a bot"}}}}, {}),
    ],
)
def test_who_asked(connection, tmp_path, change, expected):
    """The requester's address comes first, then the sender's of a ticket by e-mail or telephone."""
    (record,) = _read(connection, tmp_path, requester_id=..., **change)
    assert identifiers_of(record) == expected


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"id": ...}, "missing_id"), ({"created_at": ...}, "missing_time"), ({"created_at": "soon"}, "unreadable_time")],
)
def test_tickets_that_are_refused(connection, tmp_path, change, rule):
    """A line without id or creation is one refused record, whatever else it says."""
    (record,) = _read(connection, tmp_path, status="solved", **change)
    assert record["problem_rule"] == rule
    assert record["problem_reason"]
