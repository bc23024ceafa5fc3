"""The funnel of the planned path: how many journeys reached each step, and how many the next one."""

import ibis
import numpy as np
import pyarrow as pa

from journeys.insights.intervals import add_wilson, as_table, hide_small
from journeys.insights.planned_path import PlannedStep


def insight_steps(reached: ibis.Table, segments: ibis.Table, path: list[PlannedStep]) -> pa.Table:
    """Return the table insight_steps, one row for each planned step and segment.

    Args:
        reached: rows of `journeys.insights.planned_path.steps_reached`.
        segments: rows of `journeys.insights.segments.customer_segments`.
        path: the planned path; its last step has no next one, nor a rate.
    """
    seconds = reached.next_at.epoch_seconds() - reached.first_at.epoch_seconds()
    by_segment = reached.mutate(hours=seconds / 3600.0).inner_join(segments, "customer_id")
    found = by_segment.group_by("step_number", "segment").aggregate(
        count_journeys=by_segment.count(),
        count_customers=by_segment.customer_id.nunique(),
        count_journeys_next=by_segment.next_at.count(),
        count_customers_next=by_segment.customer_id.nunique(where=by_segment.next_at.notnull()),
        hours_p50=by_segment.hours.quantile(0.5),
        hours_p90=by_segment.hours.quantile(0.9),
    )
    frame = found.order_by("step_number", "segment").to_pandas()
    names = {step.step_number: step.name for step in path}
    frame["step"] = frame.step_number.map(names).astype(object)
    next_step = (frame.step_number + 1).map(names).astype(object)
    frame["next_step"] = next_step.where(next_step.notna(), None)
    frame = add_wilson(frame, "count_journeys_next", "count_journeys", "count_customers", "conversion_rate")
    rates = ["conversion_rate", "conversion_rate_low", "conversion_rate_high"]
    frame.loc[frame.next_step.isna(), rates] = np.nan
    frame = hide_small(frame, "count_customers_next", "hours_p50", "hours_p90")
    return as_table("insight_steps", frame)
