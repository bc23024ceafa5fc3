"""Tables as loaders land them, whichever vendor's."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeys.config.errors import UnsupportedTableError
from journeys.sources.vendor_tables import words
from tests.journeys.sources.drawn import json_lines, read, source_of, table, told

ROW = {"id": "7", "created_date": "2026-02-01 10:00:00", "contact_id": "0031"}


def test_what_is_not_read_is_named(connection: Any, tmp_path: Path) -> None:
    """A table of which nothing is read is told with those that are."""
    with pytest.raises(
        UnsupportedTableError,
        match=r"user_role\.csv holds no table .* of Salesforce; read are account, account_history, case, contact",
    ):
        read(connection, table(tmp_path, "user_role.csv", {"id": "1"}), source_of("salesforce"))


def test_columns_by_any_spelling(connection: Any, tmp_path: Path) -> None:
    """Columns go by the vendor's names or a loader's, in any case, with the quotes of a warehouse or without."""
    for number, names in enumerate([("id", "created_date"), ("ID", "CREATED_DATE"), ('"Id"', '"CreatedDate"')]):
        folder = tmp_path / str(number)
        folder.mkdir()
        row = {names[0]: "7", names[1]: ROW["created_date"], "contact_id": "0031"}
        found = told(connection, folder, "salesforce", "case.csv", row)
        assert found["case_created"]["event_at"] == datetime(2026, 2, 1, 10, tzinfo=UTC)


def test_formats_agree(connection: Any, tmp_path: Path) -> None:
    """The same rows tell the same from CSV, JSON lines and Parquet."""
    paths = [table(tmp_path, "case.csv", ROW), json_lines(tmp_path, ROW, name="case.jsonl"), tmp_path / "case.parquet"]
    pq.write_table(pa.Table.from_pylist([ROW]), paths[2])
    found = [read(connection, path, source_of("salesforce")) for path in paths]
    for records in found:
        for record in records:
            del record["raw"], record["line"]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"is_deleted": "true"}, "deleted_by_vendor"),
        ({"_fivetran_deleted": "TRUE"}, "deleted_by_vendor"),
        ({"is_deleted": "false"}, None),
        ({"id": ""}, "missing_id"),
        ({"created_date": ""}, "unreadable_time"),
        ({"created_date": "soon"}, "unreadable_time"),
    ],
)
def test_rows_that_are_refused(connection: Any, tmp_path: Path, change: dict[str, str], rule: str | None) -> None:
    """A row that was withdrawn, or has no key or time, is refused with its reason."""
    (record,) = read(connection, table(tmp_path, "case.csv", ROW | change), source_of("salesforce"))
    assert record["problem_rule"] == rule


def test_times_without_a_zone(connection: Any, tmp_path: Path) -> None:
    """Loaders write UTC; a source that does not says so."""
    path = table(tmp_path, "case.csv", ROW)
    (utc,) = read(connection, path, source_of("salesforce"))
    (local,) = read(connection, path, source_of("salesforce", time_zone="Europe/Berlin"))
    assert (utc["event_at"] - local["event_at"]).total_seconds() == 3600


def test_keys_are_of_their_table_and_event(connection: Any, tmp_path: Path) -> None:
    """One row tells several things, each with a key of its own, the same whenever it is read."""
    row = ROW | {"closed_date": "2026-02-02 10:00:00"}
    found = told(connection, tmp_path, "salesforce", "case.csv", row)
    assert {record["source_record_id"] for record in found.values()} == {"case:7:case_created", "case:7:case_closed"}


def test_words(connection: Any) -> None:
    """Texts follow one another; where one is missing there is no word."""
    assert connection.execute(words("stage: ", words("won"))) == "stage: won"


@pytest.mark.parametrize(
    ("change", "rule"), [({}, None), ({"id": None}, "missing_id"), ({"created_at": "soon"}, "unreadable_time")]
)
def test_elements_of_a_list(connection: Any, tmp_path: Path, change: dict[str, Any], rule: str | None) -> None:
    """Each element of a list tells what it tells, on the line of its row; a fault of it is its row's."""
    part = {"id": "p1", "part_type": "comment", "created_at": 1769940000, "author": {"type": "user", "id": "c1"}}
    parts = {"conversation_parts": [part, part | {"id": "p2"} | change]}
    row = {"id": "v1", "created_at": 1769940000, "conversation_parts": parts}
    path = json_lines(tmp_path, row, row | {"id": "v2", "conversation_parts": None}, name="conversations.jsonl")
    records = read(connection, path, source_of("intercom"))
    assert [record["line"] for record in records] == [1, 1, 1, 2]
    assert {record["problem_rule"] for record in records} == {None, rule}


def test_a_table_of_several_names(connection: Any, tmp_path: Path) -> None:
    """A row has the same key under whichever of its table's names it comes."""
    row = {"id": "7", "from": "+14155550100", "start_time": "2026-02-01T10:00:00Z", "direction": "inbound"}
    names = ("call", "calls", "call_log", "call_history")
    paths = [table(tmp_path, f"{name}.csv", row) for name in names]
    keys = {read(connection, path, source_of("calls"))[0]["source_record_id"] for path in paths}
    assert keys == {"call:7:call_received"}
