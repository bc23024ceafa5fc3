"""What customers had agreed to, and what they refuse."""

from datetime import timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from journeys.identities.consents import latest_consents, refusals
from journeys.lake.tables import TABLES
from tests.journeys.made_up import START

_TOLD = ("identifier_id", "purpose", "channel", "is_granted", "valid_from", "known_at")


def _latest(rows: list[tuple[Any, ...]], day: float) -> ibis.Table:
    told = [
        {**dict(zip(_TOLD, (*row[:4], *(START + timedelta(days=at) for at in row[4:])), strict=True)), "source": "crm"}
        for row in rows
    ]
    owners = ibis.memtable(
        [("i1", "a"), ("i2", "a"), ("i3", "b")], schema={"identifier_id": "string", "customer_id": "string"}
    )
    schema = pa.schema([field.with_nullable(True) for field in TABLES["consents"].schema])
    return latest_consents(
        ibis.memtable(pa.Table.from_pylist(told, schema=schema)), owners, START + timedelta(days=day)
    )


@pytest.mark.parametrize(
    ("title", "rows", "expected"),
    [
        ("given", [("i1", "news", "email", True, 1, 1)], True),
        ("withdrawn", [("i1", "news", "email", True, 1, 1), ("i1", "news", "email", False, 2, 2)], False),
        ("not in force yet", [("i1", "news", "email", True, 1, 1), ("i1", "news", "email", False, 9, 2)], True),
        ("not known yet", [("i1", "news", "email", True, 1, 1), ("i1", "news", "email", False, 2, 9)], True),
        ("with another address of hers", [("i1", "news", "email", True, 1, 1), ("i2", "news", "email", False, 2, 2)], False),
        ("both at once", [("i1", "news", "email", True, 1, 1), ("i2", "news", "email", False, 1, 1)], False),
        ("refusal taken back", [("i1", "news", "email", False, 1, 1), ("i1", "news", "email", None, 2, 2)], None),
        ("of somebody else", [("i3", "news", "email", False, 1, 1)], None),
    ],
)  # fmt: skip
def test_what_holds(engine: Any, title: str, rows: list[Any], expected: bool | None) -> None:
    """What was said last holds, of two at once the refusal; nothing said is neither."""
    for given in (rows, rows[::-1]):
        found = engine.to_pyarrow(_latest(given, 5)).to_pylist()
        assert [row["is_granted"] for row in found if row["customer_id"] == "a"] == (
            [] if expected is None else [expected]
        ), title


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ([], []),
        ([("i1", "news", "email", False, 1, 1)], ["a"]),
        ([("i1", "*", "email", False, 1, 1)], ["a"]),
        ([("i1", "*", "*", False, 1, 1)], ["a"]),
        ([("i1", "*", "*", False, 1, 1), ("i1", "news", "email", True, 1, 1)], []),
        ([("i1", "*", "*", True, 1, 1), ("i1", "news", "*", False, 1, 1)], ["a"]),
        ([("i1", "*", "email", True, 1, 1), ("i1", "news", "*", False, 1, 1)], ["a"]),
        ([("i1", "news", "phone", False, 1, 1), ("i1", "billing", "email", False, 1, 1)], []),
    ],
)
def test_who_refuses(engine: Any, rows: list[Any], refused: list[str]) -> None:
    """The nearest statement decides, of two as near the refusal; what is said of others decides nothing."""
    found = engine.to_pyarrow(refusals(_latest(rows, 5), "news", "email"))
    assert found["customer_id"].to_pylist() == refused
