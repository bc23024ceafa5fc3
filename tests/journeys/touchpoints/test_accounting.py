import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config.errors import DataError
from journeys.engine import materialize
from journeys.sources.record import PREVIEW, WITHDRAWN
from journeys.touchpoints.accounting import (
    FileCount,
    Refusals,
    check_reconciles,
    count_files,
    refusals_by_file,
)


@pytest.mark.parametrize(("read", "is_whole"), [(6, True), (7, False), (5, False)])
def test_check_reconciles(read, is_whole):
    """Rows read are loaded, duplicates or quarantined; else the file is not consumed, with all counts."""
    count = FileCount("orders/a.csv", read, 3, 2, 1, 99)
    if is_whole:
        check_reconciles(count)
        return
    with pytest.raises(DataError) as raised:
        check_reconciles(count)
    assert str(raised.value) == (
        f"orders/a.csv: {read} rows were read and 6 are accounted for (3 loaded, 2 duplicates, 1 quarantined); "
        "the file was not consumed, please report this."
    )


@pytest.mark.parametrize(("read", "quarantined", "share"), [(4, 1, 0.25), (0, 0, 0.0)])
def test_reject_share(read, quarantined, share):
    """The share of refused rows is of the rows read; of none it is none."""
    assert FileCount("f", read, read - quarantined, 0, quarantined, 0).reject_share == share


_SCHEMAS = {
    "verdicts": {"load_id": "string", "line": "int64", "is_new": "boolean"},
    "touchpoints": {"load_id": "string"},
    "refused": {"load_id": "string", "line": "int64", "reason": "string", "rule": "string"},
}


def _table(engine, kind, rows):
    return materialize(engine, ibis.memtable(rows, schema=_SCHEMAS[kind]), kind)


def test_refusals_name_the_first_line(engine):
    """Each file's refusals are counted, with the line and reason of the first."""
    rows = [
        ("a", 7, "Late.", "future"),
        ("a", 3, "First.", "future"),
        ("a", 2, "Gone.", WITHDRAWN),
        ("b", 1, "Only.", "future"),
        ("c", 5, "Tried.", PREVIEW),
    ]
    assert refusals_by_file(_table(engine, "refused", rows)) == {
        "a": Refusals(3, 3, "First.", 1),
        "b": Refusals(1, 1, "Only.", 0),
        "c": Refusals(1, 5, "Tried.", 1),
    }


@pytest.mark.parametrize(
    ("count", "count_withdrawn", "share", "are_too_many"),
    [
        (1, 0, 0.1, False),
        (2, 0, 0.1, True),
        (9, 8, 0.1, False),
        (10, 8, 0.1, True),
        (10, 10, 0.0, False),
        (1, 0, 0.0, True),
    ],
)
def test_withdrawn_rows_are_no_fault(count, count_withdrawn, share, are_too_many):
    """Rows that their vendor deleted do not count against the share that a source may have refused."""
    assert Refusals(count, 1, "No.", count_withdrawn).are_too_many(10, share) == are_too_many


@settings(max_examples=25, deadline=None)
@given(
    verdicts=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 6), st.booleans()), max_size=25),
    touchpoints=st.lists(st.tuples(st.sampled_from("abc")), max_size=8),
    refusals=st.dictionaries(st.sampled_from("abc"), st.integers(1, 4)),
)
def test_count_files_as_counted_by_hand(engine, verdicts, touchpoints, refusals):
    """A row is loaded when one of its outcomes is new, and a duplicate when none is; every file read has a count."""
    read = {name: (f"{name}.csv", 10) for name in "abc"}
    found = count_files(
        read,
        _table(engine, "verdicts", verdicts),
        _table(engine, "touchpoints", touchpoints),
        {name: Refusals(count, 1, "No.") for name, count in refusals.items()},
    )
    expected = {}
    for name, (file, rows) in read.items():
        lines: dict[int, bool] = {}
        for load_id, line, is_new in verdicts:
            if load_id == name:
                lines[line] = lines.get(line, False) or is_new
        loaded = sum(lines.values())
        new = sum(load_id == name for (load_id,) in touchpoints)
        expected[name] = FileCount(file, rows, loaded, len(lines) - loaded, refusals.get(name, 0), new)
    assert found == expected
