"""Who is who, link by link."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config.identifiers import IdentifierType, Identities
from journeys.identities.resolve import MEMBERSHIP_COLUMNS, Resolution, customer_id_of, resolve
from tests.journeys.identities.slow import SlowIdentities
from tests.journeys.made_up import START, Link, customer, identifier

KINDS = {"u": "user_id", "e": "email", "d": "device_id", "q": "own_kind", "t": "hubspot_ticket_id"}
"""The first letter of a made-up name says its type."""

RULES = Identities(types={"device_id": IdentifierType(priority=5, limit=2)}, max_component=6)


def _kind(name: str) -> str:
    return KINDS[name[0]]


def _link(left: str, right: str, hours: float) -> Link:
    return Link(left, right, hours, _kind(left), _kind(right))


def _at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def _first_seen(names: list[str], links: list[Link]) -> dict[str, datetime]:
    """Say when each identifier was first seen: with its first link, else at the start."""
    return {
        name: min((_at(link.hours) for link in links if name in (link.left, link.right)), default=START)
        for name in names
    }


def _resolved(names: list[str], links: list[Link], first: dict[str, datetime] | None = None) -> Resolution:
    seen = first or _first_seen(names, links)
    identifiers = pd.DataFrame(
        {
            "identifier_id": [identifier(name) for name in names],
            "type": [_kind(name) for name in names],
            "known_at": pd.Series([seen[name] for name in names], dtype="datetime64[us, UTC]"),
        }
    )
    columns = ["left_identifier_id", "right_identifier_id", "left_type", "right_type", "known_at"]
    rows = pd.DataFrame([link.row() for link in links], columns=columns)
    return resolve(identifiers, rows.astype({"known_at": "datetime64[us, UTC]"}), RULES)


def _believed(found: Resolution, at: datetime | None = None) -> dict[str, str]:
    """Return the customer of each identifier at an instant, or now."""
    rows = found.memberships
    if at is None:
        rows = rows[rows.known_to.isna()]
    else:
        rows = rows[(rows.known_at <= at) & (rows.known_to.isna() | (rows.known_to > at))]
    assert rows.identifier_id.is_unique
    return dict(zip(rows.identifier_id, rows.customer_id, strict=True))


def test_things_do_not_fill_a_customer() -> None:
    """Any number of tickets belongs to one customer, and a ticket does not make one of two."""
    names = ["u0", "u1", *(f"t{number}" for number in range(20))]
    links = [_link("u0", f"t{number}", 1) for number in range(20)]
    found = _resolved(names, [*links, _link("u1", "t3", 2)])
    believed = _believed(found)
    assert {believed[identifier(f"t{number}")] for number in range(20)} == {believed[identifier("u0")]}
    assert believed[identifier("u1")] != believed[identifier("u0")]
    assert found.refusals["rule"].tolist() == ["unique:user_id"]


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[list[str], list[Link]]:
    names = [f"{letter}{number}" for letter in KINDS for number in range(4)]
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names)).filter(lambda pair: pair[0] != pair[1])
    drawn = draw(st.lists(st.tuples(pairs, st.integers(0, 5)), max_size=25))
    return names, [_link(left, right, hours) for (left, right), hours in drawn]


@settings(max_examples=25, deadline=None)
@given(world=_worlds())
def test_equals_the_slow_one(world: tuple[list[str], list[Link]]) -> None:
    """Customers, merges and refusals equal those of plain sets."""
    names, links = world
    first = _first_seen(names, links)
    found = _resolved(names, links)
    slow = SlowIdentities({name: _kind(name) for name in names}, first, RULES).follow(links)
    assert _believed(found) == slow.believed()
    merges = found.merges[["kept_customer_id", "merged_customer_id", "known_at"]]
    assert list(merges.itertuples(index=False, name=None)) == slow.merges
    assert list(found.refusals.itertuples(index=False, name=None)) == slow.refusals


@settings(max_examples=25, deadline=None)
@given(world=_worlds(), until=st.integers(0, 5))
def test_later_links_change_nothing_earlier(world: tuple[list[str], list[Link]], until: int) -> None:
    """Whoever looks from an instant sees the same customers, whether or not links came after it."""
    names, links = world
    first = _first_seen(names, links)
    everything = _resolved(names, links, first)
    then = _resolved(names, [link for link in links if link.hours <= until], first)
    for hours in range(until + 1):
        assert _believed(everything, _at(hours)) == _believed(then, _at(hours))
    earlier = everything.merges[everything.merges.known_at <= _at(until)]
    assert earlier.to_dict("records") == then.merges.to_dict("records")


@settings(max_examples=25, deadline=None)
@given(world=_worlds(), seed=st.randoms())
def test_the_order_of_rows_does_not_matter(world: tuple[list[str], list[Link]], seed: Any) -> None:
    """Shuffled input gives the same answer."""
    names, links = world
    shuffled = list(links)
    seed.shuffle(shuffled)
    one, other = _resolved(names, links), _resolved(names, shuffled)
    pd.testing.assert_frame_equal(one.memberships, other.memberships)
    pd.testing.assert_frame_equal(one.refusals, other.refusals)


@pytest.mark.parametrize(
    ("links", "groups", "refused"),
    [
        ([("u1", "e1", 1)], [{"u1", "e1"}, {"u2"}, {"e2"}], []),
        ([("u1", "e1", 1), ("u2", "e1", 2)], [{"u1", "e1"}, {"u2"}, {"e2"}], ["unique:user_id"]),
        ([("u1", "e1", 1), ("e1", "e2", 2), ("u2", "e2", 3)], [{"u1", "e1", "e2"}, {"u2"}], ["unique:user_id"]),
        ([("u1", "e1", 1), ("u1", "e1", 2), ("e1", "u1", 3)], [{"u1", "e1"}, {"u2"}, {"e2"}], []),
        ([("u2", "e1", 1), ("u1", "e1", 1), ("u1", "u2", 1)], None, ["unique:user_id", "unique:user_id"]),
    ],
    ids=["joined", "second user refused", "refused through a chain", "again is nothing new", "two users never"],
)
def test_unique_types(links: list[tuple[str, str, float]], groups: list[set[str]] | None, refused: list[str]) -> None:
    """Two values of a unique type never become one customer; whatever else is seen together does."""
    found = _resolved(["u1", "u2", "e1", "e2"], [_link(*link) for link in links])
    assert found.refusals["rule"].tolist() == refused
    if groups is not None:
        believed = _believed(found)
        together = {
            frozenset(name for name in ("u1", "u2", "e1", "e2") if believed[identifier(name)] == customer_id)
            for customer_id in believed.values()
        }
        assert together == {frozenset(group) for group in groups}


def test_limits() -> None:
    """A type's limit and the size of a customer each stop the link that would exceed them, and say so."""
    devices = _resolved(["u1", "d1", "d2", "d3"], [_link("u1", f"d{number}", number) for number in (1, 2, 3)])
    assert devices.refusals["rule"].tolist() == ["limit:device_id"]
    names = ["u1", *(f"{kind}{number}" for kind in "eq" for number in range(4))]
    large = _resolved(names, [_link("u1", name, hours) for hours, name in enumerate(names[1:])])
    assert large.refusals["rule"].tolist() == ["max_component"] * 3
    assert large.merges["rule"].tolist()[-1] == "link:user_id-own_kind"


def test_of_one_instant_the_stronger_link_goes_first() -> None:
    """A user and an e-mail address are joined before a device with another user's address."""
    weak, strong = _link("d1", "u2", 1), _link("u1", "u2", 1)
    found = _resolved(["u1", "u2", "d1", "e1"], [_link("d1", "u1", 1), weak, _link("e1", "u2", 1), strong])
    assert found.merges["rule"].tolist()[0] == "link:email-user_id"


def test_the_older_customer_is_kept() -> None:
    """A merge keeps the customer known first, moves the other from then on, and leaves its past alone."""
    first = {"e1": _at(0), "u1": _at(5)}
    found = _resolved(["e1", "u1"], [_link("u1", "e1", 9)], first)
    assert found.merges.to_dict("records") == [
        {
            "kept_customer_id": customer("e1"),
            "merged_customer_id": customer("u1"),
            "rule": "link:user_id-email",
            "known_at": pd.Timestamp(_at(9)),
        }
    ]
    moved = found.memberships[found.memberships.identifier_id == identifier("u1")]
    assert moved[["known_at", "known_to", "customer_id", "rule"]].astype(object).to_numpy().tolist() == [
        [_at(5), _at(9), customer("u1"), "first_seen"],
        [_at(9), pd.NaT, customer("e1"), "link:user_id-email"],
    ]


def test_identifiers_alone_found_a_customer_each() -> None:
    """Without links every identifier is a customer."""
    found = _resolved(["u1", "e1"], [])
    assert set(_believed(found).values()) == {customer_id_of(identifier("u1")), customer_id_of(identifier("e1"))}
    assert found.memberships.columns.tolist() == MEMBERSHIP_COLUMNS


def test_links_of_unknown_identifiers_are_not_followed() -> None:
    """A link to an identifier that is no longer in the vault brings nobody back."""
    found = _resolved(["u1", "e1"], [_link("u1", "e9", 1), _link("e9", "e1", 2)], {"u1": START, "e1": START})
    assert found.merges.empty
    assert len(set(_believed(found).values())) == 2
