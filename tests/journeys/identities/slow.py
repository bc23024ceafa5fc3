"""Identity by plain sets: slow and obvious."""

from datetime import datetime, timedelta

from journeys.config.identifiers import Identities
from tests.journeys.made_up import START, Link, customer, identifier


class SlowIdentities:
    """Who is who after following links one by one; `believed` is the customer of each name."""

    def __init__(self, types: dict[str, str], first: dict[str, datetime], rules: Identities) -> None:
        self.types = types
        self.first = first
        self.rules = rules
        self.groups = [{name} for name in types]
        self.merges: list[tuple[str, str, datetime]] = []
        self.refusals: list[tuple[str, str, str, datetime]] = []

    def follow(self, links: list[Link]) -> "SlowIdentities":
        """Follow links in the order in which they became known, the stronger first among equals."""
        seen = set()
        for link in sorted(links, key=self._order):
            if (link.left, link.right) in seen:
                continue
            seen.add((link.left, link.right))
            one, other = self._group(link.left), self._group(link.right)
            if one is other:
                continue
            at = START + timedelta(hours=link.hours)
            rule = self._forbidden(one | other)
            if rule:
                self.refusals.append((identifier(link.left), identifier(link.right), rule, at))
                continue
            kept, merged = sorted((self.name_of(one), self.name_of(other)), key=self._age)
            self.merges.append((customer(kept), customer(merged), at))
            self.groups.remove(one)
            self.groups.remove(other)
            self.groups.append(one | other)
        return self

    def believed(self) -> dict[str, str]:
        """Return the customer of each identifier."""
        return {identifier(name): customer(self.name_of(group)) for group in self.groups for name in group}

    def name_of(self, group: set[str]) -> str:
        """Return the name that founded a group: its oldest."""
        return min(group, key=self._age)

    def _age(self, name: str) -> tuple[datetime, str]:
        return self.first[name], customer(name)

    def _group(self, name: str) -> set[str]:
        return next(group for group in self.groups if name in group)

    def _order(self, link: Link) -> tuple[float, int, str, str]:
        strength = sum(self.rules.type_of(self.types[name]).priority for name in (link.left, link.right))
        return link.hours, strength, identifier(link.left), identifier(link.right)

    def _forbidden(self, group: set[str]) -> str | None:
        kinds = [self.types[name] for name in group if not self.rules.type_of(self.types[name]).is_reference]
        if len(kinds) > self.rules.max_component:
            return "max_component"
        for kind in sorted(set(kinds)):
            rule = self.rules.type_of(kind)
            if rule.is_unique and kinds.count(kind) > 1:
                return f"unique:{kind}"
            if kinds.count(kind) > rule.limit:
                return f"limit:{kind}"
        return None
