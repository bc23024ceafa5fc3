"""Who is who: identifiers joined into customers, link by link, in the order in which links became known.

Going forward in `known_at` makes the result bitemporal: what was believed at an instant depends
only on what was known by then, so a link learned later changes no earlier row.

Groups of identifiers in which no link can be refused or end, nearly all, are followed together, one
link of each group at a time, as columns of numbers. The others are followed one by one (`follow`).
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from journeys.config.identifiers import Identities
from journeys.identities.follow import APART, ENDED, LINKED, MAX_COMPONENT, Event, History, follow
from journeys.identities.graph import NEVER, Edges, Integers, Nodes

_LINKS_A_PART = 2_000_000
"""So many links are followed together; more are followed in parts, to bound memory."""

_LONGEST_TOGETHER = 200
"""Groups of more links are followed one by one: together they would cost the square of their size."""


class Apart(NamedTuple):
    """Two identifiers whose customers a person put apart, and when (microseconds since 1970)."""

    one: int
    other: int
    known_at: int


class Part(NamedTuple):
    """Some of what came of resolving: the name of a table and columns of numbers.

    `changes`: node, known_at, customer (its smallest node), rule: the customer of each node from then on;
    until its first change a node is a customer of its own, and of several changes at one instant the last holds.
    `merges`: kept, merged (customers that became one), strong, weak (the link), rule, known_at.
    `refusals`: strong, weak, rule, known_at: links not followed, and the rule that forbade them.
    `rule` is a place in `rule_names`.
    """

    name: str
    columns: dict[str, Integers]


COLUMNS = {
    "changes": ("node", "known_at", "customer", "rule"),
    "merges": ("kept", "merged", "strong", "weak", "rule", "known_at"),
    "refusals": ("strong", "weak", "rule", "known_at"),
}


def rule_names(types: Sequence[str]) -> list[str]:
    """Return the names of all rules by which links are followed or refused, for these types of identifiers."""
    links = [f"link:{strong}-{weak}" for strong in types for weak in types]
    return [
        *links,
        *(f"{what}:{name}" for what in ("unique", "limit", "shared") for name in types),
        MAX_COMPONENT,
        APART,
    ]


def resolve(nodes: Nodes, edges: Edges, apart: Sequence[Apart], rules: Identities) -> Iterator[Part]:
    """Join identifiers into customers, and yield what comes of it part by part, so that nothing is held whole.

    A link is refused when the two sides hold different values of a unique type, when a type's limit
    would be exceeded, when the result would be larger than `max_component`, or when a person put the two apart.

    Args:
        nodes: identifiers, the oldest first.
        edges: links, each as long as it is followed (`followed_edges`); the same two may stand several times.
        apart: whom a person put apart.
        rules: priorities, unique types, limits and the size that no customer exceeds.
    """
    group_of = _groups(len(nodes), edges)
    is_hard = _hard_groups(nodes, edges, group_of, apart, rules)
    is_of_hard = is_hard[group_of[edges.strong]]
    numbers = {name: place for place, name in enumerate(rule_names(nodes.types))}
    together = History()
    for history in _one_by_one(nodes, edges.take(is_of_hard), group_of, is_hard, apart, rules):
        for name in COLUMNS:
            getattr(together, name).extend(getattr(history, name))
        if len(together.changes) > _LINKS_A_PART:
            yield from _parts_of(together, numbers)
            together = History()
    yield from _parts_of(together, numbers)
    easy = np.flatnonzero(~is_of_hard)
    easy = easy[np.argsort(group_of[edges.strong[easy]], kind="stable")]
    for chosen in _slices(group_of[edges.strong[easy]]):
        yield from _follow_together(nodes, edges.take(easy[chosen]), group_of, rules)


def _groups(count: int, edges: Edges) -> Integers:
    """Return the group of linked identifiers to which each node belongs."""
    if not len(edges):
        return np.arange(count)
    graph = coo_array((np.ones(len(edges), np.int8), (edges.strong, edges.weak)), shape=(count, count))
    found: Integers = connected_components(graph, directed=False)[1]
    return found


def _slices(groups: Integers) -> Iterator[slice]:
    """Yield slices of sorted `groups` of about `_LINKS_A_PART`, none of which cuts a group in two."""
    start = 0
    while start < len(groups):
        last = min(start + _LINKS_A_PART, len(groups)) - 1
        stop = int(np.searchsorted(groups, groups[last], side="right"))
        yield slice(start, stop)
        start = stop


def _parts_of(history: History, numbers: dict[str, int]) -> Iterator[Part]:
    for name, columns in COLUMNS.items():
        rows = getattr(history, name)
        if rows:
            values: dict[str, Sequence[Any]] = dict(zip(columns, zip(*rows, strict=True), strict=True))
            values["rule"] = [numbers[rule] for rule in values["rule"]]
            yield Part(name, {column: np.array(values[column]) for column in columns})


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


def _follow_together(nodes: Nodes, edges: Edges, group_of: Integers, rules: Identities) -> Iterator[Part]:
    """Follow the links of many groups, the first of each, then the second of each, and so on; none is refused."""
    ordered = _in_order(nodes, edges, rules)
    numbers = _distinct(group_of[edges.strong])
    group = np.searchsorted(numbers, group_of[ordered.strong])
    links = np.bincount(group)
    # Groups in the order of their links, most first, so that those still under way are always the first ones.
    place_of = np.empty(len(links), np.int64)
    place_of[np.argsort(-links, kind="stable")] = np.arange(len(links))
    group = place_of[group]
    by_group = np.argsort(group, kind="stable")
    ordered, group = ordered.take(by_group), group[by_group]
    first_link = np.searchsorted(group, np.arange(len(links)))
    counts = np.diff(np.append(first_link, len(group)))
    members = _distinct(np.concatenate([ordered.strong, ordered.weak]))
    home = place_of[np.searchsorted(numbers, group_of[members])]
    by_home = np.argsort(home, kind="stable")
    sorted_members, position_of = members, np.empty(len(members), np.int64)
    position_of[by_home] = np.arange(len(members))
    members, home = members[by_home], home[by_home]
    strong_position = position_of[np.searchsorted(sorted_members, ordered.strong)]
    weak_position = position_of[np.searchsorted(sorted_members, ordered.weak)]
    first_member = np.searchsorted(home, np.arange(len(links) + 1))
    customer = members.copy()
    for turn in range(int(counts.max())):
        underway = int(np.searchsorted(-counts, -turn))  # groups with a link left
        link = first_link[:underway] + turn
        one, other = customer[strong_position[link]], customer[weak_position[link]]
        joins = np.flatnonzero(one != other)
        kept, merged = np.minimum(one, other)[joins], np.maximum(one, other)[joins]
        link = link[joins]
        at, strong, weak = ordered.known_at[link], ordered.strong[link], ordered.weak[link]
        rule = nodes.kind[strong].astype(np.int32) * len(nodes.types) + nodes.kind[weak]
        merge = {"kept": kept, "merged": merged, "strong": strong, "weak": weak, "rule": rule, "known_at": at}
        yield Part("merges", merge)
        merged_of, join_of = np.full(underway, -1), np.full(underway, -1)
        merged_of[joins], join_of[joins] = merged, np.arange(len(joins))
        within = home[: first_member[underway]]
        moving = np.flatnonzero(customer[: len(within)] == merged_of[within])
        join = join_of[within[moving]]
        customer[moving] = kept[join]
        change = {"node": members[moving], "known_at": at[join], "customer": kept[join], "rule": rule[join]}
        yield Part("changes", change)


def _distinct(values: Integers) -> Integers:
    """Return the different values in their order (numpy's own hashes, which is slower on millions)."""
    ordered = np.sort(values)
    found: Integers = ordered[np.append(True, ordered[1:] != ordered[:-1])]
    return found


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
