"""Ownership of anonymous touchpoints on shared identifiers."""

from datetime import timedelta
from typing import Any

import ibis
import numpy as np
import pytest

from journeys.config.identifiers import Identities
from journeys.identities.owners import touchpoint_owners, with_owners
from journeys.lake.tables import TABLES
from tests.journeys.made_up import START, identifier

NODES = {"pc": 0, "ann": 1, "bob": 2, "cy": 3}
RULES = Identities(max_owners=2)


def _touchpoints(rows: list[tuple[str, float, list[str]]], lag: dict[str, float]) -> ibis.Table:
    made = [
        {
            "touchpoint_id": key,
            "event_at": START + timedelta(days=day),
            "known_at": START + timedelta(days=day + lag.get(key, 0)),
            "identifier_ids": [identifier(name) for name in names],
        }
        for key, day, names in rows
    ]
    schema = ibis.schema(TABLES["touchpoints"].schema)
    columns = ("touchpoint_id", "event_at", "known_at", "identifier_ids")
    return ibis.memtable(made, schema={name: schema[name] for name in columns})


def _owners(engine: Any, touchpoints: ibis.Table, shared: list[int]) -> dict[str, str]:
    identifiers = ibis.memtable({"node": list(NODES.values()), "identifier_id": [identifier(name) for name in NODES]})
    identifiers = identifiers.cast({"node": "int32"})
    names = {identifier(name): name for name in NODES}
    found = touchpoint_owners(touchpoints, identifiers, np.array(shared, np.int32), RULES)
    return {row["touchpoint_id"]: names[row["identifier_id"]] for row in engine.to_pyarrow(found).to_pylist()}


@pytest.mark.parametrize(
    ("rows", "lag", "expected"),
    [
        ([("a", 0, ["pc"]), ("l", 1, ["ann", "pc"]), ("b", 2, ["pc"])], {}, {"b": "ann"}),
        (
            [("l", 1, ["ann", "pc"]), ("b", 2, ["pc"]), ("m", 3, ["bob", "pc"]), ("c", 4, ["pc"])],
            {},
            {"b": "ann", "c": "bob"},
        ),
        ([("l", 1, ["ann", "pc"]), ("b", 40, ["pc"])], {}, {}),
        ([("l", 1, ["ann", "pc"]), ("b", 2, ["pc"])], {"l": 5}, {}),
        ([("l", 1, ["ann", "pc"]), ("b", 2, ["pc"])], {"l": 5, "b": 5}, {"b": "ann"}),
        (
            [
                ("l", 1, ["ann", "pc"]),
                ("m", 2, ["bob", "pc"]),
                ("b", 3, ["pc"]),
                ("n", 4, ["cy", "pc"]),
                ("c", 5, ["pc"]),
            ],
            {},
            {"b": "bob"},
        ),
        ([("l", 1, ["ann", "pc"]), ("b", 2, ["bob"])], {}, {}),
    ],
    ids=["after a login", "until the next", "too long ago", "not yet known", "known together", "too many", "named"],
)
def test_intervals(
    engine: Any, rows: list[tuple[str, float, list[str]]], lag: dict[str, float], expected: dict[str, str]
) -> None:
    """What happens without a name is of whoever logged in last, as far as that was known then."""
    assert _owners(engine, _touchpoints(rows, lag), [NODES["pc"]]) == expected


def test_only_shared_identifiers_have_owners(engine: Any) -> None:
    """An identifier of one person needs no intervals."""
    assert _owners(engine, _touchpoints([("l", 1, ["ann", "pc"]), ("b", 2, ["pc"])], {}), []) == {}


def test_the_owner_comes_first(engine: Any) -> None:
    """The owner is the first of a touchpoint's identifiers; all others stay as they are."""
    touchpoints = _touchpoints([("a", 0, ["pc"]), ("b", 2, ["pc"])], {})
    owners = ibis.memtable({"touchpoint_id": ["b"], "identifier_id": [identifier("ann")]})
    found = with_owners(touchpoints, owners)
    assert found.columns == touchpoints.columns
    ids = {row["touchpoint_id"]: row["identifier_ids"] for row in engine.to_pyarrow(found).to_pylist()}
    assert ids == {"a": [identifier("pc")], "b": [identifier("ann"), identifier("pc")]}
