import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.touchpoints.accounting import FileCount
from journeys.touchpoints.batch import WRITE_ORDER, load_batch
from journeys.touchpoints.files import find_files
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.killed import KilledError, KilledLake
from tests.journeys.touchpoints.shop import (
    HEADER,
    LOADED,
    ORDERS,
    at,
    contents,
    order,
    rows_of,
    shop_in,
    write,
)


def test_a_batch_says_what_became_of_each_file(tmp_path):
    """Consumed, rejected and unreadable files are told apart, each file is reported as read."""
    workspace = shop_in(tmp_path, orders=ORDERS | {"touchpoints": [{"event": "buy"}]})
    write(tmp_path, "orders/a.csv", order(1), order(1), "r2,buy,soon,u2", order(3, what="look"))
    write(tmp_path, "orders/b.csv", "r4,buy,soon,u4")
    write(tmp_path, "orders/c.csv")
    files = find_files(workspace.project, "orders", workspace.project.config.sources["orders"])
    seen = []
    result = load_batch(workspace, "orders", files, None, seen.append)
    assert result.counts == (FileCount("orders/a.csv", 4, 2, 1, 1, 2),)
    assert result.rejected == (FileCount("orders/b.csv", 1, 0, 0, 1, 0),)
    assert [sentence.split(";")[0] for sentence in result.failures] == [
        "sources.orders: c.csv has a header and no rows",
        "sources.orders: orders/b.csv cannot be loaded: 1 of 1 rows (100.0%) are refused, more than max_reject_share "
        "50.0% allows",
    ]
    assert result.unmatched == (("look", 1),)
    assert seen == files
    assert [row[0] for row in rows_of(workspace, "loads", "file")] == ["orders/a.csv"]
    assert rows_of(workspace, "quarantine", "file", "line") == [("orders/a.csv", 4), ("orders/b.csv", 2)]


class _KilledLake(KilledLake):
    """A lake that is also killed before rows are added."""

    def add_new(self, name: str, data: pa.Table, *, run_id: str) -> int:
        if self._left == 0:
            raise KilledError(name)
        self._left -= 1
        return super().add_new(name, data, run_id=run_id)


MIXED = {
    **ORDERS,
    "columns": {**ORDERS["columns"], "text": "note"},
    "identifiers": {"user_id": "client", "email": "mail"},
}


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    """A shop with a lake in which yesterday's file is, today's file beside it, and what an undisturbed load makes."""
    folder = tmp_path_factory.mktemp("earlier")
    header = f"{HEADER},note,mail"
    write(folder, "orders/a.csv", f"{order(1)},,ann@example.org", f"{order(2)},fine,", header=header)
    load_touchpoints(shop_in(folder, orders=MIXED, run_id="earlier"))
    shutil.copytree(folder / "home", folder / "before")
    rows = [
        f"{order(2)},,",
        f"{order(3, hours=60)},late,bo@example.org",
        f"{order(4, hours=1)},,ann@example.org",
        "r5,buy,soon,u5,,",
    ]
    write(folder, "orders/b.csv", *rows, header=header)
    undisturbed = shop_in(folder, orders=MIXED, run_id="today")
    load_touchpoints(undisturbed)
    expected = contents(undisturbed)
    assert all(
        len(rows) > 1
        for name, rows in expected.items()
        if name
        not in {
            "customer_attributes",
            "account_attributes",
            "consents",
            "channel_spend",
            "quarantine",
            "touchpoint_flags",
        }
    )
    return folder, expected


@pytest.mark.parametrize(
    ("fatal", "retry"), [*((name, "today") for name in LOADED), ("customer_attributes", "again"), ("loads", "again")]
)
def test_killed_before_any_write_and_run_again(earlier, fatal, retry):
    """Whichever write a load is killed before, run again, by the same run or another, the tables are the same."""
    folder, expected = earlier
    shutil.rmtree(folder / "home")
    shutil.copytree(folder / "before", folder / "home")
    lake = _KilledLake(str(folder / "home/lake"), fatal=LOADED.index(fatal))
    with pytest.raises(KilledError, match=f"^{fatal}$"):
        load_touchpoints(shop_in(folder, lake=lake, orders=MIXED, run_id="today"))
    workspace = shop_in(folder, orders=MIXED, run_id=retry)
    load_touchpoints(workspace)
    assert contents(workspace) == expected


def test_what_says_that_all_is_there_comes_last():
    """Links and texts are written before the touchpoints, and the vault before what names its identifiers."""
    assert WRITE_ORDER[0] == "identifier_vault"
    assert WRITE_ORDER[-1] == "touchpoints"


# A row of a drawn file: its record key, whether its time can be read, and who it names.
_ROWS = st.tuples(
    st.integers(1, 6), st.sampled_from(["good", "good", "good", "bad time", "nobody", "ragged"]), st.integers(1, 3)
)


def _written(row):
    number, kind, client = row
    text = (
        f"r{number},buy,{'soon' if kind == 'bad time' else at(number)},{'null' if kind == 'nobody' else f'u{client}'}"
    )
    return f"{text},more" if kind == "ragged" else text


@settings(max_examples=8, deadline=None)
@given(
    loads=st.lists(st.lists(st.lists(_ROWS, min_size=1, max_size=5), min_size=1, max_size=3), min_size=1, max_size=2)
)
def test_rows_as_counted_by_hand(tmp_path_factory, loads):
    """Over several loads of several files, counts and touchpoints are those of a plain loop over the rows."""
    folder: Path = tmp_path_factory.mktemp("drawn")
    source = ORDERS | {"max_reject_share": 1}
    workspaces = [shop_in(folder, run_id=f"run-{turn}", orders=source) for turn in range(len(loads))]
    seen: dict[str, tuple[str, str]] = {}
    expected = []
    for turn, files in enumerate(loads):
        for place, drawn in enumerate(files):
            name = f"orders/{turn}-{place}.csv"
            rows = [*drawn, (100 + 10 * turn + place, "good", 1)]  # the last row makes the content the file's own
            write(folder, name, *map(_written, rows))
            loaded = duplicates = quarantined = 0
            for number, kind, client in rows:
                if kind != "good":
                    quarantined += 1
                elif f"r{number}" in seen:
                    duplicates += 1
                else:
                    loaded += 1
                    seen[f"r{number}"] = (f"u{client}", name)
            expected.append((name, len(rows), loaded, duplicates, quarantined, loaded))
        load_touchpoints(workspaces[turn])
    parts = ("read", "loaded", "duplicate", "quarantined")
    columns = [*(f"count_rows_{part}" for part in parts), "count_touchpoints"]
    workspace = workspaces[-1]
    assert rows_of(workspace, "loads", "file", *columns) == sorted(expected)
    vault = dict(rows_of(workspace, "identifier_vault", "identifier_id", "value"))
    names = dict(rows_of(workspace, "loads", "load_id", "file"))
    found = rows_of(workspace, "touchpoints", "source_record_id", "identifier_ids", "load_id")
    assert {key: (vault[who], names[load]) for key, (who,), load in found} == seen
    assert set(vault.values()) == {client for client, _ in seen.values()}
