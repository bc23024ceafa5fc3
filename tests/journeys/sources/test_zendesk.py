import json
from datetime import UTC, datetime

import pytest

from tests.journeys.sources.drawn import ReadAtOnce, identifiers_of, source_of

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


NEW = {"priority": "high", "via": {"channel": "web"}, "requester": {"external_id": "u1"}}
HAPPENED = [
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
]
ASKED = [
    ({"requester": {"email": "ann@example.org"}}, {"email": "ann@example.org"}),
    (
        {"via": {"channel": "email", "source": {"from": {"address": "ann@example.org"}}}},
        {"email": "ann@example.org"},
    ),
    ({"via": {"channel": "voice", "source": {"from": {"phone": "+4930123456"}}}}, {"phone": "+4930123456"}),
    ({"via": {"channel": "chat", "source": {"from": {"address": "a bot"}}}}, {}),
]
REFUSED = [
    ({"id": None}, "missing_id"),
    ({"created_at": None}, "missing_time"),
    ({"created_at": "soon"}, "unreadable_time"),
]
NOBODY = {"requester_id": None}
SOLVED = {"status": "solved"}


@pytest.fixture(scope="module")
def read_ticket(connection, tmp_path_factory):
    """Return a function from a change of the ticket to its records."""
    drawn = [
        NEW,
        *(change for change, _ in HAPPENED),
        *(NOBODY | change for change, _ in ASKED),
        *(SOLVED | change for change, _ in REFUSED),
    ]
    tickets = [TICKET | change for change in drawn]
    read_at_once = ReadAtOnce(connection, tmp_path_factory.mktemp("tickets"), source_of("zendesk"), tickets)
    return lambda change: read_at_once.records(TICKET | change)


def test_a_new_ticket(read_ticket):
    """An open ticket is one event, known when it happened, with its message and what kind it is."""
    (record,) = read_ticket(NEW)
    assert (record["source_record_id"], record["event"]) == ("7:created", "ticket_created")
    assert (record["event_at"], record["known_at"]) == (NINE, None)
    assert record["text"] == "Broken\nIt does not start."
    assert identifiers_of(record) == {"user_id": "u1", "zendesk_user_id": "70"}
    properties = json.loads(record["properties"])
    assert (properties["priority"], properties["status"], properties["via"]) == ("high", "open", "web")


@pytest.mark.parametrize(("change", "expected"), HAPPENED)
def test_what_happened_to_a_ticket(read_ticket, change, expected):
    """Solution, reopening and rating are events of their own; what only this version shows is known at its export."""
    first, *others = read_ticket(change)
    assert first["event"] == "ticket_created"
    keys = ("source_record_id", "event", "event_at", "known_at", "score")
    assert [tuple(record[key] for key in keys) for record in others] == expected
    assert {record["line"] for record in others} <= {first["line"]}


@pytest.mark.parametrize(("change", "expected"), ASKED)
def test_who_asked(read_ticket, change, expected):
    """The requester's address comes first, then the sender's of a ticket by e-mail or telephone."""
    (record,) = read_ticket(NOBODY | change)
    assert identifiers_of(record) == expected


@pytest.mark.parametrize(("change", "rule"), REFUSED)
def test_tickets_that_are_refused(read_ticket, change, rule):
    """A line without id or creation is one refused record, whatever else it says."""
    (record,) = read_ticket(SOLVED | change)
    assert record["problem_rule"] == rule
    assert record["problem_reason"]
