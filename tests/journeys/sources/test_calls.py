"""Calls, as drawn."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import identifiers_of, json_lines, read, source_of, table

CUSTOMER, OURS = "+14155550100", "+14155550199"
TWILIO = {
    "sid": "CA1",
    "from": CUSTOMER,
    "to": OURS,
    "start_time": "Sun, 01 Feb 2026 10:00:00 +0000",
    "end_time": "Sun, 01 Feb 2026 10:05:00 +0000",
    "date_created": "Sun, 01 Feb 2026 09:59:58 +0000",
    "duration": "300",
    "status": "completed",
    "direction": "inbound",
}
AIRCALL = {
    "id": 7,
    "direction": "inbound",
    "started_at": 1769940000,
    "answered_at": 1769940010,
    "ended_at": 1769940300,
    "duration": 300,
    "raw_digits": "+1 415-555-0100",
    "missed_call_reason": None,
    "user": {"id": 1, "email": "agent@example.org"},
}
ZOOM = {
    "id": "z1",
    "caller_number": CUSTOMER,
    "callee_number": OURS,
    "date_time": "2026-02-01T10:00:00Z",
    "duration": 300,
    "result": "Call connected",
    "direction": "inbound",
}


@pytest.mark.parametrize(
    ("row", "event"),
    [
        (TWILIO, "call_received"),
        (TWILIO | {"status": "no-answer"}, "call_missed"),
        (TWILIO | {"direction": "outbound-api", "from": OURS, "to": CUSTOMER}, "call_made"),
        (TWILIO | {"direction": "outbound-dial", "from": OURS, "to": CUSTOMER, "status": "busy"}, "call_made"),
        (AIRCALL, "call_received"),
        (AIRCALL | {"answered_at": None, "missed_call_reason": "no_available_agent"}, "call_missed"),
        (AIRCALL | {"answered_at": None}, "call_missed"),
        (AIRCALL | {"direction": "outbound", "answered_at": None}, "call_made"),
        (ZOOM, "call_received"),
        (ZOOM | {"result": "Voicemail"}, "call_missed"),
        (ZOOM | {"direction": "outbound", "caller_number": OURS, "callee_number": CUSTOMER}, "call_made"),
    ],
)
def test_calls(connection: Any, tmp_path: Path, row: dict[str, Any], event: str) -> None:
    """A call is told by who dialled and whether somebody answered, of the customer's number alone."""
    (record,) = read(connection, json_lines(tmp_path, row, name="calls.jsonl"), source_of("calls"))
    assert (record["problem_rule"], record["event"], record["channel"]) == (None, event, "phone")
    assert f"{record['event_at']:%Y-%m-%d %H:%M:%S}" == "2026-02-01 10:00:00"
    assert {kind: value.replace(" ", "").replace("-", "") for kind, value in identifiers_of(record).items()} == {
        "phone": CUSTOMER
    }
    properties = json.loads(record["properties"])
    assert properties["duration"] == "300"
    assert "agent@example.org" not in str({**record, "raw": None})


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"parent_call_sid": "CA0"}, "leg_of_a_call"),
        ({"start_time": "Sun, 31 Feb 2026 10:00:00 +0000"}, "unreadable_time"),
        ({"direction": None}, "missing_direction"),
        ({"sid": None}, "missing_id"),
        ({"start_time": None, "status": "canceled"}, None),
    ],
)
def test_rows_that_are_refused(connection: Any, tmp_path: Path, change: dict[str, Any], rule: str | None) -> None:
    """A leg of a call does not count beside it; a call that never began has the time at which it was made."""
    (record,) = read(connection, json_lines(tmp_path, TWILIO | change, name="calls.jsonl"), source_of("calls"))
    assert record["problem_rule"] == rule


@pytest.mark.parametrize("address", ["client:ann", "sip:ann@example.org", "anonymous"])
def test_addresses_that_are_no_numbers(connection: Any, tmp_path: Path, address: str) -> None:
    """Who calls from a browser or without a number is nobody's telephone."""
    path = json_lines(tmp_path, TWILIO | {"from": address}, name="calls.jsonl")
    (record,) = read(connection, path, source_of("calls"))
    assert identifiers_of(record) == {}


def test_what_aircall_adds(connection: Any, tmp_path: Path) -> None:
    """The contact's address and the first comment stand in lists."""
    row = AIRCALL | {"contact": {"emails": [{"value": "ann@example.org"}]}, "comments": [{"content": "Wants a quote."}]}
    (record,) = read(connection, json_lines(tmp_path, row, name="calls.jsonl"), source_of("calls"))
    assert identifiers_of(record) == {"phone": "+1 415-555-0100", "email": "ann@example.org"}
    assert record["text"] == "Wants a quote."


def test_a_table_tells_the_same(connection: Any, tmp_path: Path) -> None:
    """A loader's table tells what the record of the API tells."""
    paths = [json_lines(tmp_path, TWILIO, name="calls.jsonl"), table(tmp_path, "call.csv", TWILIO)]
    first, second = (read(connection, path, source_of("calls"))[0] for path in paths)
    told = ("source_record_id", "event", "event_at", "known_at", "identifiers", "properties")
    assert [first[name] for name in told] == [second[name] for name in told]
