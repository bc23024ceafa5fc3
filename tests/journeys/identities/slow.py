"""Identity by plain sets: slow and obvious."""

from dataclasses import dataclass

from journeys.config.identifiers import Identities

FOREVER = 10**9


@dataclass(frozen=True)
class Seen:
    """Two identifiers (numbers, the older the smaller) linked from one instant until another."""

    strong: int
    weak: int
    at: int
    until: int = FOREVER


@dataclass(frozen=True)
class Record:
    """One record at an instant: a weak identifier seen with a stronger one."""

    strong: int
    weak: int
    at: int


def forbidden(group: set[int], kinds: dict[int, str], rules: Identities) -> str | None:
    """Return the rule that a customer of these identifiers breaks, or None."""
    counted = [kinds[node] for node in group if not rules.type_of(kinds[node]).is_reference]
    if len(counted) > rules.max_component:
        return "max_component"
    for kind in sorted(set(counted)):
        rule = rules.type_of(kind)
        if rule.is_unique and counted.count(kind) > 1:
            return f"unique:{kind}"
        if counted.count(kind) > rule.limit:
            return f"limit:{kind}"
    return None


class SlowFollowing:
    """Links followed one after the other into groups, those of one instant the stronger first."""

    def __init__(self, kinds: dict[int, str], rules: Identities) -> None:
        self.kinds = kinds
        self.rules = rules
        self.groups = [{node} for node in kinds]
        self.merges: list[tuple[int, int, int]] = []
        self.refusals: list[tuple[int, int, str, int]] = []

    def follow(self, links: list[Seen]) -> "SlowFollowing":
        """Follow links in the order in which they became known."""
        for link in sorted(links, key=self._order):
            one, other = self._group(link.strong), self._group(link.weak)
            if one is other:
                continue
            rule = forbidden(one | other, self.kinds, self.rules)
            if rule:
                self.refusals.append((link.strong, link.weak, rule, link.at))
                continue
            self.merges.append((*sorted((min(one), min(other))), link.at))
            self.groups.remove(one)
            self.groups.remove(other)
            self.groups.append(one | other)
        return self

    def believed(self) -> dict[int, int]:
        """Return the customer of each identifier: the oldest of its group."""
        return {node: min(group) for group in self.groups for node in group}

    def _group(self, node: int) -> set[int]:
        return next(group for group in self.groups if node in group)

    def _order(self, link: Seen) -> tuple[int, int, int, int]:
        strength = sum(self.rules.type_of(self.kinds[node]).priority for node in (link.strong, link.weak))
        return link.at, strength, link.strong, link.weak


def followed_at(records: list[Record], kinds: dict[int, str], rules: Identities, at: int) -> set[tuple[int, int]]:
    """Return the links that are followed by what was known at an instant."""
    known = [record for record in records if record.at <= at]
    pairs = {(record.strong, record.weak) for record in known}
    return {pair for pair in pairs if _is_followed(pair, known, kinds, rules)}


def _is_followed(pair: tuple[int, int], known: list[Record], kinds: dict[int, str], rules: Identities) -> bool:
    strong, weak = pair
    if rules.type_of(kinds[strong]).priority == rules.type_of(kinds[weak]).priority:
        return True
    owners: dict[str, list[int]] = {}
    for record in known:
        if record.weak == weak:
            owners.setdefault(kinds[record.strong], []).append(record.strong)
    allowed = rules.type_of(kinds[weak]).shared_above
    too_many = [kind for kind, nodes in owners.items() if kind in allowed and len(set(nodes)) > allowed[kind]]
    if not too_many:
        return True
    counted_by = min(too_many, key=lambda kind: (rules.type_of(kind).priority, kind))
    nodes = owners[counted_by]
    is_few = len(set(nodes)) <= rules.max_owners
    return is_few and strong in nodes and nodes.count(strong) >= rules.dominant_share * len(nodes)
