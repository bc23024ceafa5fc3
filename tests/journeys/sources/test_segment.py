import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.journeys.sources.drawn import attributes_of, identifiers_of, json_lines, read, source_of

EXAMPLES = Path(__file__).parents[3] / "../shared/data/vendor_fixtures/segment_spec/spec_examples.json"
AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
TRACK = {"type": "track", "event": "Order Completed", "messageId": "m1", "userId": "u1", "timestamp": AT.isoformat()}
SEGMENT = source_of("segment")


def _one(connection, tmp_path, **change):
    call = {key: value for key, value in {**TRACK, **change}.items() if value is not ...}
    (record,) = read(connection, json_lines(tmp_path, call), SEGMENT)
    return record


def test_a_track_call(connection, tmp_path):
    """A track call is an event with its key, times, amount, identifiers and impersonal properties."""
    record = _one(
        connection,
        tmp_path,
        receivedAt="2026-03-01T02:00:05Z",
        anonymousId="a1",
        context={"traits": {"email": "ann@example.org"}, "device": {"id": "d1"}},
        properties={
            "revenue": 12.5,
            "total": 20,
            "currency": "usd",
            "rating": 4,
            "phone": "+4930123456",
            "coupon": "x",
        },
    )
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
    assert "phone" not in json.loads(record["properties"])
    assert record["attributes"] is None


@pytest.mark.parametrize(
    ("event", "properties", "amount"),
    [
        ("Order Completed", {"total": 20, "value": 5}, 20.0),
        ("Order Completed", {"value": "5"}, 5.0),
        ("Order Refunded", {"total": 20}, -20.0),
        ("Order Completed", {}, None),
    ],
)
def test_amounts(connection, tmp_path, event, properties, amount):
    """Revenue comes before total, total before value; a refund's amount is negative."""
    assert _one(connection, tmp_path, event=event, properties=properties)["amount"] == amount


@pytest.mark.parametrize(
    ("call", "event"),
    [
        ({"type": "page", "name": "Pricing"}, "Page Viewed: Pricing"),
        ({"type": "page", "properties": {"name": "Pricing", "path": "/p"}}, "Page Viewed: Pricing"),
        ({"type": "page", "properties": {"path": "/p"}}, "Page Viewed: /p"),
        ({"type": "page", "context": {"page": {"path": "/c"}}}, "Page Viewed: /c"),
        ({"type": "page"}, "Page Viewed"),
        ({"type": "screen", "name": "Home"}, "Screen Viewed: Home"),
        ({"type": "TRACK"}, "Order Completed"),
        ({"type": "identify"}, None),
        ({"type": "group", "groupId": "g1"}, None),
        ({"type": "alias", "previousId": "a1"}, None),
    ],
)
def test_what_a_call_is_called(connection, tmp_path, call, event):
    """Pages and screens are named by name or path; calls that only say who somebody is are no events."""
    record = _one(connection, tmp_path, **call)
    assert (record["event"], record["problem_rule"]) == (event, None)


def test_identify(connection, tmp_path):
    """An identify call brings the traits that are not personal as attributes, and the personal ones as identifiers."""
    traits = {"plan": "pro", "email": "ann@example.org", "firstName": "x", "phone": "+4930123456"}
    record = _one(connection, tmp_path, type="identify", traits=traits)
    assert attributes_of(record) == {"plan": "pro"}
    assert identifiers_of(record) == {"user_id": "u1", "email": "ann@example.org", "phone": "+4930123456"}
    assert record["attributes"][0]["valid_from"] == AT


def test_group_and_alias(connection, tmp_path):
    """A group call brings the account; an alias joins two identifiers."""
    assert attributes_of(_one(connection, tmp_path, type="group", groupId="g1")) == {"account_id": "g1"}
    assert attributes_of(_one(connection, tmp_path, type="group")) == {}
    assert identifiers_of(_one(connection, tmp_path, type="alias", previousId="a1")) == {
        "user_id": "u1",
        "anonymous_id": "a1",
    }
    assert identifiers_of(_one(connection, tmp_path, previousId="a1")) == {"user_id": "u1"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"type": "trck"}, "unknown_call"),
        ({"type": ...}, "unknown_call"),
        ({"event": ""}, "missing_event"),
        ({"timestamp": ...}, "missing_time"),
        ({"timestamp": "2026-03-01 02:00:00"}, "time_without_zone"),
        ({"timestamp": "soon"}, "unreadable_time"),
        ({"properties": {"revenue": "12 EUR"}}, "not_a_number"),
        ({"timestamp": ..., "originalTimestamp": AT.isoformat()}, None),
        ({"timestamp": ..., "receivedAt": AT.isoformat()}, None),
    ],
)
def test_calls_that_are_refused(connection, tmp_path, change, rule):
    """A line that is no call, or has no event or usable time, is refused with a sentence."""
    record = _one(connection, tmp_path, **change)
    assert record["problem_rule"] == rule
    assert (record["problem_reason"] is None) == (rule is None)


@pytest.mark.skipif(not EXAMPLES.exists(), reason="needs ../shared/data/vendor_fixtures/segment_spec")
def test_the_vendors_own_examples(connection, tmp_path):
    """Every call of Segment's specification is read; only those without type or time are refused."""
    calls = [{**call, "timestamp": call.get("timestamp", AT.isoformat())} for call in map(_payload, _examples())]
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


def _examples():
    return json.loads(EXAMPLES.read_text())


def _payload(example):
    return example["payload"]
