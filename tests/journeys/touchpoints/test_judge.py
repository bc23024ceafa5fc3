import json
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from journeys.config.identifiers import IdentifierType, Identities
from journeys.engine import materialize
from journeys.touchpoints.identifiers import identifier_id
from journeys.touchpoints.judge import accepted_records, find_profiles, judge, refused_lines

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
_AT = pa.timestamp("us", tz="UTC")
_SCHEMA = pa.schema(
    {
        "load_id": pa.string(),
        "line": pa.int64(),
        "position": pa.int64(),
        "raw": pa.string(),
        "problem_rule": pa.string(),
        "problem_reason": pa.string(),
        "event_at": _AT,
        "known_at": _AT,
        "profile": pa.string(),
        "identifiers": pa.list_(pa.struct({"type": pa.string(), "value": pa.string()})),
    }
)


def _records(engine: Any, *rows: dict[str, Any]) -> ibis.Table:
    base = {"load_id": "a", "event_at": NOW - HOUR, "raw": "x", "identifiers": [("user_id", "u1")]}
    made = []
    for place, row in enumerate(rows):
        record = {**base, "line": place + 1, "position": place, **row}
        record["identifiers"] = [{"type": kind, "value": value} for kind, value in record["identifiers"]]
        made.append({**record, "profile": json.dumps(record["identifiers"])})
    return materialize(engine, ibis.memtable(pa.Table.from_pylist(made, schema=_SCHEMA)), "drawn")


def _judged(engine, *rows, lag=timedelta(0), frontier=None, identities=None):
    records = _records(engine, *rows)
    profiles = find_profiles(engine, records, identities or Identities(), b"key")
    judged = judge(records, profiles, now=NOW, lag=lag, frontier=frontier)
    return materialize(engine, judged, "judged")


def _one(engine, row, **settings):
    (found,) = _judged(engine, row, **settings).to_pyarrow().to_pylist()
    return found


EVENT = NOW - 10 * HOUR


@pytest.mark.parametrize(
    ("known_at", "lag", "frontier", "expected", "is_late"),
    [
        (None, 0, None, EVENT, False),
        (None, 3, None, EVENT + 3 * HOUR, False),
        (EVENT + HOUR, 3, None, EVENT + HOUR, False),
        (EVENT - HOUR, 0, None, EVENT, False),
        (None, 0, EVENT - HOUR, EVENT, False),
        (None, 0, EVENT, NOW, True),
        (None, 0, EVENT + HOUR, NOW, True),
        (None, 3, EVENT + HOUR, EVENT + 3 * HOUR, False),
        (EVENT + HOUR, 0, EVENT + 5 * HOUR, EVENT + HOUR, False),
    ],
)
def test_when_a_record_could_be_known(engine, known_at, lag, frontier, expected, is_late):
    """The source's own time is believed, else event and lag; what should have come before is known now."""
    found = _one(engine, {"event_at": EVENT, "known_at": known_at}, lag=lag * HOUR, frontier=frontier)
    assert (found["known_at"], found["is_late"]) == (expected, is_late)
    assert found["has_own_known_at"] == (known_at is not None)
    assert found["problem_rule"] is None


@pytest.mark.parametrize(
    ("row", "rule", "reason"),
    [
        ({"event_at": NOW + timedelta(minutes=5)}, None, None),
        (
            {"event_at": NOW + timedelta(minutes=5, seconds=1)},
            "future",
            "The time lies in the future; check the clock and the time zone of the source.",
        ),
        ({"known_at": NOW + timedelta(minutes=5)}, None, None),
        (
            {"known_at": NOW + timedelta(minutes=5, seconds=1)},
            "future",
            "The time lies in the future; check the clock and the time zone of the source.",
        ),
        ({"event_at": datetime(1970, 1, 1, tzinfo=UTC)}, None, None),
        (
            {"event_at": datetime(1969, 12, 31, tzinfo=UTC)},
            "before_1970",
            "The time lies before 1970, which vendors write where they have none; leave it out or mend it.",
        ),
        (
            {"identifiers": [("user_id", "null"), ("email", "nobody")]},
            "no_identifier",
            "The row names nobody: every identifier in it is missing, malformed, blocked, or shared by many as a name is.",
        ),
        (
            {"identifiers": []},
            "no_identifier",
            "The row names nobody: every identifier in it is missing, malformed, blocked, or shared by many as a name is.",
        ),
        ({"identifiers": [], "problem_rule": "broken", "problem_reason": "Old."}, "broken", "Old."),
    ],
)
def test_what_is_refused(engine, row, rule, reason):
    """Events in the future or before 1970, and of nobody, are refused; a reader's own refusal comes first."""
    found = _one(engine, row)
    assert (found["problem_rule"], found["problem_reason"]) == (rule, reason)


@pytest.mark.parametrize(
    ("types", "order"),
    [
        ({}, ["user_id", "email", "anonymous_id", "card"]),
        ({"card": IdentifierType(priority=1, is_profile=True)}, ["user_id", "email", "anonymous_id"]),
        (
            {"card": IdentifierType(priority=1), "user_id": IdentifierType(priority=2)},
            ["card", "user_id", "email", "anonymous_id"],
        ),
    ],
)
def test_identifiers_by_strength(engine, types, order):
    """Who a record is about stands strongest first; two spellings are one; what identifies nobody, as a name, is left out."""
    drawn = [
        ("anonymous_id", "x9"),
        ("card", "c1"),
        ("email", "A@example.org"),
        ("email", "a@example.org "),
        ("user_id", "U1"),
        ("phone", "12"),
        ("given_name", "Ann"),
    ]
    values = {"anonymous_id": "x9", "card": "c1", "email": "a@example.org", "user_id": "U1"}
    found = _one(engine, {"identifiers": drawn}, identities=Identities(types=types))
    assert found["identifier_ids"] == [identifier_id(b"key", kind, values[kind]) for kind in order]


def test_a_row_is_refused_whole(engine):
    """When one outcome of a row is refused none of it is accepted; nor is anything of a refused file."""
    future = {"event_at": NOW + HOUR}
    judged = _judged(
        engine,
        {"line": 1},
        {"line": 2},
        {"line": 2, **future},
        {"line": 3, "identifiers": [], "raw": "first"},
        {"line": 3, **future},
        {"line": 1, "load_id": "b"},
    )
    refused = materialize(engine, refused_lines(judged, []), "refused")
    rows = refused.order_by("line").select("line", "rule", "raw").to_pyarrow().to_pylist()
    assert [tuple(row.values()) for row in rows] == [(2, "future", "x"), (3, "no_identifier", "first")]

    def accepted(*loads):
        table = accepted_records(judged, refused, loads).select("load_id", "line").order_by("load_id", "line")
        return [tuple(row.values()) for row in table.to_pyarrow().to_pylist()]

    assert accepted() == [("a", 1), ("b", 1)]
    assert accepted("a") == [("b", 1)]


def test_names_alone_name_nobody(engine):
    """A row that only describes somebody is refused, and what it says of the person is not kept in quarantine."""
    told = [("given_name", "Ann"), ("city", "Bonn"), ("postcode", None)]
    judged = _judged(
        engine,
        {"identifiers": told, "raw": "r1,Ann,Bonn,,buy"},
        {"identifiers": [*told, ("email", "ann@example.org")], "raw": "r2,Ann,Bonn,buy"},
    )
    refused = refused_lines(judged, Identities().profile_types)
    rows = refused.select("line", "rule", "raw").to_pyarrow().to_pylist()
    assert [tuple(row.values()) for row in rows] == [(1, "no_identifier", "r1,[given_name],[city],,buy")]
