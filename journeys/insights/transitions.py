"""Which touchpoint directly follows which."""

import ibis
import pyarrow as pa

from journeys.insights.intervals import as_table, hide_small
from journeys.insights.stages import START

END = "path_end"
"""Follows the last touchpoint of a journey that is over; an open journey has no end yet."""


def insight_transitions(steps: ibis.Table, journeys: ibis.Table) -> pa.Table:
    """Return the table insight_transitions: directly-follows counts with the ends of the paths.

    `share_next` is the share of the transitions out of `from_touchpoint` that go to `to_touchpoint`;
    it is null where fewer customers than ten were ever there. Hours are between the two touchpoints.
    """
    order = ibis.window(group_by="journey_id", order_by="step_number")
    within = steps.select(
        "journey_id",
        "customer_id",
        "event_at",
        from_touchpoint="touchpoint",
        to_touchpoint=steps.touchpoint.lead().over(order),
        next_at=steps.event_at.lead().over(order),
        is_first=ibis.row_number().over(order) == 0,
    )
    within = within.inner_join(journeys.select("journey_id", "is_open"), "journey_id")
    within = within.filter(within.to_touchpoint.notnull() | ~within.is_open)
    hours = (within.next_at.epoch_seconds() - within.event_at.epoch_seconds()) / 3600.0
    follows = within.select(
        "customer_id", "from_touchpoint", to_touchpoint=within.to_touchpoint.fill_null(END), hours=hours
    )
    starts = steps.mutate(is_first=ibis.row_number().over(order) == 0)
    starts = starts.filter(starts.is_first).semi_join(journeys, "journey_id")
    starts = starts.select(
        "customer_id",
        from_touchpoint=ibis.literal(START),
        to_touchpoint=starts.touchpoint,
        hours=ibis.null("float64"),
    )
    moves = ibis.union(follows, starts)
    found = moves.group_by("from_touchpoint", "to_touchpoint").aggregate(
        count_transitions=moves.count(),
        count_customers=moves.customer_id.nunique(),
        hours_p50=moves.hours.quantile(0.5),
        hours_p90=moves.hours.quantile(0.9),
    )
    origins = moves.group_by("from_touchpoint").aggregate(
        count_out=moves.count(), count_customers_out=moves.customer_id.nunique()
    )
    joined = found.inner_join(origins, "from_touchpoint")
    joined = joined.mutate(share_next=joined.count_transitions / joined.count_out)
    frame = joined.order_by(ibis.desc("count_transitions"), "from_touchpoint", "to_touchpoint").to_pandas()
    frame = hide_small(frame, "count_customers", "hours_p50", "hours_p90")
    return as_table("insight_transitions", hide_small(frame, "count_customers_out", "share_next"))
