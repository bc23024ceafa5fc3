"""Patterns: ways of going through a journey that many share, found in the journeys themselves."""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from journeys.config.journey_yaml import JourneyConfig
from journeys.insights.intervals import MIN_CUSTOMERS, add_wilson, as_table, hide_small
from journeys.insights.markov_mixture import STABLE, Counts, Integers, beliefs, choose, counts_of, fit, stability
from journeys.insights.variants import ARROW
from journeys.lake.tables import TABLES

MIN_JOURNEYS = 200
"""Of fewer journeys nothing is said."""

MOST_PATTERNS = 10
MOST_STEPS = 60
"""Of a longer journey the first so many touchpoints count."""

_SAMPLE = 20_000
_TERMS = 5
_SEED = 20030601


@dataclass(frozen=True)
class _Paths:
    """Paths of one goal: of each step the number of its journey and touchpoint; names of both."""

    journey: Integers
    step: Integers
    journeys: pd.DataFrame
    names: list[str]


def patterns(steps: ibis.Table, journeys: ibis.Table, config: JourneyConfig) -> tuple[pa.Table, pa.Table]:
    """Return the tables insight_patterns and journey_patterns.

    Of each goal, journeys are grouped by which touchpoint follows which (`journeys.insights.markov_mixture`), immediate repeats
    counted once. Touchpoints that are an outcome are left out: groups made of how journeys ended would explain how they
    ended by itself. `is_stable` says that the group comes out again when other journeys are drawn.

    Args:
        steps: journey_steps with journey_id, step_number, touchpoint.
        journeys: journeys with journey_id, customer_id, goal, outcome_kind, started_at, ended_at, variant_id.
        config: the outcomes.
    """
    found, members = [], []
    for goal in sorted(journeys.select("goal").distinct().drop_null().to_pyarrow()["goal"].to_pylist()):
        paths = _paths(steps, journeys.filter(journeys.goal == goal), config)
        if len(paths.journeys) >= MIN_JOURNEYS and len(paths.names) > 1:
            with threadpool_limits(1):
                rows, belongs = _of_goal(paths, goal)
            found.append(rows)
            members.append(belongs)
    schema = TABLES["journey_patterns"].schema
    of_journeys = pa.concat_tables(members).sort_by("journey_id") if members else schema.empty_table()
    if not found:
        return as_table("insight_patterns", pd.DataFrame(columns=TABLES["insight_patterns"].schema.names)), of_journeys
    return as_table("insight_patterns", pd.concat(found, ignore_index=True)), of_journeys


def _paths(steps: ibis.Table, journeys: ibis.Table, config: JourneyConfig) -> _Paths:
    order = ibis.window(group_by="journey_id", order_by="step_number")
    own = steps.semi_join(journeys, "journey_id")
    names = own.select("touchpoint").distinct().order_by("touchpoint").to_pyarrow()["touchpoint"].to_pylist()
    outcomes = [pattern for outcome in config.outcomes for pattern in outcome.touchpoints]
    names = [name for name in names if not any(fnmatchcase(name, pattern) for pattern in outcomes)]
    own = own.filter(own.touchpoint.isin(names))
    own = own.mutate(before=own.touchpoint.lag().over(order))
    changes = own.filter((own.before != own.touchpoint).fill_null(True))
    changes = changes.mutate(place=ibis.row_number().over(order))
    kept = changes.filter(changes.place < MOST_STEPS).select("journey_id", "place", "touchpoint")
    frame = kept.order_by("journey_id", "place").to_pandas()
    journey, ids = pd.factorize(frame.journey_id)
    who = journeys.select(
        "journey_id", "customer_id", "outcome_kind", "started_at", "ended_at", "variant_id"
    ).to_pandas()
    place = pd.Series(np.arange(len(names)), index=names)
    return _Paths(
        journey.astype(np.int64),
        place.reindex(frame.touchpoint).to_numpy(np.int64),
        who.set_index("journey_id").reindex(pd.Index(ids, name="journey_id")).reset_index(),
        names,
    )


def _of_goal(paths: _Paths, goal: str) -> tuple[pd.DataFrame, pa.Table]:
    """Return the patterns of one goal, the most common first, and which journey belongs to which."""
    rng = np.random.default_rng(_SEED)
    counts = counts_of(paths.journey, paths.step, len(paths.names))
    total = counts.matrix.shape[0]
    sample = counts if total <= _SAMPLE else counts.rows(np.sort(rng.choice(total, _SAMPLE, replace=False)))
    mixture = fit(sample, choose(sample, MOST_PATTERNS, rng), rng)
    stays = stability(sample, mixture, rng)
    belief = beliefs(counts, mixture)
    own = belief.argmax(axis=1)
    order = np.argsort(-np.bincount(own, minlength=mixture.count_groups), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    number = rank[own]
    names = [f"{goal}-{place + 1}" for place in range(len(order))]
    rows = _described(paths, counts, number, belief.max(axis=1), len(order))
    rows = rows.assign(
        goal=goal,
        pattern_id=names,
        stability=stays[order],
        is_stable=(stays >= STABLE)[order],
        rank=np.arange(1, len(order) + 1),
    )
    members = pa.table(
        {
            "journey_id": paths.journeys.journey_id.to_numpy(object),
            "pattern_id": np.array(names, dtype=object)[number],
            "belief": belief.max(axis=1),
        },
        schema=TABLES["journey_patterns"].schema,
    )
    return rows[rows.count_journeys > 0], members


def _described(paths: _Paths, counts: Counts, number: Integers, belief: Any, count_patterns: int) -> pd.DataFrame:
    """Return a row a pattern: how many, how they end, what sets them apart and a typical path."""
    frame = paths.journeys.assign(number=number, length=np.bincount(paths.journey), belief=belief)
    seconds = (pd.to_datetime(frame.ended_at, utc=True) - pd.to_datetime(frame.started_at, utc=True)).dt.total_seconds()
    frame = frame.assign(
        hours=seconds / 3600.0, is_won=frame.outcome_kind == "positive", is_over=frame.outcome_kind != "open"
    )
    over = frame[frame.is_over]
    made = pd.DataFrame({"number": range(count_patterns)}).set_index("number")
    made["count_journeys"] = frame.groupby("number").size()
    made["count_customers"] = frame.groupby("number").customer_id.nunique()
    made["count_over"] = over.groupby("number").size()
    made["count_customers_over"] = over.groupby("number").customer_id.nunique()
    made["count_positive"] = over.groupby("number").is_won.sum()
    made["touchpoints_p50"] = frame.groupby("number").length.median()
    made["hours_p50"] = frame.groupby("number").hours.median()
    made = made.fillna(0).reset_index(drop=True)
    made["share"] = made.count_journeys / len(frame)
    made = add_wilson(made, "count_positive", "count_over", "count_customers_over", "conversion_rate")
    made = hide_small(made, "count_customers", "touchpoints_p50", "hours_p50")
    made["terms"] = [json.dumps(terms) for terms in _terms(paths, number, count_patterns)]
    typical = _typical(frame, made.touchpoints_p50)
    made["typical_path"] = [_path(paths, place) if place is not None else None for place in typical]
    made["count_customers_typical"] = [
        frame.customer_id[frame.variant_id == frame.variant_id[place]].nunique() if place is not None else 0
        for place in typical
    ]
    return made


def _typical(frame: pd.DataFrame, lengths: pd.Series) -> list[int | None]:
    """Return, for each pattern, a journey whose path ten customers or more have taken, of about the usual length, and most surely of it."""
    shared = frame.groupby("variant_id").customer_id.transform("nunique") >= MIN_CUSTOMERS
    found: list[int | None] = []
    for number, length in enumerate(lengths):
        own = frame[shared & (frame.number == number) & frame.length.between(length / 2, length * 2)]
        if not len(own):
            found.append(None)
            continue
        away = (own.length - length).abs().fillna(0.0)
        found.append(
            int(
                own.assign(away=away)
                .sort_values(["away", "belief", "journey_id"], ascending=[True, False, True])
                .index[0]
            )
        )
    return found


def _path(paths: _Paths, place: int) -> str:
    first, last = np.searchsorted(paths.journey, [place, place + 1])
    return ARROW.join(paths.names[step] for step in paths.step[first:last])


def _terms(paths: _Paths, number: Integers, count_patterns: int) -> list[list[str]]:
    """Return, for each pattern, the one to three steps in a row that set it apart: tf log(1 + A / f) (c-TF-IDF, Grootendorst 2022)."""
    count_steps = len(paths.names)
    codes, patterns_of = [], []
    code = np.zeros(len(paths.step), np.int64)
    for length in range(1, 4):
        ends = np.arange(len(paths.step)) >= length - 1
        back = np.roll(paths.journey, length - 1)
        ends &= back == paths.journey
        code = np.roll(code, 1) * (count_steps + 1) if length > 1 else code
        code = code + paths.step + 1
        codes.append(code[ends])
        patterns_of.append(number[paths.journey[ends]])
    every, place = np.unique(np.concatenate(codes), return_inverse=True)
    of_pattern = np.concatenate(patterns_of)
    times = np.zeros((count_patterns, len(every)))
    np.add.at(times, (of_pattern, place.ravel()), 1)
    words = times.sum(axis=1, keepdims=True)
    weight = times / np.maximum(words, 1) * np.log1p(words.mean() / times.sum(axis=0))
    if count_patterns > 1:
        # What is common in all patterns sets none of them apart.
        weight = weight - (weight.sum(axis=0) - weight) / (count_patterns - 1)
    return [
        [
            _words(int(every[best]), paths.names)
            for best in np.argsort(-weight[pattern], kind="stable")[:_TERMS]
            if weight[pattern, best] > 0
        ]
        for pattern in range(count_patterns)
    ]


def _words(code: int, names: list[str]) -> str:
    base = len(names) + 1
    steps = []
    while code:
        code, step = divmod(code, base)
        steps.append(names[step - 1])
    return ARROW.join(reversed(steps))
