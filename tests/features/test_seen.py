"""What was known of each customer at its snapshot."""

from datetime import timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from features.seen import enrich, seen_within, touchpoints_as_known
from journeys.lake.tables import TABLES, TIMESTAMP
from tests.features.drawn import at
from tests.journeys.made_up import Touch, config_of, customer, identifier

OWNERS = [
    # name, customer, known from, known to
    ("a", "a", 0, None),
    ("b", "b", 0, 50),
    ("b", "a", 50, None),
]
TOUCHES = [
    Touch("a", "visit home", 10),
    Touch("b", "use", 11),
    Touch("a", "known late", 12, lag=40),
    Touch("b", "much later", 90),
]


CUSTOMERS = [
    {
        "identifier_id": identifier(owner),
        "customer_id": customer(of),
        "known_at": at(since),
        "known_to": None if until is None else at(until),
    }
    for owner, of, since, until in OWNERS
]


def _tables(name: str, hours: float) -> tuple[ibis.Table, ibis.Table, ibis.Table]:
    """Return touchpoints, customers, and a spine of one row."""
    spine = pa.Table.from_pylist(
        [{"customer_id": customer(name), "snapshot_at": at(hours)}],
        schema=pa.schema({"customer_id": pa.string(), "snapshot_at": TIMESTAMP}),
    )
    return (
        ibis.memtable(pa.Table.from_pylist([touch.row() for touch in TOUCHES], schema=TABLES["touchpoints"].schema)),
        ibis.memtable(pa.Table.from_pylist(CUSTOMERS, schema=TABLES["customers"].schema)),
        ibis.memtable(spine),
    )


def _known(engine: Any, name: str, hours: float) -> list[str]:
    found = touchpoints_as_known(*_tables(name, hours))
    names: list[str] = engine.to_pyarrow(found.order_by("event_at"))["touchpoint"].to_pylist()
    return names


@pytest.mark.parametrize(
    ("name", "hours", "window", "is_seen"),
    [
        ("a", 20, 10, True),
        ("a", 20, 9.99, False),
        ("a", 51, 30, False),
        ("a", 52, 40, True),
        ("b", 20, 24, True),
        ("b", 9, 1000, False),
    ],
    ids=["at the edge", "just outside", "happened within, but not known yet", "known now", "own", "before the first"],
)
def test_seen_within_the_window(engine: Any, name: str, hours: float, window: float, is_seen: bool) -> None:
    """Only touchpoints that had happened and were known by the snapshot, not longer ago than the window."""
    touchpoints, customers, spine = _tables(name, hours)
    found = seen_within(touchpoints, customers, spine.mutate(label=1), timedelta(hours=window))
    assert engine.to_pyarrow(found).num_rows == is_seen
    assert found.columns == ("customer_id", "snapshot_at", "label")


@pytest.mark.parametrize(
    ("name", "hours", "expected"),
    [
        ("a", 9, []),
        ("a", 20, ["visit home"]),
        ("b", 20, ["use"]),
        ("a", 49, ["visit home"]),
        ("a", 50, ["visit home", "use"]),
        ("a", 52, ["visit home", "use", "known late"]),
        ("a", 90, ["visit home", "use", "known late", "much later"]),
        ("b", 50, []),
    ],
)
def test_as_known(engine: Any, name: str, hours: float, expected: list[str]) -> None:
    """A touchpoint is seen once it has happened and is known, by the customer to whom it was believed to belong."""
    assert _known(engine, name, hours) == expected


def test_columns(engine: Any) -> None:
    """Each touchpoint knows its age, its wait, its place, and whether it repeats, loops, or enters a stage."""
    names = ["visit home", "visit home", "trial", "visit home", "mail sent"]
    rows = [
        Touch("a", name, hours, key=f"t{hours}").row() | {"customer_id": "c_one", "snapshot_at": at(24)}
        for hours, name in enumerate(names)
    ]
    columns = TABLES["touchpoints"].columns | {"customer_id": pa.string(), "snapshot_at": TIMESTAMP}
    seen = enrich(engine, ibis.memtable(pa.Table.from_pylist(rows, schema=pa.schema(columns))), config_of())
    found = engine.to_pyarrow(seen.order_by("line_number")).to_pydict()
    assert found["age_days"] == [1.0 - hours / 24 for hours in range(5)]
    assert found["gap_hours"] == [None, 1.0, 1.0, 1.0, 1.0]
    assert found["is_last"] == [False, False, False, False, True]
    assert found["is_current"] == [True] * 5
    assert found["is_repeat"] == [False, True, False, False, False]
    assert found["is_loop"] == [False, False, False, True, False]
    assert found["is_unanswered"] == [False, False, False, False, True]
    assert found["enters"] == [True, False, True, False, False]
    assert found["stage"] == ["look", "look", "try", "try", "try"]
