"""Where journeys end on the planned path: a description of what is, not an effect of anything."""

import hashlib
import json
from collections.abc import Hashable, Mapping
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import exact_mean
from journeys.insights.intervals import MIN_CUSTOMERS, add_wilson, as_table
from journeys.insights.planned_path import PlannedStep
from journeys.insights.segments import ALL

MIN_ENTERED = 30
"""A step that fewer journeys reached is not listed."""

MOST_POINTS = 5
"""So many points are kept, those that lose most customers."""

_MOST_NAMED = 5


def abandonment_points(
    reached: ibis.Table, steps: ibis.Table, journeys: ibis.Table, path: list[PlannedStep], amount: float
) -> pa.Table:
    """Return the table insight_friction_points with the points of kind 'abandon', worst first.

    A journey is lost at a step when it is over, reached the step, never reached the next one, and had
    no positive outcome. Journeys that are still open and have not gone on are left out: they may yet.
    `drop_off_rate` is lost / the other journeys that entered; `customers_lost` is the different customers of the lost journeys, and its bounds
    move with those of the rate. Revenue at risk is customers_lost x the share of positive journeys
    among those that reached the next step and are over or positive already x the amount of a positive journey: what they would bring if
    they went on and then behaved like those who did. There is no comparator, hence no excess_rate.

    Args:
        reached: rows of `journeys.insights.planned_path.steps_reached`.
        steps: journey_steps.
        journeys: journeys.
        path: the planned path.
        amount: `positive_amount`.
    """
    # An open journey that has gone on is known to have; one that has not is undecided.
    decided = reached.filter(~reached.is_open | reached.next_at.notnull(), reached.step_number < len(path))
    is_positive = (decided.outcome_kind == "positive").fill_null(False)
    decided = decided.mutate(is_next=decided.next_at.notnull(), is_positive=is_positive)
    decided = decided.mutate(is_lost=~decided.is_next & ~decided.is_positive)
    # A good outcome that ends no journey is one all the same, though the journey is open.
    is_next_over = decided.is_next & (~decided.is_open | decided.is_positive)
    found = decided.group_by("step_number").aggregate(
        count_entered=decided.count(),
        count_customers_entered=decided.customer_id.nunique(),
        count_lost=decided.is_lost.sum(),
        count_customers=decided.customer_id.nunique(where=decided.is_lost),
        count_next=decided.is_next.sum(),
        count_next_over=is_next_over.sum(),
        count_next_positive=(is_next_over & decided.is_positive).sum(),
    )
    frame = found.order_by("step_number").to_pandas()
    frame = frame[(frame.count_entered >= MIN_ENTERED) & (frame.count_lost > 0)].reset_index(drop=True)
    frame = add_wilson(frame, "count_lost", "count_entered", "count_customers_entered", "drop_off_rate")
    frame = _with_losses(frame, amount)
    frame = frame.sort_values(["customers_lost", "step_number"], ascending=[False, True]).head(MOST_POINTS)
    frame["rank"] = np.arange(1, len(frame) + 1)
    by_number = {step.step_number: step for step in path}
    frame["step"] = frame.step_number.map(by_number)
    frame["stage"] = [step.stage for step in frame.step]
    frame["touchpoint"] = [step.touchpoint for step in frame.step]
    frame["segment"] = ALL
    frame["kind"] = "abandon"
    frame[["excess_rate", "excess_rate_low", "excess_rate_high"]] = np.nan
    frame["friction_id"] = [_friction_id(step) for step in frame.step]
    lost = decided.filter(decided.is_lost)
    last = _most_common(lost.inner_join(_last_touchpoints(steps), "journey_id"), "touchpoint")
    outcomes = _most_common(lost.inner_join(journeys.select("journey_id", "outcome"), "journey_id"), "outcome")
    returned = _returned(lost, journeys)
    frame["evidence"] = [_evidence(row, by_number, last, outcomes, returned) for row in frame.to_dict("records")]
    return as_table("insight_friction_points", frame)


def _with_losses(frame: pd.DataFrame, amount: float) -> pd.DataFrame:
    """Add customers lost and revenue at risk, each with the bounds that follow from the rate's."""
    lost = frame.count_customers.astype(float)
    rate = frame.drop_off_rate
    enough = frame.count_next_over >= MIN_CUSTOMERS
    frame["positive_share"] = (frame.count_next_positive / frame.count_next_over.clip(lower=1)).where(enough)
    frame["positive_amount"] = amount
    for end in ("", "_low", "_high"):
        scale = frame[f"drop_off_rate{end}"] / rate if end else 1.0
        frame[f"customers_lost{end}"] = lost * scale
        frame[f"revenue_at_risk_amount{end}"] = lost * scale * frame.positive_share * amount
    return frame


def positive_amount(journeys: ibis.Table, config: JourneyConfig) -> float:
    """Return the mean amount of positive journeys, else the configured one, else not a number."""
    positive = journeys.filter(journeys.outcome_kind == "positive", journeys.amount.notnull())
    mean = exact_mean(positive.amount).execute()
    if mean is not None and not np.isnan(mean):
        return float(mean)
    configured = config.value.per_conversion_amount
    return float("nan") if configured is None else configured


def _friction_id(step: PlannedStep) -> str:
    return hashlib.sha256(json.dumps(["abandon", step.step_number, step.name, ALL]).encode()).hexdigest()[:16]


def _last_touchpoints(steps: ibis.Table) -> ibis.Table:
    """Return the last touchpoint of each journey."""
    return steps.group_by("journey_id").aggregate(touchpoint=steps.touchpoint.argmax(steps.step_number))


def _most_common(lost: ibis.Table, column: str) -> pd.DataFrame:
    """Return the most common values of `column` among the journeys lost at each step."""
    counted = lost.group_by("step_number", column).aggregate(
        count_journeys=lost.count(), count_customers=lost.customer_id.nunique()
    )
    order = ibis.window(group_by="step_number", order_by=[ibis.desc("count_journeys"), column])
    ranked = counted.mutate(place=ibis.row_number().over(order))
    frame: pd.DataFrame = ranked.filter(ranked.place < _MOST_NAMED).order_by("step_number", "place").to_pandas()
    return frame.assign(**{column: frame[column].astype(object).where(frame[column].notna(), None)})


def _returned(lost: ibis.Table, journeys: ibis.Table) -> Mapping[int, int]:
    """Return, for each step, how many of the lost customers had a positive outcome later, in another journey."""
    positive = journeys.filter(journeys.outcome_kind == "positive", journeys.outcome_at.notnull())
    positive = positive.select("customer_id", "outcome_at")
    joined = lost.select("step_number", "customer_id", "first_at").inner_join(positive, "customer_id")
    joined = joined.filter(joined.outcome_at > joined.first_at)
    counted = joined.group_by("step_number").aggregate(count_customers=joined.customer_id.nunique()).to_pandas()
    return dict(zip(counted.step_number.astype(int), counted.count_customers.astype(int), strict=True))


def _evidence(
    row: Mapping[Hashable, Any],
    by_number: Mapping[int, PlannedStep],
    last: pd.DataFrame,
    outcomes: pd.DataFrame,
    returned: Mapping[int, int],
) -> str:
    number = int(row["step_number"])
    touchpoints = last[last.step_number == number]
    ends = outcomes[outcomes.step_number == number]
    return json.dumps(
        {
            "step": by_number[number].name,
            "next_step": by_number[number + 1].name,
            "count_journeys_lost": int(row["count_lost"]),
            "count_journeys_next": int(row["count_next"]),
            "count_customers_returned": returned.get(number, 0),
            "positive_share_after_next": _known(row["positive_share"]),
            "positive_amount": _known(row["positive_amount"]),
            "last_touchpoints": touchpoints[["touchpoint", "count_journeys", "count_customers"]].to_dict("records"),
            "outcomes": ends[["outcome", "count_journeys", "count_customers"]].to_dict("records"),
        },
        ensure_ascii=False,
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
