import json
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from journeys.config.errors import DataError
from journeys.lake.delta import Lake
from journeys.lake.tables import INTEGER, Table
from tests.journeys.lake.drawn import COLUMNS, DRAWN, drawn_of, rows

A, B, C = ("a", "x", 1, 1), ("b", "y", 2, 2), ("c", "y", 2, 3)


def test_a_table_that_does_not_exist_is_empty(lake: Lake, connection: Any) -> None:
    """Before its first write a table reads as no rows in the declared columns, and has no version."""
    names = DRAWN["parted"].schema.names
    assert lake.read("parted").num_rows == 0
    assert lake.read("parted").schema.names == names
    assert lake.read("parted", columns=["count"]).schema.names == ["count"]
    scanned = lake.scan(connection, "parted")
    assert (list(scanned.columns), scanned.count().execute()) == (names, 0)
    assert lake.version("parted") is None
    assert lake.schema_version("parted") is None
    assert lake.versions(DRAWN) == {}


@pytest.mark.parametrize("call", [lambda lake: lake.read("partd"), lambda lake: lake.version("partd")])
def test_an_unknown_table_names_the_nearest(lake: Lake, call: Callable[[Lake], Any]) -> None:
    """A table that nobody declared is an error that lists the nearest."""
    with pytest.raises(DataError, match=r"^There is no table 'partd'; did you mean parted\?$"):
        call(lake)


def test_replace_whole(lake: Lake) -> None:
    """Without `where` the new rows are all that remains."""
    lake.replace("parted", rows(A, B), run_id="1")
    lake.replace("parted", rows(C), run_id="2")
    assert drawn_of(lake.read("parted")) == [C]
    lake.replace("parted", rows(), run_id="3")
    assert lake.read("parted").num_rows == 0


@pytest.mark.parametrize(
    ("table", "where", "new", "expected"),
    [
        ("parted", {"part": ["y"]}, [("d", "y", 2, 4)], [A, ("d", "y", 2, 4)]),
        ("parted", {"part": ["y"]}, [], [A]),
        ("parted", {"part": ["z"]}, [("d", "z", 2, 4)], [A, B, C, ("d", "z", 2, 4)]),
        ("parted", {"part": ["x", "y"]}, [("d", "x", 2, 4)], [("d", "x", 2, 4)]),
        ("parted", {"part": []}, [], [A, B, C]),
        ("parted", {"part": ["y' OR '1'='1"]}, [], [A, B, C]),
        ("bucketed", {"bucket": [2]}, [("d", "y", 2, 4)], [A, ("d", "y", 2, 4)]),
    ],
)
def test_replace_by_partition(
    lake: Lake, table: str, where: dict[str, list[str | int]], new: list[Any], expected: list[Any]
) -> None:
    """Only the partitions named are replaced; none named replaces none."""
    lake.replace(table, rows(A, B, C), run_id="1")
    lake.replace(table, rows(*new), run_id="2", where=where)
    assert drawn_of(lake.read(table)) == expected


def test_a_row_outside_its_partition_is_refused(lake: Lake) -> None:
    """A row that does not lie in `where` would appear twice at the next run: nothing is written, and no row shown."""
    lake.replace("parted", rows(A), run_id="1")
    for where in ({"part": ["x"]}, {"part": []}):
        with pytest.raises(DataError) as raised:
            lake.replace("parted", rows(("b", "y", 2, 2)), run_id="2", where=where)
        assert str(raised.value) == (
            "Table parted: 1 rows lie outside the part that the write replaces; nothing was written."
        )
    assert drawn_of(lake.read("parted")) == [A]


def test_add_new_adds(lake: Lake) -> None:
    """Added rows stand beside those before; a key that is there keeps its row."""
    versions = [lake.add_new("plain", rows(row), run_id="1") for row in (A, B)]
    assert versions[0] < versions[1] == lake.version("plain")
    lake.add_new("plain", rows((A[0], "other", 9, 9)), run_id="2")
    assert drawn_of(lake.read("plain")) == [A, B]


def test_two_who_add_the_same_at_once(tmp_path: Path) -> None:
    """Of one row that two writers add at the same time there is one."""
    start = threading.Barrier(2)
    failures: list[BaseException] = []

    def write(seed: int) -> None:
        lake = Lake(str(tmp_path), tables=DRAWN, rng=random.Random(seed))
        try:
            start.wait(timeout=30)
            for turn in range(4):
                lake.add_new("plain", rows((f"row {turn}", "x", 1, turn)), run_id=str(seed))
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert failures == []
    assert [row[0] for row in drawn_of(Lake(str(tmp_path), tables=DRAWN).read("plain"))] == [
        f"row {turn}" for turn in range(4)
    ]


@pytest.mark.parametrize("write", ["replace", "add_new"])
@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ([A, B, B, B], "Table parted: 2 rows repeat the key (key); nothing was written."),
        ([A, (None, "x", 1, 1)], "Table parted: 1 rows have no key; nothing was written."),
    ],
)
def test_keys_are_unique_and_given(lake: Lake, write: str, new: list[Any], sentence: str) -> None:
    """A repeated or absent key is refused with the number of rows, and the table stays as it was."""
    version = lake.replace("parted", rows(C), run_id="1")
    with pytest.raises(DataError) as raised:
        getattr(lake, write)("parted", rows(*new), run_id="2")
    assert str(raised.value) == sentence
    assert lake.version("parted") == version
    assert drawn_of(lake.read("parted")) == [C]


def test_missing_columns_are_named(lake: Lake) -> None:
    """A write that lacks columns says which."""
    with pytest.raises(DataError) as raised:
        lake.replace("parted", rows(A).drop_columns(["count", "made_at"]), run_id="1")
    assert str(raised.value) == "Table parted needs the columns count, made_at, which the write does not bring."


def test_rows_are_conformed(lake: Lake) -> None:
    """Order of columns, narrower types and foreign columns do not matter; a reader of batches does as well."""
    table = rows(A, B, foreign=1)
    narrow = table.set_column(3, "count", table["count"].cast(pa.int8())).select(sorted(table.column_names))
    lake.replace("parted", pa.RecordBatchReader.from_batches(narrow.schema, narrow.to_batches()), run_id="1")
    found = lake.read("parted")
    assert found.schema.names == DRAWN["parted"].schema.names
    assert found.schema.types == DRAWN["parted"].schema.types
    assert drawn_of(found) == [A, B]


def test_reading_at_a_version(lake: Lake, connection: Any) -> None:
    """A pinned version is read as it was, however often the table was written since."""
    first = lake.replace("parted", rows(A), run_id="1")
    second = lake.replace("parted", rows(B, C), run_id="2")
    assert lake.versions(["parted", "plain"]) == {"parted": second}
    assert drawn_of(lake.read("parted", version=first)) == [A]
    assert drawn_of(lake.scan(connection, "parted", version=first).to_pyarrow()) == [A]
    assert drawn_of(lake.read("parted")) == [B, C]


@pytest.mark.parametrize("table", list(DRAWN))
def test_scan_equals_read(lake: Lake, connection: Any, table: str) -> None:
    """A scan has the rows, columns and types of a read, partition values among them."""
    lake.replace(table, rows(A, B, C), run_id="1")
    scanned = lake.scan(connection, table).to_pyarrow()
    assert scanned.schema.types == DRAWN[table].schema.types
    assert drawn_of(scanned) == drawn_of(lake.read(table)) == [A, B, C]


@pytest.mark.parametrize("value", ["it's", "a b", "x=y", "ä/ö", "50%", "20260301T020000Z", "007"])
def test_partition_values_come_back(lake: Lake, connection: Any, value: str) -> None:
    """A partition's value is the same after it stood in a path, and can be replaced by it."""
    lake.replace("parted", rows(("a", value, 1, 1)), run_id="1")
    assert lake.scan(connection, "parted").part.execute().to_list() == [value]
    lake.replace("parted", rows(("b", value, 1, 1)), run_id="2", where={"part": [value]})
    assert lake.read("parted")["key"].to_pylist() == ["b"]


def test_stored_columns_without_a_declaration(lake: Lake, connection: Any) -> None:
    """A reader that knows no declaration gets the columns that a table has."""
    lake.replace("parted", rows(A, B), run_id="1")
    stranger = Lake(lake.root, tables={})
    assert drawn_of(stranger.scan_stored(connection, "parted").to_pyarrow()) == [A, B]


def test_the_table_says_what_it_is(lake: Lake) -> None:
    """Schema version, grain and key stand in the table, and the run in its commit."""
    lake.replace("parted", rows(A), run_id="run-7")
    delta = DeltaTable(lake.uri("parted"))
    assert lake.schema_version("parted") == 1
    assert delta.metadata().configuration == {"schema_version": "1"}
    assert json.loads(delta.metadata().description) == {"grain": "One drawn row in a part", "key": ["key"]}
    assert delta.history(1)[0]["run_id"] == "run-7"


@pytest.mark.parametrize("write", ["replace", "add_new"])
def test_a_newer_schema_is_refused(lake: Lake, write: str) -> None:
    """A table written by a newer release is not touched, and the sentence says to update."""
    newer = Lake(lake.root, tables={"plain": Table("plain", "One drawn row", ("key",), COLUMNS, schema_version=3)})
    newer.replace("plain", rows(A), run_id="1")
    with pytest.raises(DataError) as raised:
        getattr(lake, write)("plain", rows(B), run_id="2")
    assert str(raised.value) == (
        f"Table {lake.uri('plain')} was written by a newer release (schema 3); update desirelines."
    )
    assert drawn_of(lake.read("plain")) == [A]


def test_an_older_schema_is_raised(lake: Lake) -> None:
    """The first write of a newer release raises the version that stands in the table."""
    lake.replace("plain", rows(A), run_id="1")
    newer = Lake(lake.root, tables={"plain": Table("plain", "One drawn row", ("key",), COLUMNS, schema_version=2)})
    newer.replace("plain", rows(B), run_id="2")
    assert lake.schema_version("plain") == 2


@pytest.mark.parametrize("write", ["replace", "add_new"])
def test_new_columns_are_merged(lake: Lake, connection: Any, write: str) -> None:
    """A table of an earlier declaration reads a new column as null, and takes it with the next write."""
    lake.replace("plain", rows(A), run_id="1")
    lake.declare(Table("plain", "One drawn row", ("key",), {**COLUMNS, "extra": INTEGER}))
    assert lake.read("plain")["extra"].to_pylist() == [None]
    assert lake.scan(connection, "plain").extra.execute().isna().to_list() == [True]
    if write == "replace":
        lake.replace(
            "plain", pa.concat_tables([rows(A, extra=None), rows(B, extra=7)], promote_options="permissive"), run_id="2"
        )
    else:
        lake.add_new("plain", rows(B, extra=7), run_id="2")
    found = {row["key"]: row["extra"] for row in lake.read("plain").to_pylist()}
    assert found == {"a": None, "b": 7}
    assert lake.scan(connection, "plain").order_by("key").extra.to_pyarrow().to_pylist() == [None, 7]


def _conflicting(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let the next `times` commits meet another writer."""
    left = iter(range(times))
    created = Lake._created

    def created_or_conflict(lake: Lake, declared: Table) -> Any:
        if next(left, None) is not None:
            raise CommitFailedError("another writer was faster")
        return created(lake, declared)

    monkeypatch.setattr(Lake, "_created", created_or_conflict)


@pytest.mark.parametrize("write", ["replace", "add_new"])
def test_conflicts_are_retried_with_growing_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: str) -> None:
    """After a conflict the write is tried again, each wait twice as long with the jitter that was given."""
    waits: list[float] = []
    lake = Lake(str(tmp_path), tables=DRAWN, rng=random.Random(5), sleep=waits.append)
    _conflicting(monkeypatch, 3)
    getattr(lake, write)("plain", rows(A), run_id="1")
    jitter = random.Random(5)
    assert waits == [0.05 * 2**attempt * (0.5 + jitter.random()) for attempt in range(3)]
    assert drawn_of(lake.read("plain")) == [A]


def test_conflicts_without_end_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After eight attempts the conflict is told, and nothing was written."""
    waits: list[float] = []
    lake = Lake(str(tmp_path), tables=DRAWN, sleep=waits.append)
    lake.replace("plain", rows(A), run_id="1")
    _conflicting(monkeypatch, 8)
    with pytest.raises(CommitFailedError):
        lake.replace("plain", rows(B), run_id="2")
    assert len(waits) == 7
    assert drawn_of(lake.read("plain")) == [A]


def test_two_writers_at_once(tmp_path: Path) -> None:
    """Two writers of different partitions at the same time both end, and each partition is whole."""
    start = threading.Barrier(2)
    failures: list[BaseException] = []

    def write(part: str) -> None:
        lake = Lake(str(tmp_path), tables=DRAWN, rng=random.Random(part))
        try:
            start.wait(timeout=30)
            for turn in range(4):
                lake.replace("parted", rows((f"{part}{turn}", part, 1, turn)), run_id=part, where={"part": [part]})
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(part,)) for part in "xy"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert failures == []
    assert drawn_of(Lake(str(tmp_path), tables=DRAWN).read("parted")) == [("x3", "x", 1, 3), ("y3", "y", 1, 3)]


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """Return a place below which no folder can be made, whoever asks."""
    (tmp_path / "file").write_text("a file is in the way")
    return tmp_path / "file" / "lake"


@pytest.mark.parametrize("write", ["replace", "add_new"])
def test_an_unwritable_lake_is_one_sentence(blocked: Path, write: str) -> None:
    """A lake that cannot be written says where and what to do."""
    lake = Lake(str(blocked), tables=DRAWN)
    with pytest.raises(DataError) as raised:
        getattr(lake, write)("plain", rows(A), run_id="1")
    text = str(raised.value)
    assert text.startswith(f"Cannot write table {blocked}/plain (")
    assert len(text.splitlines()) == 1
    assert text.endswith("); make the folder writable or choose another --home.")
