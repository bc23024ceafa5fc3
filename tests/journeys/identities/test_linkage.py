"""How probable it is that two profiles are of one person."""

import json
from collections.abc import Iterator
from typing import Any

import ibis
import pyarrow as pa
import pytest

from journeys.engine import connect
from journeys.identities.linkage import COLUMNS, TooLittleToLearnError, probable_pairs
from tests.journeys.identities.people import Told, people_told


@pytest.fixture
def engine() -> Iterator[Any]:
    with connect(threads=1) as connection:
        yield connection


def _profiles(records: list[Told], columns: tuple[str, ...] = COLUMNS) -> ibis.Table:
    there = [name for name in columns if any(name in told.values for told in records)]
    table = {"customer_id": [told.record for told in records]}
    return ibis.memtable(pa.table(table | {name: [told.values.get(name) for told in records] for name in there}))


def _found(engine: Any, records: list[Told], columns: tuple[str, ...] = COLUMNS) -> list[dict[str, Any]]:
    pairs = probable_pairs(engine, _profiles(records, columns), 0.99)
    rows: list[dict[str, Any]] = pairs.order_by("left_customer_id", "right_customer_id").to_pyarrow().to_pylist()
    return rows


@pytest.mark.parametrize(
    ("count", "columns", "floor"),
    [
        (1500, COLUMNS, 0.8),
        (1500, ("given_name", "family_name", "birth_date", "city"), 0.5),
        (1500, ("given_name", "birth_date", "postcode", "street", "email"), 0.5),
        (200, COLUMNS, 0.8),  # so clean a register that learning has to end early
    ],
)
def test_families_are_not_taken_for_one_person(engine: Any, count: int, columns: tuple[str, ...], floor: float) -> None:
    """Of the pairs found, 99 of 100 are of one person, although families share name and address; most are found."""
    records = people_told(count)
    person = {told.record: told.person for told in records}
    pairs = _found(engine, records, columns)
    right = sum(person[pair["left_customer_id"]] == person[pair["right_customer_id"]] for pair in pairs)
    copied = len(records) - len(set(person.values()))
    assert right >= 0.99 * len(pairs)
    assert right >= floor * copied


def test_pairs_and_their_evidence(engine: Any) -> None:
    """Pairs are in order, each once, probable enough, with the level of every comparison and no value."""
    records = people_told(1000)
    pairs = _found(engine, records)
    keys = [(pair["left_customer_id"], pair["right_customer_id"]) for pair in pairs]
    assert len(set(keys)) == len(keys)
    assert all(left < right for left, right in keys)
    assert all(0.99 <= pair["probability"] <= 1 for pair in pairs)
    told = [json.loads(pair["evidence"]) for pair in pairs]
    assert {tuple(one) for one in told} == {("given_name", "birth_date", "home", "email")}
    words = {word for one in told for word in one.values()}
    assert {"equal", "alike", "unknown", "name and address"} <= words
    values = {value for record in records for value in record.values.values()}
    assert not words & values
    by_record = {record.record: record.values for record in records}
    for (left, right), one in zip(keys, told, strict=True):
        born = [by_record[name].get("birth_date") for name in (left, right)]
        assert (one["birth_date"] == "equal") == (born[0] is not None and born[0] == born[1])
        assert one["birth_date"] != "unlike"


def test_again_gives_the_same(engine: Any) -> None:
    """The same profiles in another order give the same pairs, to the last digit that is kept."""
    records = people_told(600)
    assert _found(engine, records) == _found(engine, records[::-1])


def _changed(records: list[Told], **values: str) -> list[Told]:
    return [told._replace(values=told.values | values) for told in records]


@pytest.mark.parametrize(
    ("records", "columns"),
    [
        (people_told(40)[:1], COLUMNS),
        (people_told(300, copies=0), ("given_name", "family_name", "birth_date", "street")),
        (people_told(300), ("email",)),
        (people_told(300), ("family_name", "city", "postcode")),
        (_changed(people_told(300), birth_date="19000101", email="shop@post.example"), ("birth_date", "email", "city")),
    ],
    ids=["one", "nobody twice", "one column", "one comparison", "what all share"],
)
def test_too_little_to_learn_from(engine: Any, records: list[Told], columns: tuple[str, ...]) -> None:
    """Where no two are certain to be one, or one comparison is all there is, there is no model."""
    with pytest.raises(TooLittleToLearnError):
        _found(engine, records, columns)


def test_what_all_share_is_not_searched(engine: Any) -> None:
    """A default that stands with everybody makes no pairs, and keeps no others from being found."""
    records = _changed(people_told(600), email="shop@post.example")
    assert len(_found(engine, records)) > 60
