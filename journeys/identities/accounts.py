"""Accounts: the company of each customer, as believed at each instant."""

from typing import Any

import ibis

from journeys.config.identifiers import Identities
from journeys.engine import materialize
from journeys.identities.graph import types_of


def with_accounts(
    connection: Any, memberships: ibis.Table, links: ibis.Table, identifiers: ibis.Table, rules: Identities
) -> ibis.Table:
    """Return `memberships` with account_id, cut where the account of the customer changes.

    The account of a customer is the one told last of any of its identifiers, by what was known at the
    instant; `account_id` is the account's identifier_id. An identifier of an account is its own.

    Args:
        connection: where to compute.
        memberships: identifier_id, known_at, known_to, customer_id, rule.
        links: the table `identifier_links`.
        identifiers: `number_identifiers`.
        rules: which types are accounts.
    """
    kinds = [kind for kind in types_of(identifiers) if rules.type_of(kind).is_account]
    if not kinds:
        return memberships.mutate(account_id=ibis.null("string"))
    told = materialize(connection, _told(links, kinds), "told_accounts")
    mine = memberships.join(told, "identifier_id")
    mine = mine.filter(mine.known_to.isnull() | (mine.told_at < mine.known_to))
    arrived = materialize(
        connection,
        mine.select(
            *("customer_id", "account_id", "told_at"),
            since=ibis.greatest(mine.told_at, mine.known_at),
            until=mine.known_to,
        ),
        "arrived_accounts",
    )
    instants = ibis.union(
        arrived.select("customer_id", at=arrived.since),
        arrived.filter(arrived.until.notnull()).select("customer_id", at=arrived.until),
    ).distinct()
    there = instants.join(arrived, "customer_id")
    there = there.filter((there.since <= there["at"]) & (there.until.isnull() | (there.until > there["at"])))
    stood = there.group_by("customer_id", "at").agg(
        account_id=there.account_id.last(order_by=[there.told_at, there.account_id])
    )
    # An instant at which the last identifier with an account has left has no account.
    stood = instants.left_join(stood, ["customer_id", "at"]).select("customer_id", "at", "account_id")
    line = ibis.window(group_by="customer_id", order_by="at")
    before = stood.mutate(place=ibis.row_number().over(line), previous=stood.account_id.lag().over(line))
    changed = before.filter((before.place == 0) | ~before.account_id.identical_to(before.previous))
    changed = materialize(connection, changed.select("customer_id", "at", "account_id"), "account_changes")
    own = identifiers.filter(identifiers["type"].isin(kinds)).select("identifier_id", own_id="identifier_id")
    cut = _cut(memberships, changed).left_join(own, "identifier_id")
    return cut.select(
        *("identifier_id", "known_at", "known_to", "customer_id", "rule"),
        account_id=ibis.coalesce(cut.own_id, cut.account_id),
    )


def _told(links: ibis.Table, kinds: list[str]) -> ibis.Table:
    """Return identifier_id, account_id, told_at: which account was told of which identifier, and when."""
    is_left, is_right = links.left_type.isin(kinds), links.right_type.isin(kinds)
    of_right = links.filter(~is_left & is_right)
    of_left = links.filter(is_left & ~is_right)
    rows = ibis.union(
        of_right.select(identifier_id="left_identifier_id", account_id="right_identifier_id", told_at=_last(of_right)),
        of_left.select(identifier_id="right_identifier_id", account_id="left_identifier_id", told_at=_last(of_left)),
    )
    return rows.distinct()


def _last(links: ibis.Table) -> ibis.Value:
    return links.known_at


def _cut(memberships: ibis.Table, changed: ibis.Table) -> ibis.Table:
    """Return memberships in parts, each with the account that the customer has during it."""
    begins = memberships.select(*memberships.columns, begins=memberships.known_at)
    within = memberships.join(changed.select("customer_id", "at"), "customer_id")
    within = within.filter(
        (within["at"] > within.known_at) & (within.known_to.isnull() | (within["at"] < within.known_to))
    )
    parts = ibis.union(begins, within.select(*memberships.columns, begins=within["at"]))
    line = ibis.window(group_by=["identifier_id", "known_at"], order_by="begins")
    parts = parts.mutate(ends=ibis.coalesce(parts.begins.lead().over(line), parts.known_to))
    standing = parts.left_join(changed, "customer_id")
    standing = standing.mutate(is_before=(standing["at"] <= standing.begins).fill_null(False))
    found = standing.group_by("identifier_id", "begins").agg(
        known_to=standing.ends.max(),
        customer_id=standing.customer_id.max(),
        rule=standing.rule.max(),
        account_id=standing.account_id.argmax(standing["at"], where=standing.is_before),
    )
    return found.rename(known_at="begins")
