import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeys.config.errors import ConfigError
from tests.journeys.sources.drawn import attributes_of, identifiers_of, read, tabular

AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
ALL = {
    "event": "what",
    "event_at": "at",
    "known_at": "known",
    "record_id": "id",
    "amount": "price",
    "currency": "money",
    "score": "stars",
    "text": "note",
    "channel": "via",
    "case_id": "case",
    "properties": ["size", "remark"],
}


def _one(connection, tmp_path, row, source):
    """Return the record of one row, given as column to cell."""
    path = tmp_path / "f.csv"
    path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
    (record,) = read(connection, path, source)
    return record


def test_every_column(connection, tmp_path):
    """Each mapped column goes to its field; identifiers and kept properties beside them, masked."""
    row = {
        "what": "buy",
        "at": "2026-03-01T02:00:00Z",
        "known": "2026-03-01T05:00:00Z",
        "id": "r1",
        "price": "12.5",
        "money": "usd",
        "stars": "4",
        "note": "fine",
        "via": "mail",
        "case": "c1",
        "size": "L",
        "remark": "of ann@example.org",
        "client": "u1",
        "address": "ann@example.org",
        "more": "x",
    }
    source = tabular(columns=ALL, identifiers={"user_id": "client", "email": "address"})
    record = _one(connection, tmp_path, row, source)
    assert (record["line"], record["source_record_id"], record["event"]) == (2, "r1", "buy")
    assert (record["event_at"], record["known_at"]) == (AT, AT.replace(hour=5))
    assert (record["amount"], record["currency"], record["score"]) == (12.5, "USD", 4.0)
    assert (record["channel"], record["case_id"], record["text"]) == ("mail", "c1", "fine")
    assert identifiers_of(record) == {"user_id": "u1", "email": "ann@example.org"}
    assert json.loads(record["properties"]) == {"size": "L", "remark": "of [email]"}
    assert record["problem_rule"] is None
    assert record["attributes"] is None


BASE = {"id": "r1", "what": "buy", "at": "2026-03-01T02:00:00Z", "known": "", "price": "", "stars": "", "client": "u1"}
COLUMNS = {
    "event": "what",
    "event_at": "at",
    "known_at": "known",
    "record_id": "id",
    "amount": "price",
    "score": "stars",
}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({}, None),
        ({"what": ""}, "missing_event"),
        ({"at": "NULL"}, "missing_time"),
        ({"at": "2026-03-01 02:00:00"}, "time_without_zone"),
        ({"at": "01.03.2026"}, "unreadable_time"),
        ({"known": "later"}, "unreadable_time"),
        ({"price": "12 EUR"}, "not_a_number"),
        ({"stars": "five"}, "not_a_number"),
        ({"price": "N/A", "stars": "-"}, None),
        ({"what": "", "price": "12 EUR"}, "missing_event"),
    ],
)
def test_rows_that_are_refused(connection, tmp_path, change, rule):
    """A row without event or time, or with a value that cannot be read, is refused by the first rule it breaks."""
    record = _one(connection, tmp_path, BASE | change, tabular(columns=COLUMNS))
    assert record["problem_rule"] == rule
    assert (record["problem_reason"] is None) == (rule is None)


def test_a_zone_makes_local_times_readable(connection, tmp_path):
    """Where the source says its zone, times without one are read in it."""
    record = _one(connection, tmp_path, BASE | {"at": "2026-03-01 03:00:00"}, tabular(time_zone="Europe/Berlin"))
    assert (record["event_at"], record["problem_rule"]) == (AT, None)


@pytest.mark.parametrize(("area", "event"), [("shop", "buy:shop"), ("", "buy")])
def test_an_event_of_several_columns(connection, tmp_path, area, event):
    """Several columns make one name, joined by colons; empty ones are left out."""
    source = tabular(columns={"event": ["what", "area"], "event_at": "at"})
    assert _one(connection, tmp_path, BASE | {"area": area}, source)["event"] == event


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (
            {"event": "waht", "event_at": "at"},
            "sources.drawn.columns.event: f.csv has no column 'waht'; did you mean what or at?",
        ),
        (
            {"event": "what", "event_at": "at", "properties": ["prize"]},
            "sources.drawn.columns.properties: f.csv has no column 'prize'; did you mean price?",
        ),
    ],
)
def test_unknown_columns(connection, tmp_path, columns, sentence):
    """A column that `journey.yaml` names and the file lacks says the setting and the nearest names."""
    with pytest.raises(ConfigError) as raised:
        _one(connection, tmp_path, BASE, tabular(columns=columns))
    assert str(raised.value) == sentence


def test_unknown_identifier_column(connection, tmp_path):
    """An identifier's column that the file lacks is named in the same way."""
    with pytest.raises(ConfigError) as raised:
        _one(connection, tmp_path, BASE, tabular(identifiers={"user_id": "cleint"}))
    assert str(raised.value) == (
        "sources.drawn.identifiers.user_id: f.csv has no column 'cleint'; did you mean client?"
    )


def test_attributes(connection, tmp_path):
    """A row of attributes says one thing a column, since its date; empty cells say nothing; it is no event."""
    path = tmp_path / "f.csv"
    path.write_text("client,plan,owner,since,known\nu1,pro,,2026-03-01T02:00:00Z,2026-03-01T05:00:00Z\nu2,,bo,NULL,x\n")
    columns = {"attributes": ["plan", "owner"], "valid_from": "since", "known_at": "known"}
    good, bad = read(connection, path, tabular(kind="attributes", columns=columns))
    assert attributes_of(good) == {"plan": "pro"}
    assert (good["event"], good["event_at"], good["known_at"]) == (None, AT, AT.replace(hour=5))
    assert good["attributes"][0]["valid_from"] == AT
    assert bad["problem_rule"] == "missing_time"


@pytest.mark.parametrize(("known", "rule"), [("", None), ("soon", "unreadable_time")])
def test_attributes_since_ever(connection, tmp_path, known, rule):
    """Without a date a row's attributes hold since ever; an unreadable known_at is refused."""
    path = tmp_path / "f.csv"
    path.write_text(f"client,plan,known\nu1,pro,{known}\n")
    columns = {"attributes": ["plan"], "known_at": "known"}
    (record,) = read(connection, path, tabular(kind="attributes", columns=columns))
    assert record["attributes"][0]["valid_from"] == datetime(1970, 1, 1, tzinfo=UTC)
    assert record["problem_rule"] == rule


def test_typed_parquet(connection, tmp_path):
    """Instants, whole numbers and decimals of a Parquet file are read as they are."""
    path = tmp_path / "f.parquet"
    table = pa.table(
        {
            "what": ["buy"],
            "at": pa.array([AT], pa.timestamp("us", tz="UTC")),
            "id": [2**53 + 1],
            "price": [12.5],
            "client": [7],
        }
    )
    pq.write_table(table, path)
    (record,) = read(connection, path, tabular(columns={**COLUMNS, "known_at": None, "score": None}))
    assert (record["source_record_id"], record["event_at"], record["amount"]) == (str(2**53 + 1), AT, 12.5)
    assert identifiers_of(record) == {"user_id": "7"}
    assert record["problem_rule"] is None
