import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.journeys.sources.drawn import ReadAtOnce, attributes_of, identifiers_of, json_lines, read, source_of

EXAMPLES = Path(__file__).parents[3] / "../shared/data/vendor_fixtures/segment_spec/spec_examples.json"
AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
TRACK = {"type": "track", "event": "Order Completed", "messageId": "m1", "userId": "u1", "timestamp": AT.isoformat()}
SEGMENT = source_of("segment")


FULL = {
    "receivedAt": "2026-03-01T02:00:05Z",
    "anonymousId": "a1",
    "context": {"traits": {"email": "ann@example.org"}, "device": {"id": "d1"}},
    "properties": {"revenue": 12.5, "total": 20, "currency": "usd", "rating": 4, "phone": "+4930123456", "coupon": "x"},
}
IDENTIFY = {
    "type": "identify",
    "traits": {"plan": "pro", "email": "ann@example.org", "firstName": "x", "phone": "+4930123456"},
}
GROUP = {"type": "group", "groupId": "g1"}
ALIAS = {"type": "alias", "previousId": "a1"}
ALIAS_OF_VISITORS = {**ALIAS, "anonymousId": "a2"}
AMOUNTS = [
    ({"event": "Order Completed", "properties": {"total": 20, "value": 5}}, 20.0),
    ({"event": "Order Completed", "properties": {"value": "5"}}, 5.0),
    ({"event": "Order Refunded", "properties": {"total": 20}}, -20.0),
    ({"event": "Order Completed", "properties": {}}, None),
]
NAMES = [
    ({"type": "page", "name": "Pricing"}, "Page Viewed: Pricing"),
    ({"type": "page", "properties": {"name": "Pricing", "path": "/p"}}, "Page Viewed: Pricing"),
    ({"type": "page", "properties": {"path": "/p"}}, "Page Viewed: /p"),
    ({"type": "page", "context": {"page": {"path": "/c"}}}, "Page Viewed: /c"),
    ({"type": "page"}, "Page Viewed"),
    ({"type": "screen", "name": "Home"}, "Screen Viewed: Home"),
    ({"type": "TRACK"}, "Order Completed"),
    ({"type": "identify"}, None),
    ({"type": "group"}, None),
    (GROUP, None),
    (ALIAS, None),
]
REFUSED = [
    ({"type": "trck"}, "unknown_call"),
    ({"type": None}, "unknown_call"),
    ({"event": ""}, "missing_event"),
    ({"timestamp": None}, "missing_time"),
    ({"timestamp": "2026-03-01 02:00:00"}, "time_without_zone"),
    ({"timestamp": "soon"}, "unreadable_time"),
    ({"properties": {"revenue": "12 EUR"}}, "not_a_number"),
    ({"timestamp": None, "originalTimestamp": AT.isoformat()}, None),
    ({"timestamp": None, "receivedAt": AT.isoformat()}, None),
]
PREVIOUS = {"previousId": "a1"}


@pytest.fixture(scope="module")
def read_call(connection, tmp_path_factory):
    """Return a function from a change of the track call to its record."""
    drawn = [
        FULL,
        IDENTIFY,
        PREVIOUS,
        ALIAS_OF_VISITORS,
        *(change for table in (AMOUNTS, NAMES, REFUSED) for change, _ in table),
    ]
    calls = ReadAtOnce(connection, tmp_path_factory.mktemp("calls"), SEGMENT, [TRACK | change for change in drawn])
    return lambda change: calls.one(TRACK | change)


def test_a_track_call(read_call):
    """A track call is an event with its key, times, amount, identifiers and impersonal properties."""
    record = read_call(FULL)
    assert (record["source_record_id"], record["event"]) == ("m1", "Order Completed")
    assert (record["event_at"], record["known_at"]) == (AT, AT.replace(second=5))
    assert (record["amount"], record["currency"], record["score"]) == (12.5, "USD", 4.0)
    assert identifiers_of(record) == {
        "user_id": "u1",
        "email": "ann@example.org",
        "phone": "+4930123456",
        "device_id": "d1",
        "anonymous_id": "a1",
    }
    assert json.loads(record["properties"]) == {
        "revenue": 12.5,
        "total": 20,
        "currency": "usd",
        "rating": 4,
        "coupon": "x",
    }
    assert record["attributes"] is None


@pytest.mark.parametrize(("change", "amount"), AMOUNTS)
def test_amounts(read_call, change, amount):
    """Revenue comes before total, total before value; a refund's amount is negative."""
    assert read_call(change)["amount"] == amount


@pytest.mark.parametrize(("change", "event"), NAMES)
def test_what_a_call_is_called(read_call, change, event):
    """Pages and screens are named by name or path; calls that only say who somebody is are no events."""
    record = read_call(change)
    assert (record["event"], record["problem_rule"]) == (event, None)


def test_identify(read_call):
    """An identify call brings the traits that are not personal as attributes, and the personal ones as identifiers."""
    record = read_call(IDENTIFY)
    assert attributes_of(record) == {"plan": "pro"}
    assert identifiers_of(record) == {"user_id": "u1", "email": "ann@example.org", "phone": "+4930123456"}
    assert record["attributes"][0]["valid_from"] == AT


def test_group_and_alias(read_call):
    """A group call brings the account; an alias joins two identifiers, other calls do not."""
    assert attributes_of(read_call(GROUP)) == {"account_id": "g1"}
    assert attributes_of(read_call({"type": "group"})) == {}
    assert identifiers_of(read_call(ALIAS)) == {"user_id": "u1", "anonymous_id": "a1"}
    both = read_call(ALIAS_OF_VISITORS)["identifiers"]
    assert [(pair["type"], pair["value"]) for pair in both] == [
        ("user_id", "u1"),
        ("anonymous_id", "a2"),
        ("anonymous_id", "a1"),
    ]
    assert identifiers_of(read_call(PREVIOUS)) == {"user_id": "u1"}


@pytest.mark.parametrize(("change", "rule"), REFUSED)
def test_calls_that_are_refused(read_call, change, rule):
    """A line that is no call, or has no event or usable time, is refused with a sentence."""
    record = read_call(change)
    assert record["problem_rule"] == rule
    assert (record["problem_reason"] is None) == (rule is None)


@pytest.mark.skipif(not EXAMPLES.exists(), reason="needs ../shared/data/vendor_fixtures/segment_spec")
def test_the_vendors_own_examples(connection, tmp_path):
    """Every call of Segment's specification is read; only those without type or time are refused."""
    calls = [
        {**call, "timestamp": call.get("timestamp", AT.isoformat())}
        for call in (example["payload"] for example in json.loads(EXAMPLES.read_text()))
    ]
    found = read(connection, json_lines(tmp_path, *calls), SEGMENT)
    kinds = {line: str(call.get("type", "")).lower() for line, call in enumerate(calls, 1)}
    assert {row["line"] for row in found if row["problem_rule"] == "unknown_call"} == {
        line for line, kind in kinds.items() if not kind
    }
    assert {row["problem_rule"] for row in found} == {None, "unknown_call"}
    good = [row for row in found if row["problem_rule"] is None]
    assert len(good) > 35
    assert {kinds[row["line"]] for row in good if row["event"]} == {"track", "page", "screen"}
    assert all(
        call.get("userId") in (None, identifiers_of(row).get("user_id")) for call, row in zip(calls, found, strict=True)
    )
