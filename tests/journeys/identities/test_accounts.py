"""Which account a customer belongs to, and since when."""

from datetime import timedelta
from pathlib import Path

import pytest

from journeys.identities.customers import build_customers
from tests.journeys.made_up import START, Link, Touch, customer, identifier, load, rows_of, workspace_in

NAMES = ("ann", "anns mail", "bob", "acme", "zeta")


def _of(name: str, account: str, hours: float) -> Link:
    return Link(name, account, hours, "user_id" if name in ("ann", "bob") else "email", "account_id")


def _spans(folder: Path, links: list[Link]) -> set[tuple[str, str, str | None, float, float | None]]:
    """Return name, customer, account, from and until (hours) of every row of `customers`."""
    workspace = workspace_in(folder)
    load(workspace, [Touch(name, "use", 0) for name in ("ann", "anns mail", "bob")], links=links)
    build_customers(workspace)
    names = {identifier(name): name for name in NAMES}
    customers = {customer(name): name for name in NAMES}
    return {
        (
            names[row["identifier_id"]],
            customers[row["customer_id"]],
            names.get(row["account_id"]),
            (row["known_at"] - START) / timedelta(hours=1),
            (row["known_to"] - START) / timedelta(hours=1) if row["known_to"] else None,
        )
        for row in rows_of(workspace, "customers")
    }


MAIL = Link("ann", "anns mail", 10, "user_id", "email")
FOUNDER = min(("ann", "anns mail"), key=customer)
OTHER = "anns mail" if FOUNDER == "ann" else "ann"


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (
            [_of("ann", "acme", 5), _of("bob", "acme", 6)],
            {
                ("ann", "ann", None, 0, 5),
                ("ann", "ann", "acme", 5, None),
                ("bob", "bob", None, 0, 6),
                ("bob", "bob", "acme", 6, None),
                ("acme", "acme", "acme", 5, None),
                ("anns mail", "anns mail", None, 0, None),
            },
        ),
        (
            [_of("ann", "acme", 5), _of("ann", "zeta", 7)],
            {
                ("ann", "ann", None, 0, 5),
                ("ann", "ann", "acme", 5, 7),
                ("ann", "ann", "zeta", 7, None),
                ("anns mail", "anns mail", None, 0, None),
                ("bob", "bob", None, 0, None),
                ("acme", "acme", "acme", 5, None),
                ("zeta", "zeta", "zeta", 7, None),
            },
        ),
        (
            [_of(OTHER, "acme", 5), MAIL],
            {
                (FOUNDER, FOUNDER, None, 0, 10),
                (FOUNDER, FOUNDER, "acme", 10, None),
                (OTHER, OTHER, None, 0, 5),
                (OTHER, OTHER, "acme", 5, 10),
                (OTHER, FOUNDER, "acme", 10, None),
                ("bob", "bob", None, 0, None),
                ("acme", "acme", "acme", 5, None),
            },
        ),
    ],
    ids=["two people of one company are two", "another company from then on", "a merge brings its account"],
)
def test_accounts(
    tmp_path: Path, links: list[Link], expected: set[tuple[str, str, str | None, float, float | None]]
) -> None:
    """An account joins nobody; the one told last counts, from when it was told."""
    assert _spans(tmp_path, links) == expected


def test_no_accounts(tmp_path: Path) -> None:
    """Where no source tells of accounts there are none."""
    assert {row[2] for row in _spans(tmp_path, [MAIL])} == {None}
