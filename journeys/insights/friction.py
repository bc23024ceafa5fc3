"""Friction: steps at which some stop, wait or come back more often than they would anywhere else, or others would there."""

import hashlib
import json
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
from statsmodels.stats.multitest import multipletests

from journeys.engine import materialize
from journeys.insights.excess import Excess, Visits, excess
from journeys.insights.intervals import MIN_CUSTOMERS, add_wilson, as_table
from journeys.insights.segments import ALL

ABANDON, STALL, REPEAT = "abandon", "stall", "repeat"
KINDS = (ABANDON, STALL, REPEAT)
MIN_ENTERED = 30
"""Of a step that fewer of a group, or of the others, entered nothing is said."""

MIN_EXCESS_RATE = 0.01
MOST_POINTS = 50
MAX_FALSE_SHARE = 0.05
"""Share of the points told that may be chance (Benjamini and Hochberg 1995)."""

_PARTS = 50
_SLOW = 0.9
_SPLIT = "split_"


def friction_points(steps: ibis.Table, journeys: ibis.Table, segments: ibis.Table, amount: float) -> pa.Table:
    """Return rows of insight_friction_points that compare: one for a step, a group of customers and a kind.

    Groups are the values of the segments, and the channels in which a step is met. Of the journeys that are over and
    met a touchpoint, `abandon` is to have ended there without a positive outcome, `stall` to have gone on later than
    nine of ten do, and `repeat` to have come back to it after something else. `excess_rate` is how much more often that
    happens to the group than `journeys.insights.excess` expects; a point is told where that is at least a hundredth and no more
    than one in twenty of those told would be chance. `customers_lost` (of `abandon`) is the excess in customers, and revenue at risk what
    they would bring if they ended as the others do who go on from there.

    Args:
        steps: journey_steps with journey_id, customer_id, step_number, event_at, touchpoint, channel.
        journeys: journeys with journey_id, is_open, outcome_kind.
        segments: customer_id and segment, as `<name>=<value>`.
        amount: of a positive journey; not a number where nobody knows.
    """
    connection: Any = steps.get_backend()
    facts = materialize(connection, _facts(steps, journeys, segments), ibis.util.gen_name("friction_facts"))
    splits = [name for name in facts.columns if name.startswith(_SPLIT)]
    points = _compared(facts, splits)
    if not len(points):
        return as_table("insight_friction_points", _finished(points, amount))
    is_told, q_values, *_ = multipletests(points.p_value.to_numpy(), MAX_FALSE_SHARE, method="fdr_bh")
    points = points.assign(q_value=q_values)[is_told & (points.excess_rate >= MIN_EXCESS_RATE)]
    return as_table("insight_friction_points", _finished(points, amount))


def _facts(steps: ibis.Table, journeys: ibis.Table, segments: ibis.Table) -> ibis.Table:
    """Return one row for each journey that is over and each touchpoint that it met: what happened there, and its groups."""
    known = steps.inner_join(journeys.filter(~journeys.is_open).select("journey_id", "outcome_kind"), "journey_id")
    line = ibis.window(group_by="journey_id", order_by="step_number")
    ends = known.group_by("journey_id").agg(last=known.touchpoint.argmax(known.step_number))
    known = known.inner_join(ends, "journey_id")
    known = known.mutate(
        is_win=(known.outcome_kind == "positive").fill_null(False), before=known.touchpoint.lag().over(line)
    )
    runs = known.filter((known.before != known.touchpoint).fill_null(True))
    runs = runs.mutate(next_at=runs.event_at.lead().over(line))
    first = runs.group_by("journey_id", "touchpoint").agg(
        customer_id=runs.customer_id.arbitrary(),
        channel=runs.channel.argmin(runs.step_number),
        seconds=(runs.next_at.argmin(runs.step_number).epoch_seconds() - runs.event_at.min().epoch_seconds()),
        count_runs=runs.count(),
        is_win=runs.is_win.any(),
        last=runs["last"].arbitrary(),
    )
    slow = first.group_by("touchpoint").agg(slow=first.seconds.quantile(_SLOW))
    timed = first.inner_join(slow, "touchpoint")
    facts = timed.select(
        *("customer_id", "touchpoint", "is_win"),
        went_on=timed.seconds.notnull(),
        abandon=(timed["last"] == timed.touchpoint) & ~timed.is_win,
        stall=(timed.seconds > timed.slow).fill_null(False),
        repeat=timed.count_runs > 1,
        part=(timed.customer_id.hash().abs() % _PARTS).cast("int64"),
        **{f"{_SPLIT}channel": ibis.literal("channel=").concat(timed.channel)},
    )
    told = segments.filter(segments.segment != ALL)
    names = told.select(name=told.segment.split("=")[0]).distinct().to_pyarrow()["name"].to_pylist()
    for name in sorted(names):
        of_split = told.filter(told.segment.startswith(f"{name}=")).group_by("customer_id")
        one = of_split.agg(**{f"{_SPLIT}{name}": told.segment.min()})
        facts = facts.left_join(one, "customer_id").drop("customer_id_right")
    return facts


def _compared(facts: ibis.Table, splits: list[str]) -> pd.DataFrame:
    """Return the excess of every kind, step and group that has enough to say."""
    rows = facts.group_by("touchpoint", "part", *splits).agg(
        entered=facts.count(), went_on=facts.went_on.sum(), **{kind: facts[kind].sum() for kind in KINDS}
    )
    frame = rows.order_by("touchpoint", "part", *splits).to_pandas()
    step, steps = pd.factorize(frame.touchpoint, sort=True)
    groups = sorted({group for split in splits for group in frame[split].dropna().unique()})
    if len(steps) < 2 or len(groups) < 2:
        return pd.DataFrame()
    place = {group: number for number, group in enumerate(groups)}
    numbers = np.stack([frame[split].map(place).fillna(-1).to_numpy(np.int64) for split in splits], axis=1)
    whole = _whole(facts, splits, list(steps), groups)
    parts = []
    for kind in KINDS:
        entered = frame.went_on if kind == STALL else frame.entered
        visits = Visits(
            step=step.astype(np.int64),
            groups=numbers,
            part=frame.part.to_numpy(np.int64),
            entered=entered.to_numpy(float),
            happened=frame[kind].to_numpy(float),
            count_steps=len(steps),
            count_groups=len(groups),
            count_parts=_PARTS,
        )
        parts.append(_points(kind, excess(visits), whole, list(steps), groups))
    return pd.concat(parts, ignore_index=True)


def _whole(facts: ibis.Table, splits: list[str], steps: list[str], groups: list[str]) -> dict[str, Any]:
    """Return tables of steps and groups: how many visits and customers, and to how many what happened."""
    rows = ibis.union(*(facts.filter(facts[split].notnull()).mutate(group=facts[split]) for split in splits))
    found = rows.group_by("touchpoint", "group").agg(
        entered=rows.count(),
        went_on=rows.went_on.sum(),
        won=(~rows.abandon & rows.is_win).sum(),
        passed=(~rows.abandon).sum(),
        customers=rows.customer_id.nunique(),
        **{kind: rows[kind].sum() for kind in KINDS},
        **{f"customers_{kind}": rows.customer_id.nunique(where=rows[kind]) for kind in KINDS},
    )
    frame = found.to_pandas().set_index(["touchpoint", "group"])
    index = pd.MultiIndex.from_product([steps, groups])
    shape = (len(steps), len(groups))
    by_group = {name: frame[name].reindex(index, fill_value=0).to_numpy(float).reshape(shape) for name in frame}
    at_step = facts.group_by("touchpoint").agg(
        all_entered=facts.count(),
        all_went_on=facts.went_on.sum(),
        all_won=(~facts.abandon & facts.is_win).sum(),
        all_passed=(~facts.abandon).sum(),
        **{f"all_{kind}": facts[kind].sum() for kind in KINDS},
    )
    whole = at_step.to_pandas().set_index("touchpoint").reindex(steps)
    return by_group | {name: whole[name].to_numpy(float)[:, None] for name in whole}


def _points(kind: str, found: Excess, whole: dict[str, Any], steps: list[str], groups: list[str]) -> pd.DataFrame:
    entered_name = "went_on" if kind == STALL else "entered"
    entered, happened = whole[entered_name], whole[kind]
    others, others_happened = whole[f"all_{entered_name}"] - entered, whole[f"all_{kind}"] - happened
    # What always happens at a step is what the step is: a journey that is cancelled ends there.
    enough = (np.minimum(entered, others) >= MIN_ENTERED) & (others - others_happened >= MIN_CUSTOMERS)
    enough &= whole[f"customers_{kind}"] >= MIN_CUSTOMERS
    place = np.nonzero(enough)
    passed = np.maximum(whole["all_passed"] - whole["passed"], 1)
    return pd.DataFrame(
        {
            "kind": kind,
            "touchpoint": np.array(steps, dtype=object)[place[0]],
            "segment": np.array(groups, dtype=object)[place[1]],
            "count_entered": entered[place].astype("int64"),
            "count_customers_entered": whole["customers"][place].astype("int64"),
            "count_happened": happened[place].astype("int64"),
            "count_customers": whole[f"customers_{kind}"][place].astype("int64"),
            "rate_of_others": (others_happened / np.maximum(others, 1))[place],
            "rate_expected": (found.expected / np.maximum(entered, 1))[place],
            "excess": found.count[place],
            "excess_low": found.count_low[place],
            "excess_high": found.count_high[place],
            "excess_rate": (found.count / np.maximum(entered, 1))[place],
            "p_value": found.p_value[place],
            "positive_share": ((whole["all_won"] - whole["won"]) / passed)[place],
        }
    )


def _finished(points: pd.DataFrame, amount: float) -> pd.DataFrame:
    """Return points as rows of the table, those of most customers first."""
    if not len(points):
        names = ("count_happened", "count_entered", "count_customers_entered", "excess", "excess_low", "excess_high")
        points = pd.DataFrame(columns=[*names, "kind", "touchpoint", "segment", "count_customers", "excess_rate"])
        points = points.assign(rate_of_others=0.0, rate_expected=0.0, q_value=0.0, positive_share=0.0)
    frame = points.sort_values(["excess", "kind", "touchpoint", "segment"], ascending=[False, True, True, True])
    frame = frame.head(MOST_POINTS).reset_index(drop=True)
    frame = add_wilson(frame, "count_happened", "count_entered", "count_customers_entered", "drop_off_rate")
    is_lost = frame.kind == ABANDON
    customers = (frame.count_customers / frame.count_happened.clip(lower=1)).astype(float)
    for end in ("", "_low", "_high"):
        lost = (frame[f"excess{end}"].astype(float) * customers).where(is_lost)
        frame[f"customers_lost{end}"] = lost.clip(lower=0.0)
        frame[f"revenue_at_risk_amount{end}"] = frame[f"customers_lost{end}"] * frame.positive_share * amount
        if end:
            frame[f"excess_rate{end}"] = frame[f"excess{end}"].astype(float) / frame.count_entered.clip(lower=1)
    frame["rank"] = np.arange(1, len(frame) + 1)
    frame["stage"] = None
    frame["friction_id"] = [_id(*key) for key in zip(frame.kind, frame.touchpoint, frame.segment, strict=True)]
    frame["evidence"] = [_evidence(row) for row in frame.to_dict("records")]
    return frame


def _id(*key: str) -> str:
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:16]


def _evidence(row: dict[Any, Any]) -> str:
    numbers = ("rate_of_others", "rate_expected", "q_value", "excess", "excess_low", "excess_high", "positive_share")
    return json.dumps({"count_journeys": int(row["count_happened"]), **{name: float(row[name]) for name in numbers}})
