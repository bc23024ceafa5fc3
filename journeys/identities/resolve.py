"""Who is who: identifiers joined into customers, link by link, in the order in which links became known.

Going forward in `known_at` makes the result bitemporal: what was believed at an instant depends
only on what was known by then, so a link learned later changes no earlier row.

Groups of identifiers in which no link can be refused or end, nearly all, are followed together, one
link of each group at a time, as columns of numbers. The others are followed one by one (`follow`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from journeys.config.identifiers import Identities
from journeys.identities.follow import APART, ENDED, LINKED, Event, History, follow
from journeys.identities.graph import NEVER, Edges, Integers, Nodes

_LONGEST_TOGETHER = 200
"""Groups of more links are followed one by one: together they would cost the square of their size."""


class Apart(NamedTuple):
    """Two identifiers whose customers a person put apart, and when (microseconds since 1970)."""

    one: int
    other: int
    known_at: int


@dataclass(frozen=True)
class Resolution:
    """The outcome of `resolve`; all are columns of numbers, `rule` an index into `rules`.

    Attributes:
        changes: node, known_at, customer (the smallest node of it), rule: the customer of each node from then
            on; until its first change a node is a customer of its own.
        merges: kept, merged (customers that became one), strong, weak (the link), rule, known_at.
        refusals: strong, weak, rule, known_at: links not followed, and the rule that forbade them.
        rules: names of the rules.
    """

    changes: dict[str, Integers]
    merges: dict[str, Integers]
    refusals: dict[str, Integers]
    rules: list[str]


def resolve(nodes: Nodes, edges: Edges, apart: Sequence[Apart], rules: Identities) -> Resolution:
    """Join identifiers into customers.

    A link is refused when the two sides hold different values of a unique type, when a type's limit
    would be exceeded, when the result would be larger than `max_component`, or when a person put the two apart.

    Args:
        nodes: identifiers, the oldest first.
        edges: links, each as long as it is followed (`followed_edges`); the same two may stand several times.
        apart: whom a person put apart.
        rules: priorities, unique types, limits and the size that no customer exceeds.
    """
    count = len(nodes)
    graph = coo_array((np.ones(len(edges), np.int8), (edges.strong, edges.weak)), shape=(count, count))
    group_of = connected_components(graph, directed=False)[1] if len(edges) else np.arange(count)
    is_hard = _hard_groups(nodes, edges, group_of, apart, rules)
    book = _Book(nodes.types)
    is_of_hard = is_hard[group_of[edges.strong]]
    _follow_together(nodes, edges.take(~is_of_hard), group_of, rules, book)
    for history in _one_by_one(nodes, edges.take(is_of_hard), group_of, is_hard, apart, rules):
        book.add(history)
    return book.closed()


def _hard_groups(
    nodes: Nodes, edges: Edges, group_of: Integers, apart: Sequence[Apart], rules: Identities
) -> np.ndarray:
    """Return of each group whether a link in it may be refused or end, or whether it is too large."""
    groups = int(group_of.max(initial=-1)) + 1
    is_hard = np.bincount(group_of[edges.strong], minlength=groups) > _LONGEST_TOGETHER
    is_hard[group_of[edges.strong[edges.ends_at != NEVER]]] = True
    for pair in apart:
        is_hard[group_of[pair.one]] = True
    size = np.zeros(groups, np.int64)
    for kind, name in enumerate(nodes.types):
        rule = rules.type_of(name)
        if rule.is_reference:
            continue
        values = np.bincount(group_of[nodes.kind == kind], minlength=groups)
        size += values
        is_hard |= values > (1 if rule.is_unique else rule.limit)
    return is_hard | (size > rules.max_component)


def _in_order(nodes: Nodes, edges: Edges, rules: Identities) -> Edges:
    """Return edges the earliest known first, and of one instant the stronger."""
    return edges.take(np.lexsort((edges.weak, edges.strong, _strength(nodes, edges, rules), edges.known_at)))


def _strength(nodes: Nodes, edges: Edges, rules: Identities) -> Integers:
    priority = np.array([rules.type_of(name).priority for name in nodes.types] or [0], dtype=np.int32)
    strength: Integers = priority[nodes.kind[edges.strong]] + priority[nodes.kind[edges.weak]]
    return strength


class _Book:
    """Where what happens is written down."""

    def __init__(self, types: Sequence[str]) -> None:
        self._types = len(types)
        self._rules = [f"link:{strong}-{weak}" for strong in types for weak in types]
        self._known = {rule: place for place, rule in enumerate(self._rules)}
        self._parts: dict[str, list[dict[str, Integers]]] = {"changes": [], "merges": [], "refusals": []}

    def link_rule(self, strong_kind: Integers, weak_kind: Integers) -> Integers:
        """Return the rules of links between these types."""
        return strong_kind.astype(np.int32) * self._types + weak_kind

    def write(self, name: str, **columns: Integers) -> None:
        """Add rows."""
        self._parts[name].append(columns)

    def add(self, history: History) -> None:
        """Add what came of one group."""
        for name, columns in _COLUMNS.items():
            rows = getattr(history, name)
            if rows:
                values: dict[str, Sequence[Any]] = dict(zip(columns, zip(*rows, strict=True), strict=True))
                values["rule"] = [self._number(rule) for rule in values["rule"]]
                self.write(name, **{column: np.array(values[column]) for column in columns})

    def closed(self) -> Resolution:
        """Return all that was written."""
        tables = {
            name: {
                column: np.concatenate([np.zeros(0, np.int64), *(part[column] for part in parts)])
                for column in _COLUMNS[name]
            }
            for name, parts in self._parts.items()
        }
        return Resolution(**tables, rules=self._rules)

    def _number(self, rule: str) -> int:
        if rule not in self._known:
            self._known[rule] = len(self._rules)
            self._rules.append(rule)
        return self._known[rule]


_COLUMNS = {
    "changes": ("node", "known_at", "customer", "rule"),
    "merges": ("kept", "merged", "strong", "weak", "rule", "known_at"),
    "refusals": ("strong", "weak", "rule", "known_at"),
}


def _follow_together(nodes: Nodes, edges: Edges, group_of: Integers, rules: Identities, book: _Book) -> None:
    """Follow the links of many groups, the first of each, then the second of each, and so on; none is refused."""
    if not len(edges):
        return
    ordered = _in_order(nodes, edges, rules)
    group = group_of[ordered.strong]
    links = np.bincount(group)
    # Groups in the order of their links, most first, so that those still under way are always the first ones.
    place_of = np.empty(len(links), np.int64)
    place_of[np.argsort(-links, kind="stable")] = np.arange(len(links))
    group = place_of[group]
    by_group = np.argsort(group, kind="stable")
    ordered, group = ordered.take(by_group), group[by_group]
    first_link = np.searchsorted(group, np.arange(group[-1] + 1))
    counts = np.diff(np.append(first_link, len(group)))
    members = np.flatnonzero(np.isin(group_of, np.unique(group_of[ordered.strong])))
    members = members[np.argsort(place_of[group_of[members]], kind="stable")]
    home_group = place_of[group_of[members]]
    first_member = np.searchsorted(home_group, np.arange(group[-1] + 2))
    position = np.empty(len(group_of), np.int64)
    position[members] = np.arange(len(members))
    customer = members.copy()
    for turn in range(int(counts.max())):
        underway = int(np.searchsorted(-counts, -turn))  # groups with a link left
        link = first_link[:underway] + turn
        one, other = customer[position[ordered.strong[link]]], customer[position[ordered.weak[link]]]
        joins = np.flatnonzero(one != other)
        kept, merged = np.minimum(one, other)[joins], np.maximum(one, other)[joins]
        link = link[joins]
        at = ordered.known_at[link]
        strong, weak = ordered.strong[link], ordered.weak[link]
        rule = book.link_rule(nodes.kind[strong], nodes.kind[weak])
        book.write("merges", kept=kept, merged=merged, strong=strong, weak=weak, rule=rule, known_at=at)
        merged_of = np.full(underway, -1)
        merged_of[joins] = merged
        of_join = np.full(underway, -1)
        of_join[joins] = np.arange(len(joins))
        within = home_group[: first_member[underway]]
        moving = np.flatnonzero(customer[: len(within)] == merged_of[within])
        join = of_join[within[moving]]
        customer[moving] = kept[join]
        book.write("changes", node=members[moving], known_at=at[join], customer=kept[join], rule=rule[join])


def _one_by_one(
    nodes: Nodes,
    edges: Edges,
    group_of: Integers,
    is_hard: np.ndarray,
    apart: Sequence[Apart],
    rules: Identities,
) -> Iterator[History]:
    """Yield what comes of each hard group."""
    events: dict[int, list[Event]] = {}
    columns = (edges.known_at, _strength(nodes, edges, rules), edges.strong, edges.weak, edges.ends_at)
    groups = group_of[edges.strong].tolist()
    for group, (at, strength, strong, weak, ends_at) in zip(
        groups, zip(*(c.tolist() for c in columns), strict=True), strict=True
    ):
        mine = events.setdefault(group, [])
        mine.append(Event(at, strength, strong, weak, LINKED))
        if ends_at != NEVER:
            mine.append(Event(ends_at, strength, strong, weak, ENDED))
    for pair in apart:
        if group_of[pair.one] == group_of[pair.other]:
            events[int(group_of[pair.one])].append(Event(pair.known_at, 0, pair.one, pair.other, APART))
    members = np.flatnonzero(is_hard[group_of])
    members = members[np.argsort(group_of[members], kind="stable")]
    starts = np.flatnonzero(np.diff(group_of[members], prepend=-1))
    for own in np.split(members, starts[1:]):
        group = int(group_of[own[0]]) if len(own) else -1
        if group in events:
            yield follow({node: nodes.types[nodes.kind[node]] for node in own.tolist()}, events[group], rules)
