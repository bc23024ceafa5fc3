"""The instants from which training looks: a calendar, or so many days or touches after a journey's start."""

from datetime import datetime, timedelta

import ibis
import pandas as pd
import pyarrow as pa

from journeys.config.targets import Target
from journeys.identities.customers import current_customers, customers_at

MOST_CALENDAR_SNAPSHOTS = 60
"""A calendar goes back over so many snapshots at most: older behaviour says little, and each costs a pass."""


def training_spine(
    steps: ibis.Table,
    customers: ibis.Table,
    target: Target,
    *,
    first_at: datetime,
    known_until: datetime,
    lag: timedelta,
) -> ibis.Table:
    """Return customer_id (as believed then) and snapshot_at of every training row whose label can be mature.

    Args:
        steps: `order_steps` of what was known at `known_until`.
        customers: the table of that name as it stood at `known_until`.
        target: kind of snapshots, gap and horizon.
        first_at: the first instant that the data know of.
        known_until: the instant at which training happens.
        lag: how long after an outcome its sources tell of it.
    """
    last = known_until - lag - target.gap - target.horizon
    if target.snapshots.every is not None:
        instants = calendar_snapshots(first_at, last, target.snapshots.every)
        moments = ibis.memtable(pa.table({"snapshot_at": pa.array(instants, pa.timestamp("us", "UTC"))}))
        return customers_at(customers, moments).select("customer_id", "snapshot_at").distinct()
    landmarks = _landmarks(steps, target)
    landmarks = landmarks.filter(landmarks.snapshot_at <= ibis.literal(last).cast("timestamp('UTC', 6)"))
    # The journey is known under the latest customer; the features need the one believed at the landmark.
    latest = landmarks.join(current_customers(customers), "customer_id").select("identifier_id", "snapshot_at")
    then = latest.join(customers, "identifier_id")
    believed = then.filter(
        (then.known_at <= then.snapshot_at) & (then.known_to.isnull() | (then.known_to > then.snapshot_at))
    )
    return believed.select("customer_id", "snapshot_at").distinct()


def calendar_snapshots(first_at: datetime, last_at: datetime, every: timedelta) -> list[datetime]:
    """Return the instants last_at, last_at - every, ... down to one step after `first_at`, oldest first.

    >>> from datetime import UTC
    >>> [at.day for at in calendar_snapshots(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 22, tzinfo=UTC), timedelta(days=7))]
    [8, 15, 22]
    """
    count = min(int((last_at - first_at) / every), MOST_CALENDAR_SNAPSHOTS) if last_at > first_at else 0
    steps_back = [last_at - step * every for step in range(count)]
    return sorted(instant for instant in steps_back if instant >= first_at + every)


def _landmarks(steps: ibis.Table, target: Target) -> ibis.Table:
    snapshots = target.snapshots
    if snapshots.days_after_start:
        starts = steps.group_by("journey_id").aggregate(
            customer_id=steps.customer_id.argmin(steps.step_number), started_at=steps.event_at.min()
        )
        parts = [
            starts.select("customer_id", snapshot_at=starts.started_at + ibis.interval(days=days))
            for days in snapshots.days_after_start
        ]
    else:
        parts = [
            steps.filter(steps.step_number == touches).select("customer_id", snapshot_at=steps.event_at)
            for touches in snapshots.touches_after_start
        ]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def in_time_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Return training rows in the order of their snapshots, oldest first; ties by customer."""
    return rows.sort_values(["snapshot_at", "customer_id"], kind="stable").reset_index(drop=True)
