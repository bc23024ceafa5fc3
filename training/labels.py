"""Labels: did the outcome happen within the horizon, as far as was known when training.

Rules, in the order in which they apply:

1. A row looks at (snapshot + gap, snapshot + gap + horizon]; the outcome counts if it happened there.
2. A row is mature when that window closed by `known_until`, and the sources that report the outcome
   had their lag since; immature rows have no label at all, not even a positive one, because their
   negatives could not be known yet.
3. An outcome between the snapshot and the end of the gap excludes the row: by the time anybody
   could act it was decided.
4. Only outcomes known by `known_until` count; the customer is the one believed then, so that a
   merge learned after the snapshot brings the outcome to the earlier customer's row.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import ibis

from journeys.config.journey_yaml import JourneyConfig
from journeys.config.targets import Target


def outcome_events(touches: ibis.Table, vocabulary: ibis.Table, outcome: str) -> ibis.Table:
    """Return customer_id, outcome_at and known_at of those `touches` that reach `outcome`."""
    reaching = vocabulary.filter(vocabulary.reaches == outcome).select("touchpoint")
    events = touches.join(reaching, "touchpoint")
    return events.select("customer_id", "known_at", outcome_at=events.event_at)


def longest_lag(config: JourneyConfig, sources: Iterable[str]) -> timedelta:
    """Return how long after an event the slowest of these sources tells of it; those no longer declared have no lag."""
    return max((config.sources[name].lag for name in set(sources) if name in config.sources), default=timedelta(0))


def label_rows(
    rows: ibis.Table,
    events: ibis.Table,
    later: ibis.Table,
    target: Target,
    known_until: datetime,
    lag: timedelta,
) -> ibis.Table:
    """Return `rows` with `label` (0 or 1); immature rows and those decided within the gap are left out.

    Args:
        rows: customer_id and snapshot_at.
        events: `outcome_events`.
        later: `later_customers`: what became of each earlier customer.
        target: gap and horizon.
        known_until: the instant at which training happens.
        lag: how long after an outcome its sources tell of it.
    """
    gap, horizon = target.gap, target.horizon
    until = ibis.literal(known_until).cast("timestamp('UTC', 6)")
    opens = rows.snapshot_at + ibis.interval(seconds=int(gap.total_seconds()))
    closes = rows.snapshot_at + ibis.interval(seconds=int((gap + horizon).total_seconds()))
    windows = rows.mutate(opens_at=opens, closes_at=closes)
    mature = windows.filter(windows.closes_at + ibis.interval(seconds=int(lag.total_seconds())) <= until).left_join(
        later, windows.customer_id == later.earlier_customer_id, rname="later_{name}"
    )
    known = events.filter(events.known_at <= until).rename(event_customer_id="customer_id", event_known_at="known_at")
    joined = mature.left_join(
        known,
        [
            ibis.coalesce(mature.later_customer_id, mature.customer_id) == known.event_customer_id,
            known.outcome_at > mature.snapshot_at,
            known.outcome_at <= mature.closes_at,
        ],
    )
    judged = joined.group_by("customer_id", "snapshot_at").aggregate(
        is_decided_early=(joined.outcome_at <= joined.opens_at).fill_null(False).any(),
        label=joined.outcome_at.notnull().any().cast("int64"),
    )
    return judged.filter(~judged.is_decided_early).select("customer_id", "snapshot_at", "label")
