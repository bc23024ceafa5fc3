"""Shared identifiers: which links are followed, and for how long."""

from typing import Any

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.identities.graph import NEVER, first_sights
from journeys.identities.shared import SharedEdges, followed_edges
from tests.journeys.identities.drawn import RULES, kinds_of, records
from tests.journeys.identities.slow import Record, followed_at

USER, EMAIL, DEVICE = range(3)


def _links(rows: list[Record]) -> ibis.Table:
    """Return records as links would count them: those of one pair and two instants in one row."""
    kinds = kinds_of()
    together: dict[tuple[int, int, int], list[int]] = {}
    for row in rows:
        together.setdefault((row.strong, row.weak, row.at), []).append(row.at)
    schema = {
        **dict.fromkeys(("strong", "weak"), "int32"),
        **dict.fromkeys(("strong_type", "weak_type"), "string"),
        "is_stronger": "boolean",
        **dict.fromkeys(("known_at", "last_known_at", "count_records"), "int64"),
    }
    made = [
        {
            "strong": strong,
            "weak": weak,
            "strong_type": kinds[strong],
            "weak_type": kinds[weak],
            "is_stronger": RULES.type_of(kinds[strong]).priority != RULES.type_of(kinds[weak]).priority,
            "known_at": min(instants),
            "last_known_at": max(instants),
            "count_records": len(instants),
        }
        for (strong, weak, _), instants in together.items()
    ]
    return ibis.memtable(made, schema=schema)


def _followed(engine: Any, rows: list[Record]) -> SharedEdges:
    links = _links(rows)
    return followed_edges(engine, links, first_sights(engine, links), RULES)


def _pairs_at(found: SharedEdges, at: int) -> list[tuple[int, int]]:
    edges = found.edges
    standing = edges.take((edges.known_at <= at) & (edges.ends_at > at))
    return list(zip(standing.strong.tolist(), standing.weak.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(rows=records(RULES))
def test_equals_the_slow_one(engine: Any, rows: list[Record]) -> None:
    """At every instant those links are followed that counting by hand follows, each once."""
    found = _followed(engine, rows)
    for at in range(7):
        pairs = _pairs_at(found, at)
        assert len(pairs) == len(set(pairs))
        assert set(pairs) == followed_at(rows, kinds_of(), RULES, at)


@settings(max_examples=30, deadline=None)
@given(rows=records(RULES), until=st.integers(0, 5))
def test_what_is_known_later_changes_nothing_earlier(engine: Any, rows: list[Record], until: int) -> None:
    """The links followed until an instant are the same whether or not records came after it."""
    everything, then = _followed(engine, rows), _followed(engine, [row for row in rows if row.at <= until])
    for at in range(until + 1):
        assert set(_pairs_at(everything, at)) == set(_pairs_at(then, at))


@pytest.mark.parametrize(
    ("rows", "followed"),
    [
        ([(USER, DEVICE, 1)], {(USER, 1, NEVER)}),
        ([(USER, DEVICE, 1), (USER + 5, DEVICE, 3)], {(USER, 1, 3)}),
        ([(USER, DEVICE, 1)] * 2 + [(USER + 5, DEVICE, 3)], {(USER, 1, NEVER)}),
        ([(USER, DEVICE, 1)] * 2 + [(USER + 5, DEVICE, 3)] * 5, {(USER, 1, 3), (USER + 5, 3, NEVER)}),
        ([(USER, DEVICE, 1)] * 9 + [(USER + 5 * n, DEVICE, 2 + n) for n in (1, 2)], {(USER, 1, NEVER)}),
    ],
    ids=["one owner", "two of equal weight", "mostly one's", "another takes over", "three, mostly one's"],
)
def test_dominant(engine: Any, rows: list[tuple[int, int, int]], followed: set[tuple[int, int, int]]) -> None:
    """A device is its owner's as long as three in five of the records on it are."""
    edges = _followed(engine, [Record(*row) for row in rows]).edges
    assert set(zip(edges.strong.tolist(), edges.known_at.tolist(), edges.ends_at.tolist(), strict=True)) == followed


def test_a_kiosk_is_nobodys(engine: Any) -> None:
    """Where more log in than `max_owners`, even the owner of nearly all records does not own it."""
    links = _links([Record(USER, DEVICE, 1)] * 40)
    many = ibis.memtable(
        [
            *links.to_pyarrow().to_pylist(),
            *(
                {**links.to_pyarrow().to_pylist()[0], "strong": 100 + n, "known_at": 2, "last_known_at": 2}
                | {"count_records": 1}
                for n in range(4)
            ),
        ],
        schema=links.schema(),
    )
    found = followed_edges(engine, many, first_sights(engine, many), RULES)
    assert list(zip(found.edges.known_at.tolist(), found.edges.ends_at.tolist(), strict=True)) == [(1, 2)]
    assert found.shared.tolist() == [DEVICE]
    assert len(found.dropped) == 5


def test_records_count_when_they_were_known(engine: Any) -> None:
    """Of a row that counts a month's records, all but the first count from the last on."""
    rows = _links([Record(USER, DEVICE, 1), Record(USER + 5, DEVICE, 2)]).to_pyarrow().to_pylist()
    rows[0] |= {"count_records": 9, "last_known_at": 4}
    links = ibis.memtable(rows, schema=_links([Record(USER, DEVICE, 1)]).schema())
    edges = followed_edges(engine, links, first_sights(engine, links), RULES).edges
    spans = sorted(zip(edges.strong.tolist(), edges.known_at.tolist(), edges.ends_at.tolist(), strict=True))
    assert spans == [(USER, 1, 2), (USER, 4, NEVER)]
