"""Who is who, link by link."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config.identifiers import IdentifierType, Identities
from journeys.identities import resolve as module
from journeys.identities.resolve import Apart
from tests.journeys.identities.drawn import (
    BOUNDLESS,
    KINDS,
    NUMBERS,
    RULES,
    Resolution,
    believed,
    kinds_of,
    links,
    resolved,
)
from tests.journeys.identities.slow import Seen, SlowFollowing, forbidden

INSTANTS = range(11)


def _resolved(seen: list[Seen], apart: list[Apart] | None = None, rules: Identities = RULES) -> Resolution:
    return resolved(kinds_of(), seen, apart or [], rules)


def _rows(table: dict[str, Any], *columns: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table[column].tolist() for column in columns), strict=True))


def _refusals(found: Resolution) -> list[tuple[int, int, str, int]]:
    rows = _rows(found.refusals, "strong", "weak", "rule", "known_at")
    return sorted((strong, weak, found.rules[rule], at) for strong, weak, rule, at in rows)


@settings(max_examples=100, deadline=None)
@given(seen=links(RULES))
def test_equals_the_slow_one(seen: list[Seen]) -> None:
    """Customers at every instant, merges and refusals equal those of plain sets."""
    found = _resolved(seen)
    slow = SlowFollowing(kinds_of(), RULES).follow(seen)
    for at in INSTANTS:
        then = SlowFollowing(kinds_of(), RULES).follow([link for link in seen if link.at <= at])
        assert believed(found, NUMBERS, at) == then.believed()
    assert sorted(_rows(found.merges, "kept", "merged", "known_at")) == sorted(slow.merges)
    assert _refusals(found) == sorted(slow.refusals)


@settings(max_examples=100, deadline=None)
@given(seen=links(BOUNDLESS, may_end=True))
def test_links_that_end_and_come_back(seen: list[Seen]) -> None:
    """At every instant customers are those of the links that are followed at it, whatever was before."""
    found = _resolved(seen, rules=BOUNDLESS)
    for at in INSTANTS:
        standing = [Seen(link.strong, link.weak, link.at) for link in seen if link.at <= at < link.until]
        slow = SlowFollowing(kinds_of(), BOUNDLESS).follow(standing)
        assert believed(found, NUMBERS, at) == slow.believed()


@settings(max_examples=100, deadline=None)
@given(
    seen=links(RULES, may_end=True), until=st.integers(0, 5), apart=st.lists(st.integers(0, NUMBERS - 1), max_size=2)
)
def test_what_is_known_later_changes_nothing_earlier(seen: list[Seen], until: int, apart: list[int]) -> None:
    """Whoever looks from an instant sees the same customers, whether or not anything came after it."""
    decisions = [Apart(*sorted(apart), 4)] if len(set(apart)) == 2 else []  # type: ignore[call-arg]
    everything = _resolved(seen, decisions)
    cut = [
        Seen(link.strong, link.weak, link.at, link.until if link.until <= until else 10**9)
        for link in seen
        if link.at <= until
    ]
    then = _resolved(cut, [decision for decision in decisions if decision.known_at <= until])
    for at in range(until + 1):
        assert believed(everything, NUMBERS, at) == believed(then, NUMBERS, at)


@settings(max_examples=100, deadline=None)
@given(seen=links(RULES, may_end=True), apart=st.lists(st.integers(0, NUMBERS - 1), max_size=2))
def test_no_customer_breaks_a_rule(seen: list[Seen], apart: list[int]) -> None:
    """At no instant does a customer hold two users, too many devices, or two whom a person put apart."""
    decisions = [Apart(*sorted(apart), 3)] if len(set(apart)) == 2 else []  # type: ignore[call-arg]
    found = _resolved(seen, decisions)
    for at in INSTANTS:
        customers = believed(found, NUMBERS, at)
        for customer in set(customers.values()):
            group = {node for node, of in customers.items() if of == customer}
            assert customer == min(group)
            assert forbidden(group, kinds_of(), RULES) is None
        for decision in decisions:
            assert at < decision.known_at or customers[decision.one] != customers[decision.other]


@settings(max_examples=50, deadline=None)
@given(seen=links(RULES, may_end=True), seed=st.randoms())
def test_the_order_of_rows_does_not_matter(seen: list[Seen], seed: Any) -> None:
    """Shuffled input gives the same answer."""
    shuffled = list(seen)
    seed.shuffle(shuffled)
    one, other = _resolved(seen), _resolved(shuffled)
    for at in INSTANTS:
        assert believed(one, NUMBERS, at) == believed(other, NUMBERS, at)
    assert _refusals(one) == _refusals(other)


@settings(max_examples=100, deadline=None)
@given(seen=links(RULES))
def test_together_or_one_by_one_is_the_same(seen: list[Seen]) -> None:
    """Groups followed together as columns come to what they come to one by one."""
    together = _resolved(seen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LONGEST_TOGETHER", 0)
        alone = _resolved(seen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LINKS_A_PART", 1)
        in_parts = _resolved(seen)
    for at in INSTANTS:
        assert believed(together, NUMBERS, at) == believed(alone, NUMBERS, at) == believed(in_parts, NUMBERS, at)
    columns = ("kept", "merged", "strong", "weak", "rule", "known_at")
    assert sorted(_rows(together.merges, *columns)) == sorted(_rows(alone.merges, *columns))


USER, EMAIL, DEVICE, OWN, TICKET = range(5)
"""The first of each type; another five further on."""


@pytest.mark.parametrize(
    ("seen", "together", "refused"),
    [
        ([(USER, EMAIL, 1)], {(USER, EMAIL)}, []),
        ([(USER, EMAIL, 1), (USER + 5, EMAIL, 2)], {(USER, EMAIL)}, ["unique:user_id"]),
        ([(USER, EMAIL, 1), (EMAIL, EMAIL + 5, 2), (USER + 5, EMAIL + 5, 3)], {(USER, EMAIL + 5)}, ["unique:user_id"]),
        ([(USER, USER + 5, 1)], set(), ["unique:user_id"]),
        ([(USER, DEVICE, 1), (USER, DEVICE + 5, 2), (USER, DEVICE + 10, 3)], {(USER, DEVICE + 5)}, ["limit:device_id"]),
        ([(USER, TICKET, 1), (USER, TICKET + 5, 1), (USER + 5, TICKET, 2)], {(USER, TICKET)}, ["unique:user_id"]),
    ],
    ids=["joined", "second user refused", "refused through a chain", "two users never", "limit", "one ticket of two"],
)
def test_rules(seen: list[tuple[int, int, int]], together: set[tuple[int, int]], refused: list[str]) -> None:
    """Two values of a unique type never become one customer, and limits hold; whatever else is linked is one."""
    found = _resolved([Seen(*link) for link in seen])
    customers = believed(found, NUMBERS)
    for one, other in together:
        assert customers[one] == customers[other]
    assert [rule for *_, rule, _ in _refusals(found)] == refused


def test_tickets_do_not_fill_a_customer() -> None:
    """Any number of references belongs to one customer."""
    kinds = {0: "user_id"} | dict.fromkeys(range(1, 300), "hubspot_ticket_id")
    seen = [Seen(0, node, node) for node in range(1, 300)]
    found = resolved(kinds, seen, [], RULES)
    assert set(believed(found, 300).values()) == {0}
    assert not _refusals(found)


def test_of_one_instant_the_stronger_link_goes_first() -> None:
    """A user and an address are joined before a device with another user's address."""
    seen = [Seen(USER, DEVICE, 1), Seen(USER + 5, DEVICE, 1), Seen(USER + 5, EMAIL, 1)]
    found = _resolved(seen)
    merges = sorted(_rows(found.merges, "known_at", "strong", "weak"))
    assert merges == [(1, USER, DEVICE), (1, USER + 5, EMAIL)]
    assert _refusals(found) == [(USER + 5, DEVICE, "unique:user_id", 1)]


def test_put_apart_and_joined_no_more() -> None:
    """Two whom a person put apart are two from then on, and no later link joins them."""
    seen = [Seen(USER, EMAIL, 1), Seen(EMAIL, DEVICE, 2), Seen(USER, DEVICE, 6)]
    found = _resolved(seen, [Apart(USER, DEVICE, 4)])
    assert believed(found, NUMBERS, 3)[DEVICE] == USER
    assert believed(found, NUMBERS, 4)[DEVICE] == believed(found, NUMBERS)[DEVICE] == DEVICE
    assert believed(found, NUMBERS)[EMAIL] == USER
    assert _refusals(found) == sorted([(EMAIL, DEVICE, "apart", 4), (USER, DEVICE, "apart", 6)])


def test_nothing_is_linked() -> None:
    """Without links every identifier is a customer."""
    found = _resolved([])
    assert believed(found, NUMBERS) == {node: node for node in range(NUMBERS)}
    assert not any(len(column) for table in (found.changes, found.merges, found.refusals) for column in table.values())


def test_kinds_of_the_drawn_world() -> None:
    """The worlds hold unique types, limits and references, so that the tests above meet all of them."""
    rules = [RULES.type_of(kind) for kind in KINDS]
    assert any(rule.is_unique for rule in rules)
    assert any(rule.is_reference for rule in rules)
    assert RULES.type_of("device_id") == IdentifierType(priority=5, limit=2)
