"""Small worlds of identifiers, drawn by Hypothesis."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from journeys.config.identifiers import IdentifierType, Identities
from journeys.identities.graph import NEVER, Edges, Nodes
from journeys.identities.resolve import COLUMNS, Apart, resolve, rule_names
from tests.journeys.identities.slow import FOREVER, Record, Seen

KINDS = ("user_id", "email", "device_id", "own_kind", "hubspot_ticket_id")

RULES = Identities(types={"device_id": IdentifierType(priority=5, limit=2)}, max_component=6, max_owners=3)

BOUNDLESS = Identities(
    types={kind: IdentifierType(priority=place, limit=1_000) for place, kind in enumerate(KINDS, start=1)},
    max_component=1_000,
)
"""Rules by which nothing is ever refused."""

NUMBERS = 15
"""Identifiers of a drawn world, three of each type, types in turn."""


def kinds_of(count: int = NUMBERS) -> dict[int, str]:
    """Return the type of each number."""
    return {node: KINDS[node % len(KINDS)] for node in range(count)}


def nodes_of(kinds: dict[int, str]) -> Nodes:
    """Return the identifiers as columns."""
    types = sorted(set(kinds.values()))
    return Nodes(
        types, np.array([types.index(kind) for kind in kinds.values()], np.int64), np.zeros(len(kinds), np.int64)
    )


def edges_of(links: list[Seen]) -> Edges:
    """Return links as columns."""
    return Edges(
        np.array([link.strong for link in links], np.int64),
        np.array([link.weak for link in links], np.int64),
        np.array([link.at for link in links], np.int64),
        np.array([NEVER if link.until == FOREVER else link.until for link in links], np.int64),
    )


@dataclass(frozen=True)
class Resolution:
    """All that resolving yields, as columns, and the names of the rules."""

    changes: dict[str, Any]
    merges: dict[str, Any]
    refusals: dict[str, Any]
    rules: list[str]


def resolved(kinds: dict[int, str], seen: list[Seen], apart: list[Apart], rules: Identities) -> Resolution:
    """Return all that resolving yields."""
    nodes = nodes_of(kinds)
    tables: dict[str, dict[str, Any]] = {
        name: {column: np.zeros(0, np.int64) for column in columns} for name, columns in COLUMNS.items()
    }
    for name, columns in resolve(nodes, edges_of(seen), apart, rules):
        tables[name] = {column: np.concatenate([tables[name][column], values]) for column, values in columns.items()}
    return Resolution(**tables, rules=rule_names(nodes.types))


def believed(found: Resolution, count: int, at: int = FOREVER) -> dict[int, int]:
    """Return the customer of each number by what was known at an instant."""
    customers = {node: node for node in range(count)}
    changes = found.changes
    rows = zip(changes["known_at"].tolist(), changes["node"].tolist(), changes["customer"].tolist(), strict=True)
    ordered = sorted(rows, key=lambda row: row[0])
    return customers | {node: customer for known_at, node, customer in ordered if known_at <= at}


def _pairs(rules: Identities) -> st.SearchStrategy[tuple[int, int]]:
    kinds = kinds_of()

    def oriented(pair: tuple[int, int]) -> tuple[int, int]:
        strong, weak = sorted(pair, key=lambda node: (rules.type_of(kinds[node]).priority, node))
        return strong, weak

    node = st.integers(0, NUMBERS - 1)
    return st.tuples(node, node).filter(lambda pair: pair[0] != pair[1]).map(oriented)


@st.composite
def links(draw: st.DrawFn, rules: Identities, *, may_end: bool = False) -> list[Seen]:
    """Draw links between different pairs, of which some may end."""
    pairs = draw(st.lists(_pairs(rules), max_size=20, unique=True))
    found = []
    for strong, weak in pairs:
        at = draw(st.integers(0, 5))
        until = draw(st.one_of(st.just(FOREVER), st.integers(at + 1, 8))) if may_end else FOREVER
        found.append(Seen(strong, weak, at, until))
        if until < FOREVER and draw(st.booleans()):
            found.append(Seen(strong, weak, until + draw(st.integers(0, 2))))
    return found


def records(rules: Identities) -> st.SearchStrategy[list[Record]]:
    """Draw records, of which several may be of one pair."""
    drawn = st.tuples(_pairs(rules), st.integers(0, 5))
    return st.lists(drawn.map(lambda row: Record(*row[0], row[1])), max_size=25)
