"""Ownership in intervals: who used a shared identifier when an anonymous touchpoint happened on it.

From a login on a shared device until the next login by another, what happens on it without a name is of
whoever logged in. Whether somebody owns a touchpoint depends on what was known when the touchpoint was
known, and never changes afterwards, so that it is safe in every snapshot.
"""

from datetime import timedelta

import ibis
import pyarrow as pa

from journeys.config.identifiers import Identities
from journeys.identities.graph import Integers

LOGIN_LASTS = timedelta(days=30)
"""A login longer ago says nothing of who uses the device."""


def touchpoint_owners(
    touchpoints: ibis.Table, identifiers: ibis.Table, shared: Integers, rules: Identities
) -> ibis.Table:
    """Return touchpoint_id, identifier_id: of anonymous touchpoints on shared identifiers, the identifier that owns it.

    Without a row is what happened before the first login, longer than `LOGIN_LASTS` after the last, on an
    identifier with more than `max_owners` owners so far, or before the last login was known.

    Args:
        touchpoints: the table of that name.
        identifiers: `number_identifiers`.
        shared: numbers of the shared identifiers.
        rules: how many owners make an identifier nobody's.
    """
    chosen = ibis.memtable(pa.table({"node": pa.array(shared, pa.int32())}))
    on = identifiers.semi_join(chosen, "node").select(shared_id="identifier_id")
    there = touchpoints.select(
        "touchpoint_id", "event_at", "known_at", "identifier_ids", strongest_id=touchpoints.identifier_ids[0]
    )
    rows = there.select(
        "touchpoint_id", "event_at", "known_at", "strongest_id", shared_id=there.identifier_ids.unnest()
    ).semi_join(on, "shared_id")
    is_login = rows.strongest_id != rows.shared_id
    line = ibis.window(group_by="shared_id", order_by=["event_at", "known_at", "touchpoint_id"])
    rows = rows.mutate(is_login=is_login, place=ibis.row_number().over(line))
    firsts = ibis.window(group_by=["shared_id", "strongest_id", "is_login"], order_by="place")
    rows = rows.mutate(is_new_owner=rows.is_login & (ibis.row_number().over(firsts) == 0))
    so_far = ibis.cumulative_window(group_by="shared_id", order_by="place")
    rows = rows.mutate(
        login_place=ibis.ifelse(rows.is_login, rows.place, ibis.null("int64")).max().over(so_far),
        owners=rows.is_new_owner.cast("int64").sum().over(so_far),
    )
    logins = rows.filter(rows.is_login).select(
        "shared_id", login_place="place", identifier_id="strongest_id", login_at="event_at", login_known_at="known_at"
    )
    owned = rows.filter(~rows.is_login & (rows.owners <= rules.max_owners)).join(logins, ["shared_id", "login_place"])
    is_recent = owned.event_at.delta(owned.login_at, unit="second") <= int(LOGIN_LASTS.total_seconds())
    return owned.filter(is_recent & (owned.login_known_at <= owned.known_at)).select("touchpoint_id", "identifier_id")


def with_owners(touchpoints: ibis.Table, owners: ibis.Table) -> ibis.Table:
    """Return `touchpoints` with the identifier that owns each first among its identifier_ids.

    Args:
        touchpoints: the table of that name.
        owners: `touchpoint_owners`.
    """
    joined = touchpoints.left_join(owners.select("touchpoint_id", owner_id="identifier_id"), "touchpoint_id")
    owned = ibis.array([joined.owner_id]).concat(joined.identifier_ids)
    named = joined.mutate(identifier_ids=ibis.ifelse(joined.owner_id.isnull(), joined.identifier_ids, owned))
    return named.select(*touchpoints.columns)
