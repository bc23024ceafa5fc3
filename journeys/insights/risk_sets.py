"""Risk sets: whoever meets a touchpoint for the first time, and beside them others who could have, at the same time of their own journey.

Each instant of an exposure is a trial of its own (sequential trial emulation: Hernan and Robins 2016; risk-set matching: Li, Propert
and Rosenbaum 2001): the others are drawn from journeys that were still on the way so long after their start and had not met
the touchpoint, and of everybody only what came before the instant is used. Asking instead who ever met it would compare
people who had months to meet it with people who left early.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import ibis
import numpy as np
import pandas as pd

from journeys.insights.doubly_robust import Flags, Integers, Numbers, Trial

DAY = 86_400.0
GAP = 1.0 * DAY
"""What ends a journey so soon after the exposure is in no trial: a touchpoint that is a part of the outcome, as a form on the
way to it is, cannot be told apart from one that brings it about."""

HORIZON = 28.0 * DAY
"""The outcome counts until so long after the exposure."""

ACTIVE = 28.0 * DAY
"""Who did nothing for so long is no longer on the way."""

HISTORY = 3.0 * DAY
"""A journey younger than that has no past to compare."""

MOST_JOURNEYS = 60_000
MOST_EXPOSED = 6_000
OTHERS_OF_EACH = 4
COUNT_ASKED, COUNT_KNOWN = 30, 16
"""Touchpoints that are asked about, and those of them whose counts are covariates: those that most journeys meet."""

THINNED = 0.5
"""Share of the events that are left for judging how well what is recorded tells what drives people."""

_WINDOWS = tuple(days * DAY for days in (1.0, 3.0, 7.0, 14.0, 28.0))
_LATE = 14.0 * DAY
_FAR = 1e9
"""Longer than any journey, so that instants of all journeys stand in one order."""


@dataclass(frozen=True)
class History:
    """All that happened before an outcome, in the order of journeys and of time.

    Attributes:
        instant: number of the journey times a large number, plus seconds since its start.
        touchpoint: index into `touchpoints`, or their number for all others.
        stage: place of the stage.
        first: where each journey's events begin, and at the end how many there are.
        unit: number of each journey's customer.
        over: seconds from each journey's start to its outcome, or to the snapshot.
        followed: seconds from each journey's start to the snapshot.
        kind: of each journey's outcome: `positive`, `negative`, `neutral` or `open`.
        groups: of each journey's customer, a column of nought or one a segment.
        touchpoints: names.
        is_new: whether each event is the journey's first of its touchpoint, and `is_heard` of its channel.
    """

    instant: Numbers
    touchpoint: Integers
    stage: Integers
    first: Integers
    unit: Integers
    over: Numbers
    followed: Numbers
    kind: Any
    groups: Numbers
    touchpoints: list[str]
    is_new: Flags
    is_heard: Flags

    def thinned(self, rng: np.random.Generator) -> "History":
        """Return the history as it would be told if every other event had been missed, by chance."""
        kept = np.flatnonzero(rng.random(len(self.instant)) < THINNED)
        return replace(
            self,
            instant=self.instant[kept],
            touchpoint=self.touchpoint[kept],
            stage=self.stage[kept],
            first=np.searchsorted(kept, self.first),
            is_new=self.is_new[kept],
            is_heard=self.is_heard[kept],
        )


def history(
    steps: ibis.Table,
    journeys: ibis.Table,
    segments: ibis.Table,
    stages: Sequence[str],
    touchpoints: Sequence[str],
    snapshot_at: datetime,
) -> History:
    """Return the journeys of one goal; of very many, a part chosen by hash.

    Args:
        steps: journey_steps with journey_id, event_at, touchpoint, stage, channel.
        journeys: those of one goal, with journey_id, customer_id, started_at, outcome_at, outcome_kind.
        segments: customer_id and segment.
        stages: in their order.
        touchpoints: those that are asked about, those met most first.
        snapshot_at: nothing after it is known.
    """
    who = _chosen(journeys).select("journey_id", "customer_id", "outcome_kind", "started_at", "outcome_at")
    frame = who.order_by("journey_id").to_pandas()
    order = ibis.memtable(pd.DataFrame({"stage": list(stages), "place": range(len(stages))}))
    names = ibis.memtable(pd.DataFrame({"touchpoint": list(touchpoints), "number": range(len(touchpoints))}))
    known = steps.inner_join(who.select("journey_id", "started_at"), "journey_id")
    known = known.left_join(order, "stage").drop("stage_right").left_join(names, "touchpoint").drop("touchpoint_right")
    met = ibis.window(group_by=["journey_id", "touchpoint"], order_by=["event_at", "step_number"])
    heard = ibis.window(group_by=["journey_id", "channel"], order_by=["event_at", "step_number"])
    events = known.select(
        "journey_id",
        "step_number",
        "event_at",
        seconds=known.event_at.delta(known.started_at, unit="microsecond") / 1e6,
        number=known.number.fill_null(len(touchpoints)),
        place=known.place.fill_null(-1),
        is_new=ibis.row_number().over(met) == 0,
        is_heard=ibis.row_number().over(heard) == 0,
    )
    rows = events.order_by("journey_id", "event_at", "step_number").drop("event_at", "step_number").to_pandas()
    journey = pd.Series(np.arange(len(frame)), index=frame.journey_id).reindex(rows.journey_id).to_numpy(np.int64)
    started = pd.to_datetime(frame.started_at, utc=True)
    followed = (pd.Timestamp(snapshot_at) - started).dt.total_seconds().to_numpy(float)
    over = (pd.to_datetime(frame.outcome_at, utc=True) - started).dt.total_seconds().to_numpy(float)
    over = np.where(np.isnan(over) | (over > followed), followed, over)
    keeps = rows.seconds.to_numpy(float) < over[journey]
    return History(
        instant=(journey * _FAR + rows.seconds.to_numpy(float))[keeps],
        touchpoint=rows.number.to_numpy(np.int64)[keeps],
        stage=rows.place.to_numpy(np.int64)[keeps],
        first=np.searchsorted(journey[keeps], np.arange(len(frame) + 1)),
        unit=pd.factorize(frame.customer_id)[0].astype(np.int64),
        over=over,
        followed=followed,
        kind=frame.outcome_kind.fillna("open").to_numpy(object),
        groups=_groups(segments, journeys, frame.customer_id),
        touchpoints=list(touchpoints),
        is_new=rows.is_new.to_numpy(bool)[keeps],
        is_heard=rows.is_heard.to_numpy(bool)[keeps],
    )


def trial_of(past: History, touchpoint: str, kind: str, *, seed: int) -> tuple[Trial, int] | None:
    """Return the trial of one touchpoint and the outcome of one kind, and the place of the stage where it was met most.

    None where nobody was exposed, or nobody else could have been.
    """
    if not len(past.instant):
        return None
    rng = np.random.default_rng(seed)
    number = past.touchpoints.index(touchpoint)
    met = _first_met(past, number)
    exposed = np.flatnonzero(np.isfinite(met) & _is_at_risk(past, np.arange(len(met)), met))
    if len(exposed) > MOST_EXPOSED:
        exposed = np.sort(rng.choice(exposed, MOST_EXPOSED, replace=False))
    if not len(exposed):
        return None
    others = rng.integers(0, len(met), OTHERS_OF_EACH * 3 * len(exposed))
    at = np.tile(met[exposed], OTHERS_OF_EACH * 3)
    could = (met[others] > at) & _is_at_risk(past, others, at)
    others, at = others[could][: OTHERS_OF_EACH * len(exposed)], at[could][: OTHERS_OF_EACH * len(exposed)]
    if not len(others):
        return None
    journey = np.concatenate([exposed, others])
    seconds = np.concatenate([met[exposed], at])
    known, activity = known_before(past, journey, seconds, leaves_out=number)
    comes = (past.kind[journey] == kind) & (past.over[journey] < past.followed[journey])
    comes &= past.over[journey] <= seconds + HORIZON
    before = np.searchsorted(past.instant, exposed * _FAR + met[exposed]) - 1
    places = np.bincount(past.stage[before] + 1)
    trial = Trial(
        covariates=known,
        placebo=activity,
        earlier=known_before(past, journey, seconds - HISTORY, leaves_out=number)[0],
        thinned=known_before(past.thinned(rng), journey, seconds, leaves_out=number)[0],
        is_exposed=np.arange(len(journey)) < len(exposed),
        outcome=comes.astype(float),
        unit=past.unit[journey],
    )
    return trial, int(places.argmax()) - 1


def known_before(past: History, journey: Integers, seconds: Numbers, *, leaves_out: int) -> tuple[Numbers, Numbers]:
    """Return what was known of journeys at instants, a row each: from events before, without those of one touchpoint.

    The second is the activity of the last three days, in logarithms, which is also among the first.
    """
    start = past.first[journey]
    until = np.maximum(np.searchsorted(past.instant, journey * _FAR + seconds, side="left"), start)

    def since(window: float) -> Integers:
        begins = np.searchsorted(past.instant, journey * _FAR + np.maximum(seconds - window, 0.0), side="left")
        return np.maximum(begins, start)

    has_past = until > start
    last = np.maximum(until - 1, 0)
    recency = np.where(has_past, (journey * _FAR + seconds - past.instant[last]) / DAY, 99.0)
    counts = [np.log1p(until - since(window)) for window in _WINDOWS]
    columns = [np.log1p(until - start), np.log1p(recency), np.log1p(seconds.clip(min=0.0) / DAY)]
    for flags in (past.is_new, past.is_heard):
        up_to = np.concatenate([[0], np.cumsum(flags)])
        columns.append(np.log1p(up_to[until] - up_to[start]))
    stage = np.where(has_past, past.stage[last], -1)
    columns += [(stage == place).astype(float) for place in range(int(past.stage.max(initial=-1)) + 1)]
    late = since(_LATE)
    for number in range(min(len(past.touchpoints), COUNT_KNOWN)):
        if number != leaves_out:
            # The touchpoint's own places in the order, so that a count is a difference of two of them.
            of_number = np.flatnonzero(past.touchpoint == number)
            ends = np.searchsorted(of_number, until)
            columns += [
                np.log1p(ends - np.searchsorted(of_number, start)),
                np.log1p(ends - np.searchsorted(of_number, late)),
            ]
    activity = counts[_WINDOWS.index(HISTORY)]
    return np.column_stack([*counts, *columns, past.groups[journey]]), activity


def _first_met(past: History, number: int) -> Numbers:
    """Return the seconds after which each journey first met a touchpoint; infinite for never."""
    met = np.full(len(past.over), np.inf)
    rows = np.flatnonzero(past.touchpoint == number)
    journey = np.searchsorted(past.first, rows, side="right") - 1
    journey, first = np.unique(journey, return_index=True)
    met[journey] = past.instant[rows[first]] - journey * _FAR
    return met


def _is_at_risk(past: History, journey: Integers, seconds: Numbers) -> Flags:
    """Return whether journeys were on the way at instants, with a past, a horizon that is over, and no end at once."""
    seconds = np.where(np.isfinite(seconds), seconds, -1.0)
    before = np.searchsorted(past.instant, journey * _FAR + seconds, side="left")
    has_past = before > past.first[journey]
    last = past.instant[np.maximum(before - 1, 0)] - journey * _FAR
    is_active = has_past & (seconds - last <= ACTIVE) & (seconds >= HISTORY)
    result: Flags = is_active & (past.over[journey] > seconds + GAP) & (seconds + HORIZON <= past.followed[journey])
    return result


def _chosen(journeys: ibis.Table) -> ibis.Table:
    count = int(journeys.count().to_pyarrow().as_py())
    if count <= MOST_JOURNEYS:
        return journeys
    return journeys.filter((journeys.journey_id.hash().abs() % count) < MOST_JOURNEYS)


def _groups(segments: ibis.Table, journeys: ibis.Table, customers: pd.Series) -> Numbers:
    """Return, for each of the customers, a column of nought or one a segment."""
    rows = segments.semi_join(journeys, "customer_id").to_pandas()
    if not len(rows):
        return np.zeros((len(customers), 0))
    told = pd.crosstab(rows.customer_id, rows.segment).clip(upper=1)
    found: Numbers = told.reindex(customers).fillna(0).to_numpy(float)
    return found
