"""Which value of an attribute was in force."""

from datetime import timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from journeys.identities.attributes import latest_attributes
from journeys.lake.tables import TIMESTAMP
from tests.journeys.made_up import START

_STATED = pa.schema(
    {
        "identifier_id": pa.string(),
        "attribute": pa.string(),
        "value": pa.string(),
        "valid_from": TIMESTAMP,
        "known_at": TIMESTAMP,
    }
)


def _latest(engine: Any, rows: list[tuple[str, str, str | None, float, float]], day: float) -> list[tuple[str, ...]]:
    stated = [
        dict(zip(_STATED.names, (*row[:3], *(START + timedelta(days=at) for at in row[3:])), strict=True))
        for row in rows
    ]
    owners = ibis.memtable(
        [("i1", "a"), ("i2", "a"), ("i3", "b")], schema={"identifier_id": "string", "customer_id": "string"}
    )
    table = ibis.memtable(pa.Table.from_pylist(stated, schema=_STATED))
    found = latest_attributes(table, owners, START + timedelta(days=day)).order_by("customer_id", "attribute")
    return [tuple(row.values()) for row in engine.to_pyarrow(found).to_pylist()]


@pytest.mark.parametrize(
    ("title", "rows", "expected"),
    [
        ("the latest in force", [("i1", "plan", "free", 1, 1), ("i1", "plan", "pro", 2, 2)], "pro"),
        ("not in force yet", [("i1", "plan", "free", 1, 1), ("i1", "plan", "pro", 9, 2)], "free"),
        ("not known yet", [("i1", "plan", "free", 1, 1), ("i1", "plan", "pro", 2, 9)], "free"),
        ("corrected", [("i1", "plan", "free", 1, 1), ("i1", "plan", "pro", 1, 2)], "pro"),
        ("said of another identifier of hers", [("i1", "plan", "free", 1, 1), ("i2", "plan", "pro", 2, 2)], "pro"),
        ("unset values say nothing", [("i1", "plan", "free", 1, 1), ("i1", "plan", None, 2, 2)], "free"),
        ("two at once", [("i1", "plan", "pro", 1, 1), ("i2", "plan", "free", 1, 1)], "free"),
    ],
)
def test_drawn(engine: Any, title: str, rows: list[Any], expected: str) -> None:
    """The value that was valid last counts, then the one known last, then the first in the alphabet."""
    for given in (rows, rows[::-1]):
        assert _latest(engine, given, 5) == [("a", "plan", expected)], title


def test_each_customer_and_attribute(engine: Any) -> None:
    """Customers and attributes do not disturb one another; an identifier of nobody is left out."""
    rows = [
        ("i1", "plan", "pro", 1, 1),
        ("i3", "plan", "free", 2, 2),
        ("i1", "owner", "Ines", 3, 3),
        ("i9", "plan", "x", 1, 1),
    ]
    assert _latest(engine, rows, 5) == [("a", "owner", "Ines"), ("a", "plan", "pro"), ("b", "plan", "free")]
