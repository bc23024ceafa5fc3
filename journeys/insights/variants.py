"""The paths that customers actually take, most common first."""

import ibis
import pyarrow as pa

from journeys.insights.intervals import add_wilson, as_table, hide_small

MOST_VARIANTS = 200
"""So many paths are kept; the last one's coverage_share says how many of the journeys they hold."""

MOST_STEPS = 60
"""A longer path is shown up to here and ends in '...'."""

ARROW = " > "


def insight_variants(steps: ibis.Table, journeys: ibis.Table) -> pa.Table:
    """Return the table insight_variants: each path with its share of all journeys, and how those end.

    Journeys with the same variant_id have the same path, so one of them shows it. The conversion rate
    counts journeys with a positive outcome among all of the path's, open ones too.
    """
    hours = (journeys.ended_at.epoch_seconds() - journeys.started_at.epoch_seconds()) / 3600.0
    known = journeys.filter(journeys.variant_id.notnull()).mutate(hours=hours)
    counted = known.group_by("variant_id").aggregate(
        count_journeys=known.count(),
        count_customers=known.customer_id.nunique(),
        count_positive=(known.outcome_kind == "positive").fill_null(False).sum(),
        hours_p50=known.hours.quantile(0.5),
        journey_id=known.journey_id.min(),
    )
    order = ibis.window(order_by=[ibis.desc("count_journeys"), "variant_id"])
    ranked = counted.mutate(rank=ibis.row_number().over(order) + 1)
    kept = ranked.filter(ranked["rank"] <= MOST_VARIANTS)
    joined = kept.left_join(_paths(steps, kept), "journey_id")
    frame = joined.order_by("rank").to_pandas()
    total = int(known.count().execute())
    frame["share"] = frame.count_journeys / max(total, 1)
    frame["coverage_share"] = frame.count_journeys.cumsum() / max(total, 1)
    frame = add_wilson(frame, "count_positive", "count_journeys", "count_customers", "conversion_rate")
    return as_table("insight_variants", hide_small(frame, "count_customers", "hours_p50"))


def _paths(steps: ibis.Table, kept: ibis.Table) -> ibis.Table:
    """Return each kept journey's touchpoints in order, immediate repeats collapsed, as one text."""
    order = ibis.window(group_by="journey_id", order_by="step_number")
    chosen = steps.semi_join(kept, "journey_id")
    chosen = chosen.mutate(before=chosen.touchpoint.lag().over(order))
    changes = chosen.filter((chosen.before != chosen.touchpoint).fill_null(True))
    changes = changes.mutate(place=ibis.row_number().over(order))
    shown = changes.filter(changes.place <= MOST_STEPS)
    text = ibis.ifelse(shown.place == MOST_STEPS, "...", shown.touchpoint)
    shown = shown.mutate(text=text)
    return shown.group_by("journey_id").aggregate(path=shown.text.group_concat(ARROW, order_by=shown.step_number))
