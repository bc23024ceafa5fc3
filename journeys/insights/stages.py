"""How customers pass from stage to stage, and how long that takes them."""

import ibis
import pandas as pd
import pyarrow as pa

from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import local_time
from journeys.insights.intervals import add_wilson, as_table, hide_small
from journeys.insights.segments import ALL

START = "path_start"
"""Stands before the first stage: everybody begins there, at the first touchpoint."""


def stage_entries(steps: ibis.Table, journeys: ibis.Table) -> ibis.Table:
    """Return one row for each time that a journey entered a stage, and one for its start.

    Returns:
        Columns customer_id, journey_id, is_open, stage, event_at.
    """
    staged = steps.filter(steps.stage.notnull())
    order = ibis.window(group_by="journey_id", order_by="step_number")
    entered = staged.mutate(stage_before=staged.stage.lag().over(order))
    entered = entered.filter((entered.stage_before != entered.stage).fill_null(True)).select(
        "journey_id", "stage", "event_at"
    )
    starts = steps.group_by("journey_id").aggregate(event_at=steps.event_at.min())
    starts = starts.select("journey_id", stage=ibis.literal(START), event_at=starts.event_at)
    known = journeys.select("journey_id", "customer_id", "is_open")
    return ibis.union(starts, entered).inner_join(known, "journey_id")


def stage_transitions(entries: ibis.Table, segments: ibis.Table, config: JourneyConfig) -> pa.Table:
    """Return the table stage_transitions: every pair of stages in their order, by segment and month of entry.

    A customer converts who enters `to_stage` at or after entering `from_stage` for the first time, in
    whichever journey. `from_stage` is also 'path_start', so that each stage has its reach among
    everybody. Hours run between these two instants. `matured_share` is the share of the journeys that
    entered `from_stage` which are no longer open: the rest may still convert.
    """
    names = [START, *(stage.name for stage in config.stages)]
    order = ibis.memtable(pd.DataFrame({"stage": names, "place": range(len(names))}))
    placed = entries.inner_join(order, "stage")
    first = placed.group_by("customer_id", "stage", "place").aggregate(
        first_at=placed.event_at.min(),
        count_journeys=placed.journey_id.nunique(),
        count_open=placed.journey_id.nunique(where=placed.is_open),
    )
    month = local_time(ibis.literal(config.time_zone), first.first_at).strftime("%Y-%m")
    first = first.mutate(month=month)
    targets = order.filter(order.place > 0).select(to_stage="stage", to_place="place")
    pairs = first.cross_join(targets)
    pairs = pairs.filter(pairs.to_place > pairs.place).drop("to_place")
    onward = placed.select("customer_id", "event_at", to_stage="stage")
    later = pairs.join(onward, ["customer_id", "to_stage"], how="inner")
    later = later.filter(later.event_at >= later.first_at)
    reached = later.group_by("customer_id", "stage", "to_stage").aggregate(reached_at=later.event_at.min())
    pairs = pairs.left_join(reached, ["customer_id", "stage", "to_stage"]).select(*pairs.columns, "reached_at")
    seconds = pairs.reached_at.epoch_seconds() - pairs.first_at.epoch_seconds()
    pairs = pairs.mutate(hours=seconds / 3600.0).inner_join(segments, "customer_id")
    periods = ibis.union(pairs.mutate(period=ibis.literal(ALL)), pairs.mutate(period=pairs.month))
    found = periods.group_by(from_stage="stage", to_stage="to_stage", segment="segment", period="period").aggregate(
        count_entered=periods.count(),
        count_customers=periods.reached_at.count(),
        hours_p50=periods.hours.quantile(0.5),
        hours_p90=periods.hours.quantile(0.9),
        matured_share=1.0 - periods.count_open.sum() / periods.count_journeys.sum(),
    )
    frame = found.order_by("from_stage", "to_stage", "segment", "period").to_pandas()
    frame = add_wilson(frame, "count_customers", "count_entered", "count_entered", "conversion_rate")
    frame = hide_small(frame, "count_customers", "hours_p50", "hours_p90")
    return as_table("stage_transitions", hide_small(frame, "count_entered", "matured_share"))
