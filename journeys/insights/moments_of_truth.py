"""Moments of truth: touchpoints after which journeys end better or worse than those of others like them; with a grade of how far that can be believed."""

import json
import math
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
from statsmodels.stats.multitest import multipletests

from journeys.config.journey_yaml import JourneyConfig
from journeys.insights.doubly_robust import Contrast, contrast
from journeys.insights.intervals import as_table
from journeys.insights.risk_sets import COUNT_ASKED, history, trial_of
from journeys.insights.segments import ALL

RANDOMISED, QUASI, ADJUSTED, ASSOCIATION = "A", "B", "C", "D"
"""Grades: assigned by chance; as good as by chance; adjusted for what is known, and passed every gate; only seen together."""

MAX_FALSE_SHARE = 0.05
MIN_DIFFERENCE = 0.005
LEAST_EFFECTIVE = 0.2
MOST_IMBALANCE = 0.1
MOST_PLACEBO = 0.2
"""In standard deviations; groups that differ by more than a quarter cannot be made alike by models (Rubin 2001)."""
OUTCOMES = ("positive", "negative")

_SEED = 19710703


def insight_moments_of_truth(
    steps: ibis.Table,
    journeys: ibis.Table,
    segments: ibis.Table,
    config: JourneyConfig,
    snapshot_at: datetime,
) -> pa.Table:
    """Return the table insight_moments_of_truth: for each goal, the touchpoints that most of its journeys meet, and each outcome.

    `effect` is how much more often the outcome comes in the four weeks after it to those who met the touchpoint for the first time
    than it would have to them without it (`journeys.insights.doubly_robust`), and is called a difference wherever the
    grade is C or D. `is_risk` says that the difference is for the worse.

    Args:
        steps: journey_steps with journey_id, event_at, touchpoint, stage, channel.
        journeys: journeys with journey_id, customer_id, goal, started_at, outcome_at, outcome_kind.
        segments: customer_id and segment.
        config: stages, goals and outcomes.
        snapshot_at: nothing after it is known.
    """
    stages = [stage.name for stage in config.stages]
    rows: list[dict[str, Any]] = []
    for goal in sorted(journeys.select("goal").distinct().drop_null().to_pyarrow()["goal"].to_pylist()):
        own = journeys.filter(journeys.goal == goal)
        reach = _most_met(steps, own, config)
        touchpoints = list(reach)
        if not touchpoints:
            continue
        past = history(steps, own, segments.filter(segments.segment != ALL), stages, touchpoints, snapshot_at)
        for kind in OUTCOMES:
            for name in touchpoints:
                trial = trial_of(past, name, kind, seed=_SEED)
                found = trial and contrast(trial[0], seed=_SEED)
                if trial and found:
                    stage = stages[trial[1]] if trial[1] >= 0 else None
                    rows.append(
                        {
                            "touchpoint": name,
                            "goal": goal,
                            "outcome": kind,
                            "stage": stage,
                            "reach": reach[name],
                            "found": found,
                        }
                    )
    return as_table("insight_moments_of_truth", _graded(rows))


def gates(found: Contrast) -> dict[str, bool]:
    """Return which gates a difference passes; all of them make it a C.

    `overlap`: enough of the others are like the exposed. `balance`: weighting makes them alike in all that is known.
    `placebo`: the three days before, which the touchpoint cannot have moved, were not already different. `unknown`: the difference
    would still be there without what is left of the confounding, by how fast it went as more became known.
    """
    half = found.difference_high - found.difference
    shifted = found.if_unknown
    return {
        "overlap": bool(found.effective_share >= LEAST_EFFECTIVE),
        "balance": bool(found.worst_imbalance <= MOST_IMBALANCE),
        "placebo": bool(abs(found.placebo) <= MOST_PLACEBO),
        "unknown": bool(shifted * found.difference > 0 and abs(shifted) > half),
    }


def _most_met(steps: ibis.Table, journeys: ibis.Table, config: JourneyConfig) -> dict[str, float]:
    """Return the touchpoints that most journeys meet, with the share of them, without those that are an outcome themselves."""
    met = steps.semi_join(journeys, "journey_id")
    found = met.group_by("touchpoint").agg(count_journeys=met.journey_id.nunique())
    frame = found.order_by(ibis.desc("count_journeys"), "touchpoint").to_pandas()
    patterns = [pattern for outcome in config.outcomes for pattern in outcome.touchpoints]
    names = [name for name in frame.touchpoint if not any(fnmatchcase(name, pattern) for pattern in patterns)]
    count = int(journeys.count().to_pyarrow().as_py())
    share = dict(zip(frame.touchpoint, frame.count_journeys / max(count, 1), strict=True))
    return {name: float(share[name]) for name in names[:COUNT_ASKED]}


def _graded(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows of the table, those that can be believed and are largest first."""
    columns = ["touchpoint", "goal", "stage", "outcome", "reach"]
    if not rows:
        numbers = [
            "effect",
            "effect_low",
            "effect_high",
            "raw_difference",
            "rate_exposed",
            "q_value",
            "e_value",
            "e_value_limit",
        ]
        numbers += ["e_value_known", "robustness", "count_exposed", "count_customers", "count_others"]
        return pd.DataFrame(columns=[*columns, *numbers, "gates", "grade", "is_risk", "is_found"])
    found = [row["found"] for row in rows]
    q_values = multipletests([one.p_value for one in found], MAX_FALSE_SHARE, method="fdr_bh")[1]
    frame = pd.DataFrame(rows)[columns]
    frame["effect"] = [one.difference for one in found]
    frame["effect_low"] = [one.difference_low for one in found]
    frame["effect_high"] = [one.difference_high for one in found]
    for name in (
        "raw_difference",
        "rate_exposed",
        "e_value",
        "e_value_limit",
        "e_value_known",
        "robustness",
        "count_exposed",
        "count_others",
    ):
        frame[name] = [getattr(one, name) for one in found]
    frame["count_customers"] = [one.count_customers_exposed for one in found]
    frame["q_value"] = q_values
    passed = [gates(one) for one in found]
    frame["gates"] = [
        json.dumps({"passes": held, "values": _values(one)}) for held, one in zip(passed, found, strict=True)
    ]
    frame["is_found"] = (frame.q_value <= MAX_FALSE_SHARE) & (frame.effect.abs() >= MIN_DIFFERENCE)
    is_adjusted = np.array([all(held.values()) for held in passed])
    frame["grade"] = np.where(is_adjusted & frame.is_found, ADJUSTED, ASSOCIATION)
    frame["is_risk"] = (frame.effect < 0) == (frame.outcome == "positive")
    order = frame.assign(size=frame.effect.abs()).sort_values(
        ["grade", "is_found", "size", "touchpoint", "outcome"], ascending=[True, False, False, True, True]
    )
    return order.drop(columns="size")


def _values(found: Contrast) -> dict[str, float | None]:
    """Return what the gates looked at; null where it was not looked at."""
    names = ("effective_share", "worst_imbalance", "placebo", "unknown_share", "if_unknown")
    values = {name: float(getattr(found, name)) for name in names}
    return {name: None if math.isnan(value) else round(value, 4) for name, value in values.items()}
