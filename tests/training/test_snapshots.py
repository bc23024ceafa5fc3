"""The instants from which training looks."""

from datetime import datetime, timedelta
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from journeys.config.targets import Target
from journeys.lake.tables import TABLES, TIMESTAMP
from tests.journeys.made_up import START, customer, identifier
from training.snapshots import MOST_CALENDAR_SNAPSHOTS, calendar_snapshots, in_time_order, training_spine


def _at(days: float) -> datetime:
    return START + timedelta(days=days)


@pytest.mark.parametrize(
    ("first", "last", "every", "expected"),
    [
        (0, 28, 7, [7, 14, 21, 28]),
        (0, 27, 7, [13, 20, 27]),
        (0, 7, 7, [7]),
        (0, 6, 7, []),
        (5, 5, 7, []),
        (5, 1, 7, []),
    ],
    ids=["whole steps", "counted from the end", "one", "too short", "no time", "turned round"],
)
def test_calendar(first: int, last: int, every: int, expected: list[int]) -> None:
    """A calendar is counted back from the last instant, down to one step after the first."""
    found = calendar_snapshots(_at(first), _at(last), timedelta(days=every))
    assert found == [_at(day) for day in expected]


def test_a_calendar_has_an_end() -> None:
    """Of a long history only the latest snapshots are taken."""
    found = calendar_snapshots(_at(0), _at(5_000), timedelta(days=7))
    assert len(found) == MOST_CALENDAR_SNAPSHOTS
    assert found[-1] == _at(5_000)


def _spine(engine: Any, snapshots: dict[str, Any], known_until: float, lag: float) -> set[tuple[str, float]]:
    """Return the spine of two customers, of whom b became a on day 10; the horizon is five days, the gap one."""
    journeys = [
        # journey, step, day; all under the customer of today
        ("one", 1, 0),
        ("one", 2, 2),
        ("one", 3, 12),
        ("two", 1, 20),
    ]
    steps = pa.Table.from_pylist(
        [
            {"customer_id": customer("a"), "journey_id": journey, "step_number": step, "event_at": _at(day)}
            for journey, step, day in journeys
        ],
        schema=pa.schema(
            {"customer_id": pa.string(), "journey_id": pa.string(), "step_number": pa.int64(), "event_at": TIMESTAMP}
        ),
    )
    owners = [("a", "a", 0, None), ("b", "b", 1, 10), ("b", "a", 10, None)]
    customers = pa.Table.from_pylist(
        [
            {
                "identifier_id": identifier(name),
                "customer_id": customer(of),
                "known_at": _at(since),
                "known_to": None if until is None else _at(until),
            }
            for name, of, since, until in owners
        ],
        schema=TABLES["customers"].schema,
    )
    target = Target.model_validate(
        {"outcome": "bought", "kind": "conversion", "snapshots": snapshots, "gap": "1d", "horizon": "5d"}
    )
    spine = training_spine(
        ibis.memtable(steps),
        ibis.memtable(customers),
        target,
        first_at=_at(0),
        known_until=_at(known_until),
        lag=timedelta(days=lag),
    )
    names = {customer(name): name for name in "ab"}
    rows = engine.to_pyarrow(spine).to_pylist()
    found = {(names[row["customer_id"]], (row["snapshot_at"] - START) / timedelta(days=1)) for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize(
    ("snapshots", "known_until", "expected"),
    [
        ({"every": "4d"}, 18, {("a", 4), ("b", 4), ("a", 8), ("b", 8), ("a", 12)}),
        ({"days_after_start": [1, 13]}, 40, {("a", 1), ("b", 1), ("a", 13), ("a", 21), ("a", 33)}),
        ({"days_after_start": [1, 13]}, 27, {("a", 1), ("b", 1), ("a", 13), ("a", 21)}),
        ({"touches_after_start": [1]}, 40, {("a", 0), ("a", 20)}),
        ({"touches_after_start": [2, 3]}, 40, {("a", 2), ("b", 2), ("a", 12)}),
        ({"touches_after_start": [3]}, 17.9, set()),
    ],
    ids=["calendar", "days", "days, as far as mature", "first touch", "second and third", "not mature"],
)
def test_spine(engine: Any, snapshots: dict[str, Any], known_until: float, expected: set[tuple[str, float]]) -> None:
    """Each mature instant has a row for every customer as believed then, one for those who are one today."""
    assert _spine(engine, snapshots, known_until, 0) == expected


def test_a_lag_goes_off_the_end(engine: Any) -> None:
    """Sources that tell three days later leave out the instants of which they have not told yet."""
    assert _spine(engine, {"days_after_start": [1, 13]}, 40, 3) == {("a", 1), ("b", 1), ("a", 13), ("a", 21)}


def test_time_order() -> None:
    """Rows come by snapshot, those of one snapshot by customer."""
    rows = pd.DataFrame({"customer_id": list("bab"), "snapshot_at": [_at(1), _at(1), _at(0)], "value": [1, 2, 3]})
    assert in_time_order(rows)["value"].tolist() == [3, 2, 1]
