"""Rows of databases: in order, in their types, from the watermark on."""

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.config.errors import ConfigError, DataError
from journeys.config.extraction import SqlResource
from journeys.landing.sql import _array, count_parquet, last_mark, read_blocks, write_parquet
from tests.journeys.landing.conftest import Database
from tests.journeys.landing.desk import START, record


def _resource(**said: Any) -> SqlResource:
    raw = {"name": "visits", "primary_key": ["id"], "watermark": {"column": "updated_at"}, **said}
    return SqlResource.model_validate(raw if "query" in raw else {"table": "visits", **raw})


def _ids(url: str, resource: SqlResource, mark: Any = None, block_rows: int = 3) -> list[list[str]]:
    return [block["id"].to_pylist() for block in read_blocks(url, resource, mark, block_rows)]


def test_blocks_in_order(database: Database) -> None:
    """Oldest first, however the rows lie; blocks as large as asked."""
    database.add([record(number) for number in (4, 0, 3, 1, 2)])
    assert _ids(database.url, _resource()) == [["r0", "r1", "r2"], ["r3", "r4"]]


def test_from_the_watermark_on(database: Database) -> None:
    """The watermark of the last block asks for rows of its instant and later ones."""
    rows = [record(0), record(1), record(2), record(2) | {"id": "r2-twin"}]
    database.add(rows)
    *_, last = read_blocks(database.url, _resource(), None, 2)
    mark = last_mark(last, "updated_at", until=datetime(2026, 3, 1, tzinfo=UTC))
    database.add([record(3)])
    assert _ids(database.url, _resource(), mark) == [["r2", "r2-twin", "r3"]]


def test_a_query_of_ones_own(database: Database) -> None:
    """Any SELECT, also with a semicolon, colons and percent signs."""
    database.add([record(number) for number in range(4)])
    query = "SELECT id, what, updated_at FROM visits WHERE id <> 'r1' AND '12:30' LIKE '%:%';"
    start = record(2)["updated_at"]
    start = start if database.kind == "sqlite" else datetime.fromisoformat(start)
    assert _ids(database.url, _resource(query=query), start) == [["r2", "r3"]]
    assert _ids(database.url, _resource(query=query, watermark=None), None) == [["r0", "r2", "r3"]]


def test_a_hostile_name_is_a_name(database: Database) -> None:
    """What journey.yaml calls a table or column is never read as SQL."""
    database.add([record(0)])
    for said in ({"table": 'visits"; DROP TABLE visits; --'}, {"watermark": {"column": 'id"; DROP TABLE visits; --'}}):
        with pytest.raises((ConfigError, DataError), match=r"the database refused|there is no column"):
            _ids(database.url, _resource(**said))
    assert _ids(database.url, _resource()) == [["r0"]]


def test_a_database_that_refuses_is_one_sentence(database: Database) -> None:
    """Without the statement, and without its parameters."""
    with pytest.raises(DataError, match="the database refused") as raised:
        _ids(database.url, _resource(query="SELECT nothing FROM nowhere"), "2026")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "error", "sentence"),
    [
        ("no address", ConfigError, "its connection is no address of a database"),
        ("oracle+nothing://u:p@h/d", ConfigError, "its connection is no address of a database"),
        ("mysql+pymysql://u:p@h/d", ConfigError, "the driver pymysql of its connection is not installed"),
        ("postgresql+psycopg://u:hush@127.0.0.1:1/d?connect_timeout=1", DataError, "the database refused"),
        ("duckdb:////nowhere/w.duckdb", DataError, "there is no DuckDB file w.duckdb where its connection says"),
    ],
)
def test_addresses_that_lead_nowhere(url: str, error: type[Exception], sentence: str) -> None:
    """One sentence each, without the password."""
    with pytest.raises(error, match=sentence) as raised:
        _ids(url, _resource())
    assert "hush" not in str(raised.value)


def test_duckdb_types_come_through(tmp_path: Path) -> None:
    """As Arrow, from the file to Parquet; what Parquet cannot hold is text."""
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute(
            """CREATE TABLE visits AS SELECT 'a' AS id, TIMESTAMPTZ '2026-01-01T00:00:00Z' AS updated_at, 7::BIGINT AS whole,
            1.10::DECIMAL(10, 2) AS amount, NULL AS nothing, INTERVAL 1 DAY AS span, 'x'::ENUM('x', 'y') AS kind,
            uuid() AS code, [1, 2] AS list, {'a': 1} AS object, DATE '2026-01-01' AS day, TRUE AS flag, 'b'::BLOB AS bytes"""
        )
    (block,) = read_blocks(f"duckdb:///{tmp_path / 'w.duckdb'}", _resource(), None, 10)
    write_parquet(tmp_path / "w.parquet", block)
    back = pyarrow.parquet.read_table(tmp_path / "w.parquet")
    assert count_parquet(tmp_path / "w.parquet") == 1
    row = back.drop(["code", "span"]).to_pylist()[0]
    assert row == {
        "id": "a", "updated_at": START, "whole": 7, "amount": Decimal("1.10"), "nothing": None, "kind": "x",
        "list": [1, 2], "object": {"a": 1}, "day": START.date(), "flag": True, "bytes": b"b",
    }  # fmt: skip
    assert back.schema.field("amount").type == pa.decimal128(10, 2)
    assert back.schema.field("span").type == pa.string()


def test_a_column_of_several_types_is_text(tmp_path: Path) -> None:
    """SQLite keeps what it is given, row by row; nothing of it is lost."""
    with sqlite3.connect(tmp_path / "w.sqlite") as connection:
        connection.execute("CREATE TABLE visits (id, updated_at, score)")
        rows = [("a", 1, 5), ("b", 2, "high"), ("c", 3, None), ("d", 4, 2**62), ("e", 5, 2.5)]
        connection.executemany("INSERT INTO visits VALUES (?, ?, ?)", rows)
    blocks = list(read_blocks(f"sqlite:///{tmp_path / 'w.sqlite'}", _resource(), None, 2))
    assert [block["score"].to_pylist() for block in blocks] == [["5", "high"], [None, 2**62], [2.5]]


def test_a_column_that_is_not_there(database: Database) -> None:
    """A watermark or key with a typing error is told, also by databases that would take it for a text."""
    database.add([record(0)])
    for said in ({"watermark": {"column": "updatd_at"}}, {"primary_key": ["idd"]}):
        with pytest.raises((ConfigError, DataError), match=r"updatd_at|idd"):
            _ids(database.url, _resource(**said))


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([1, 2, None], 2),
        ([None, None], None),
        (["2026-01-01 00:00:00", "2099-01-01 00:00:00"], "2026-01-01 00:00:00"),
        ([START, START + timedelta(days=40_000)], START),
        ([START + timedelta(days=40_000)], None),
    ],
)
def test_last_mark(marks: list[Any], expected: Any) -> None:
    """The last of the block that has come already."""
    until = datetime(2026, 3, 1, tzinfo=UTC)
    assert last_mark(pa.table({"w": marks}), "w", until=until) == expected


@given(
    st.lists(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text() | st.uuids()
        | st.decimals(allow_nan=False, allow_infinity=False, places=2) | st.datetimes() | st.dates() | st.timedeltas(),
        max_size=6,
    )
)  # fmt: skip
def test_every_column_of_values_becomes_one_of_arrow(values: list[Any]) -> None:
    """Of whatever types: as many values, the absent ones absent."""
    array = _array(values)
    assert len(array) == len(values)
    assert [value is None for value in array.to_pylist()] == [value is None for value in values]
