"""What each source tells: how much, how fresh, with which gaps, and of whom one knows who it was."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.datatypes as dt
import numpy as np
import pandas as pd

from journeys.config.identifiers import Identities
from journeys.engine import local_time

RECENT_DAYS = 30

RARE = 0.001
"""A silence is told where it would come by chance less often than this."""

SHORTEST_SILENCE = 2
FEWEST_DAYS = 10
"""Of something seen on fewer days it cannot be said how often it happens."""

WHOLE_SOURCE = ("source", "category")
TOUCHPOINT = ("source", "category", "touchpoint")


def days_told(connection: Any, touchpoints: ibis.Table, keys: tuple[str, ...], zone: ZoneInfo) -> pd.DataFrame:
    """Return `keys`, day (a date of the business's zone) and count_touchpoints of each day with something.

    Args:
        connection: where to compute.
        touchpoints: the table of that name.
        keys: what is looked at: `WHOLE_SOURCE` or `TOUCHPOINT`.
        zone: the business's time zone.
    """
    day = local_time(str(zone), touchpoints.event_at).date()
    counted = touchpoints.group_by(*keys, day=day).agg(count_touchpoints=touchpoints.count())
    frame: pd.DataFrame = connection.to_pandas(counted.order_by(*keys, "day"))
    frame["day"] = pd.to_datetime(frame["day"])
    return frame


def regularity(days: pd.DataFrame, keys: tuple[str, ...], until: pd.Timestamp) -> pd.DataFrame:
    """Return one row a group of `keys`: how regularly something came, and how long nothing has.

    Days are taken as independent: where a share p of the days has something, s days without anything
    come by chance with probability (1 - p) ** s. A silence until the end is told where that is below `RARE`; so is a
    gap, by the share of the days before it.

    Args:
        days: `days_told`.
        keys: the same as there.
        until: the last day of all data.

    Returns:
        keys, count_touchpoints, count_touchpoints_30d, count_days, active_day_share, silent_days, is_stopped,
        longest_gap_days, gap_from, gap_until (dates between which nothing came; NaT where there is no gap to tell).
    """
    grouped = days.groupby(list(keys), sort=True, dropna=False)
    span = pd.DataFrame(grouped["day"].agg(first_day="min", last_day="max", count_days="count"))
    span["count_touchpoints"] = grouped["count_touchpoints"].sum()
    recent = days[days["day"] > until - pd.Timedelta(days=RECENT_DAYS)]
    span["count_touchpoints_30d"] = recent.groupby(list(keys), dropna=False)["count_touchpoints"].sum()
    span["count_touchpoints_30d"] = span["count_touchpoints_30d"].fillna(0).astype("int64")
    span["active_day_share"] = span["count_days"] / ((span["last_day"] - span["first_day"]).dt.days + 1)
    span["silent_days"] = (until - span["last_day"]).dt.days
    span["is_stopped"] = _is_rare(span["silent_days"], span)
    gaps = days.assign(previous=grouped["day"].shift())
    gaps["gap_days"] = ((gaps["day"] - gaps["previous"]).dt.days - 1).fillna(0)
    # A gap is judged by the days before it: when a business was small, days without anything were common.
    gaps["count_days"] = grouped.cumcount()
    first_day = grouped["day"].transform("min")
    gaps["active_day_share"] = gaps["count_days"] / ((gaps["previous"] - first_day).dt.days + 1)
    told = _longest(gaps[_is_rare(gaps["gap_days"], gaps)], keys)
    span["longest_gap_days"] = _longest(gaps, keys)["gap_days"].astype("int64")
    span["gap_from"] = told["previous"] + pd.Timedelta(days=1)
    span["gap_until"] = told["day"] - pd.Timedelta(days=1)
    return span.reset_index()


def _longest(gaps: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    ordered = gaps.sort_values("gap_days", kind="stable")
    return ordered.groupby(list(keys), dropna=False).tail(1).set_index(list(keys))


def _is_rare(silence: pd.Series, span: pd.DataFrame) -> pd.Series:
    by_chance = np.power(1 - span["active_day_share"], silence)
    return (span["count_days"] >= FEWEST_DAYS) & (silence >= SHORTEST_SILENCE) & (by_chance < RARE)


def people_told(touchpoints: ibis.Table, known: ibis.Table, owners: ibis.Table, until: datetime) -> ibis.Table:
    """Return source, category, touchpoint, customer_id, count_touchpoints, count_identified, is_recent, first_at, last_at.

    Args:
        touchpoints: the table of that name, with the owners of shared identifiers.
        known: `known_identifiers`.
        owners: identifier_id and customer_id as believed now; may be empty before the first build.
        until: the end of all data.
    """
    named = touchpoints.mutate(identifier_id=touchpoints.identifier_ids[0])
    joined = named.left_join(known.mutate(is_known=True), "identifier_id").drop("identifier_id_right")
    joined = joined.left_join(owners.select("identifier_id", "customer_id"), "identifier_id")
    since = ibis.literal(until).cast("timestamp('UTC', 6)") - ibis.interval(days=RECENT_DAYS)
    return joined.group_by(*TOUCHPOINT, customer_id=ibis.coalesce(joined.customer_id, joined.identifier_id)).agg(
        count_touchpoints=joined.count(),
        count_identified=joined.is_known.fill_null(False).sum(),
        is_recent=(joined.event_at > since).any(),
        first_at=joined.event_at.min(),
        last_at=joined.event_at.max(),
    )


def known_identifiers(vault: ibis.Table, owners: ibis.Table, rules: Identities) -> ibis.Table:
    """Return the identifier_id of those that say who somebody is.

    They are as strong as an e-mail address, or stronger, or belong to a customer who has such a one.

    Args:
        vault: identifier_id and type.
        owners: identifier_id and customer_id as believed now; may be empty before the first build.
        rules: how strong each type is.
    """
    kinds = vault.select("type").distinct().to_pyarrow()["type"].to_pylist()
    weakest = rules.type_of("email").priority
    strong = [kind for kind in kinds if rules.type_of(kind).priority <= weakest]
    named = vault.filter(vault["type"].isin(strong)).select("identifier_id").distinct()
    customers = owners.semi_join(named, "identifier_id").select("customer_id")
    theirs = owners.semi_join(customers, "customer_id")
    parts = (part.select(identifier_id=part.identifier_id.cast(dt.String(nullable=True))) for part in (named, theirs))
    return ibis.union(*parts, distinct=True)
