"""Following links one by one, where one may be refused or may end: exact, for the few groups that need it.

Everything that becomes known at one instant is one change. Links that end, and two customers whom a
person put apart, dissolve the customers that they concern; the links among those are followed anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from journeys.config.identifiers import Identities


class Event(NamedTuple):
    """What becomes known at an instant: two identifiers linked, no longer linked, or put apart by a person.

    In their order: the earlier first, and of one instant the stronger link (a smaller strength).
    """

    at: int
    strength: int
    strong: int
    weak: int
    kind: str


LINKED, ENDED, APART = "linked", "ended", "apart"
MAX_COMPONENT = "max_component"


@dataclass
class History:
    """What came of a group.

    Attributes:
        changes: node, at, the customer it belongs to from then on (its smallest node), rule.
        merges: customer kept, customer merged, strong, weak, rule, at.
        refusals: strong, weak, rule, at.
    """

    changes: list[tuple[int, int, int, str]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int, str, int]] = field(default_factory=list)
    refusals: list[tuple[int, int, str, int]] = field(default_factory=list)


@dataclass(eq=False)
class _Customer:
    label: int
    members: list[int]
    values_by_kind: dict[str, int]


class _Group:
    """One group of identifiers that are linked, in the making."""

    def __init__(self, kinds: Mapping[int, str], rules: Identities) -> None:
        self.kinds = kinds
        self.rules = rules
        self.home: dict[int, _Customer] = {}
        self.labels = {node: node for node in kinds}
        self.links: dict[int, dict[tuple[int, int], Event]] = {node: {} for node in kinds}
        self.followed: set[tuple[int, int]] = set()
        self.apart: set[tuple[int, int]] = set()
        self.history = History()
        for node in kinds:
            self._found(node)

    def happen(self, at: int, events: Sequence[Event]) -> None:
        """Apply all that becomes known at one instant."""
        waiting = {event for event in events if event.kind == LINKED}
        for event in waiting:
            for node in (event.strong, event.weak):
                self.links[node][event.strong, event.weak] = event
        dissolved = self._dissolved(events)
        for node in dissolved:
            self._found(node)
            waiting.update(self.links[node].values())
            self.followed.difference_update(self.links[node])
        joined: dict[int, str] = {}
        moved = set(dissolved)
        for event in sorted(waiting):
            moved.update(self._follow(event, at, joined))
        for node in sorted(moved):
            label = self.home[node].label
            if label != self.labels[node]:
                rule = dissolved[node] if node in dissolved else joined[label]
                self.history.changes.append((node, at, label, rule))
        for node in moved:
            self.labels[node] = self.home[node].label

    def _dissolved(self, events: Sequence[Event]) -> dict[int, str]:
        """Return the members of customers that have to be followed anew, with the rule by which."""
        dissolved: dict[int, str] = {}
        for event in events:
            rule = self._parts(event)
            if rule:
                for node in (event.strong, event.weak):
                    dissolved |= dict.fromkeys(self.home[node].members, rule)
        return dissolved

    def _parts(self, event: Event) -> str | None:
        """Return the rule by which an event dissolves the customers that it concerns, or None."""
        pair = (event.strong, event.weak)
        if event.kind == APART:
            self.apart.add(pair)
            return APART
        if event.kind == LINKED:
            return None
        for node in pair:
            if self.links[node].get(pair, event).at < event.at:  # not one that is linked anew at this instant
                self.links[node].pop(pair, None)
        return f"shared:{self.kinds[event.weak]}" if pair in self.followed else None

    def _found(self, node: int) -> None:
        self.home[node] = _Customer(node, [node], {self.kinds[node]: 1})

    def _follow(self, event: Event, at: int, joined: dict[int, str]) -> list[int]:
        """Follow one link and return the members of the customer that is another now."""
        pair = (event.strong, event.weak)
        one, other = self.home[event.strong], self.home[event.weak]
        if one is other:
            return []
        were_together = self.labels[event.strong] == self.labels[event.weak]
        refusal = self._refusal(one, other)
        if refusal:
            if event.at == at or were_together:
                self.history.refusals.append((*pair, refusal, at))
            return []
        self.followed.add(pair)
        kept, merged = (one, other) if one.label < other.label else (other, one)
        rule = f"link:{self.kinds[event.strong]}-{self.kinds[event.weak]}"
        joined[kept.label] = rule
        if not were_together:
            self.history.merges.append((kept.label, merged.label, *pair, rule, at))
        for node in merged.members:
            self.home[node] = kept
        kept.members += merged.members
        for kind, count in merged.values_by_kind.items():
            kept.values_by_kind[kind] = kept.values_by_kind.get(kind, 0) + count
        return merged.members

    def _refusal(self, one: _Customer, other: _Customer) -> str | None:
        """Return the rule that forbids the two to be one customer, or None."""
        for left, right in self.apart:
            if {self.home[left], self.home[right]} == {one, other}:
                return APART
        total = dict(one.values_by_kind)
        for kind, count in other.values_by_kind.items():
            total[kind] = total.get(kind, 0) + count
        return broken_rule(total, self.rules)


def broken_rule(values_by_kind: Mapping[str, int], rules: Identities) -> str | None:
    """Return the rule that a customer with so many values of each type breaks, or None."""
    counted = {kind: count for kind, count in values_by_kind.items() if not rules.type_of(kind).is_reference}
    if sum(counted.values()) > rules.max_component:
        return MAX_COMPONENT
    for kind in sorted(counted):
        if rules.type_of(kind).is_unique and counted[kind] > 1:
            return f"unique:{kind}"
        if counted[kind] > rules.type_of(kind).limit:
            return f"limit:{kind}"
    return None


def follow(kinds: Mapping[int, str], events: Iterable[Event], rules: Identities) -> History:
    """Return what comes of one group of linked identifiers.

    Args:
        kinds: node to the name of its type.
        events: all that becomes known of them, in any order.
        rules: unique types, limits, and the size that no customer exceeds.
    """
    group = _Group(kinds, rules)
    for at, together in groupby(sorted(events), key=lambda event: event.at):
        group.happen(at, list(together))
    return group.history
