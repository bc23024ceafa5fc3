"""Deviations: how journeys differ from the planned path, step by step. What goes with one is no effect of it."""

from collections.abc import Sequence

import ibis
import pandas as pd
import pyarrow as pa

from journeys.insights.intervals import add_wilson, as_table, hide_small
from journeys.insights.planned_path import PlannedStep, matched_steps

MISSING, TOO_OFTEN, OUT_OF_SEQUENCE = "missing", "too_often", "out_of_sequence"
KINDS = (MISSING, TOO_OFTEN, OUT_OF_SEQUENCE)


def insight_deviations(steps: ibis.Table, journeys: ibis.Table, path: Sequence[PlannedStep]) -> pa.Table:
    """Return the table insight_deviations: for each planned step, the journeys that departed from the plan there.

    Of the journeys that reached the step or a later one, `missing` are those that never had it; `too_often` those that came
    back to it after something else; `out_of_sequence` those whose first touchpoint of it came after that of a later step.
    `share` is theirs of all. Beside it stand how many of those that are over ended well, and half of them within how many
    hours, with the deviation and without.

    Args:
        steps: journey_steps with journey_id, step_number, stage, touchpoint, event_at.
        journeys: journeys with journey_id, customer_id, is_open, outcome_kind, started_at, ended_at.
        path: the planned path.
    """
    facts = _facts(steps, path)
    seconds = journeys.ended_at.epoch_seconds() - journeys.started_at.epoch_seconds()
    known = journeys.select(
        "journey_id",
        "customer_id",
        "is_open",
        is_won=(journeys.outcome_kind == "positive").fill_null(False),
        hours=journeys.is_open.ifelse(ibis.null("float64"), seconds / 3600.0),
    )
    told = facts.inner_join(known, "journey_id")
    kinds = [told.mutate(kind=ibis.literal(kind), deviates=told[f"is_{kind}"]) for kind in KINDS]
    rows = ibis.union(*(part.drop(*(f"is_{kind}" for kind in KINDS)) for part in kinds))
    has, lacks, is_over = rows.deviates, ~rows.deviates, ~rows.is_open
    found = rows.group_by("planned_number", "kind").agg(
        count_entered=rows.count(),
        count_customers_entered=rows.customer_id.nunique(),
        count_journeys=has.sum(),
        count_customers=rows.customer_id.nunique(where=has),
        count_over=(has & is_over).sum(),
        count_customers_over=rows.customer_id.nunique(where=has & is_over),
        count_positive=(has & is_over & rows.is_won).sum(),
        count_over_without=(lacks & is_over).sum(),
        count_customers_over_without=rows.customer_id.nunique(where=lacks & is_over),
        count_positive_without=(lacks & is_over & rows.is_won).sum(),
        hours_p50=rows.hours.quantile(0.5, where=has),
        hours_p50_without=rows.hours.quantile(0.5, where=lacks),
    )
    frame = found.filter(found.count_journeys > 0).to_pandas()
    frame["step"] = frame.planned_number.map({step.step_number: step.name for step in path}).astype(object)
    frame = frame.rename(columns={"planned_number": "step_number"})
    frame = add_wilson(frame, "count_journeys", "count_entered", "count_customers_entered", "share")
    frame = add_wilson(frame, "count_positive", "count_over", "count_customers_over", "conversion_rate")
    frame = add_wilson(
        frame,
        "count_positive_without",
        "count_over_without",
        "count_customers_over_without",
        "conversion_rate_without",
    )
    frame = hide_small(frame, "count_customers_over", "hours_p50")
    frame = hide_small(frame, "count_customers_over_without", "hours_p50_without")
    ordered = frame.assign(place=pd.Categorical(frame.kind, KINDS, ordered=True))
    return as_table("insight_deviations", ordered.sort_values(["step_number", "place"]))


def _facts(steps: ibis.Table, path: Sequence[PlannedStep]) -> ibis.Table:
    """Return journey_id, planned_number, is_missing, is_too_often, is_out_of_sequence for every step up to the furthest."""
    matched = matched_steps(steps, list(path))
    line = ibis.window(group_by=["journey_id", "step_number"], order_by="position")
    marked = matched.mutate(begins=(matched.position - matched.position.lag().over(line) != 1).fill_null(True))
    reached = marked.group_by("journey_id", "step_number").agg(
        first_position=marked.position.min(), count_runs=marked.begins.sum()
    )
    furthest = reached.group_by("journey_id").agg(furthest=reached.step_number.max())
    numbers = ibis.memtable(pd.DataFrame({"planned_number": [step.step_number for step in path]}))
    grid = furthest.cross_join(numbers)
    grid = grid.filter(grid.planned_number <= grid.furthest)
    both = grid.left_join(reached.rename(planned_number="step_number"), ["journey_id", "planned_number"])
    both = both.select("journey_id", "planned_number", "first_position", "count_runs")
    later = ibis.window(group_by="journey_id", order_by=ibis.desc("planned_number"), preceding=(None, 1))
    return both.mutate(first_later=both.first_position.min().over(later)).select(
        "journey_id",
        "planned_number",
        is_missing=lambda table: table.first_position.isnull(),
        is_too_often=lambda table: (table.count_runs > 1).fill_null(False),
        is_out_of_sequence=lambda table: (table.first_later < table.first_position).fill_null(False),
    )
