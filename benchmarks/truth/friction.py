"""Is friction found where it was planted, nowhere else, and of the right size?

Worlds of journeys through eight steps, written as the tables that the insights read. Customers have a device, a plan and a
region, and each of these makes them stop a little more or less often everywhere; some customers have two journeys and stop
more often than others by nature. At three steps most people stop, whoever they are: decoys. Friction is planted at six places
(a step and a group), where people stop who would have gone on; the same random numbers without it say exactly who was lost.

Scores: recall of the planted places; decoys among as many of the first points as were planted; median error of the size;
how many 95 % intervals cover the truth, in smaller worlds; and in how many worlds without friction anything is found.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis
import numpy as np
import pandas as pd

from benchmarks.truth.scores import Area, Job, Row, Scores
from journeys.engine import connect, materialize
from journeys.insights.friction import friction_points

STEPS = [f"step {number}" for number in range(1, 9)]
SPLITS = {
    "device": ["desktop", "mobile", "tablet"],
    "plan": ["basic", "pro"],
    "region": ["north", "east", "south", "west"],
}
SHARES = {"device": [0.5, 0.4, 0.1], "plan": [0.7, 0.3], "region": [0.25] * 4}
STOPS = np.array([0.06, 0.35, 0.08, 0.05, 0.40, 0.07, 0.30, 0.06])
DECOYS = {"step 2", "step 5", "step 7"}
COUNT_PLANTED = 6
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Tables of one world, and how many journeys each planted place (step, group) lost."""

    steps: pd.DataFrame
    journeys: pd.DataFrame
    segments: pd.DataFrame
    lost: dict[tuple[str, str], int]


def make_world(seed: int, people: int, *, has_friction: bool) -> World:
    """Return a world of so many people."""
    rng = np.random.default_rng(seed)
    groups = {name: rng.choice(len(values), people, p=SHARES[name]) for name, values in SPLITS.items()}
    tilt = {name: rng.normal(0.0, 0.25, len(values)) for name, values in SPLITS.items()}
    nature = rng.normal(0.0, 0.4, people) + sum(tilt[name][groups[name]] for name in SPLITS)
    owner = np.concatenate([np.arange(people), np.flatnonzero(rng.random(people) < 0.3)])
    count = len(owner)
    logit = np.log(STOPS / (1 - STOPS))[None, :] + nature[owner][:, None]
    luck = rng.random((count, len(STEPS)))
    planted: list[tuple[int, str, int, float]] = []
    while has_friction and len(planted) < COUNT_PLANTED:
        step, name = int(rng.integers(len(STEPS) - 1)), str(rng.choice(list(SPLITS)))
        value = int(rng.integers(len(SPLITS[name])))
        is_free = all(other != step for other, *_ in planted) and STEPS[step] not in DECOYS
        if is_free or (STEPS[step] not in DECOYS and len(planted) >= 4):
            planted.append((step, name, value, float(rng.uniform(0.6, 1.6))))
    by_place = [np.where(groups[name][owner] == value, size, 0.0) for _, name, value, size in planted]
    more = np.zeros_like(logit)
    for (step, *_), own in zip(planted, by_place, strict=True):
        more[:, step] += own
    stops = luck < _share_of(logit + more)
    reached = np.cumsum(stops, axis=1) - stops == 0
    # Lost by a place is who would have gone on there without it, whatever else is planted at the step.
    lost = {}
    for (step, name, value, _), own in zip(planted, by_place, strict=True):
        without = _share_of(logit[:, step] + more[:, step] - own)
        is_lost = reached[:, step] & stops[:, step] & (luck[:, step] >= without) & (own > 0)
        lost[STEPS[step], f"{name}={SPLITS[name][value]}"] = int(is_lost.sum())
    return World(*_tables(rng, owner, groups, stops, reached), lost)


def _share_of(logit: Any) -> Any:
    return 1 / (1 + np.exp(-logit))


def _tables(
    rng: np.random.Generator, owner: Any, groups: dict[str, Any], stops: Any, reached: Any
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    journey, step = np.nonzero(reached)
    waits = np.cumsum(rng.exponential(1.0, reached.shape) + 0.01, axis=1)[journey, step]
    steps = pd.DataFrame(
        {
            "journey_id": journey.astype(str),
            "customer_id": owner[journey].astype(str),
            "step_number": step + 1,
            "event_at": pd.Timestamp(START) + pd.to_timedelta(waits, unit="h").astype("timedelta64[us]"),
            "touchpoint": np.array(STEPS, dtype=object)[step],
            "channel": "site",
        }
    )
    won = ~stops.any(axis=1)
    journeys = pd.DataFrame(
        {
            "journey_id": np.arange(len(owner)).astype(str),
            "is_open": False,
            "outcome_kind": np.where(won, "positive", "neutral"),
        }
    )
    # Whoever got through everything has a last step of its own, so that it ends nowhere else.
    done = pd.DataFrame({"journey_id": np.flatnonzero(won).astype(str), "customer_id": owner[won].astype(str)})
    done = done.assign(
        step_number=99, event_at=pd.Timestamp(START) + pd.Timedelta(days=9), touchpoint="done", channel="site"
    )
    people = len(next(iter(groups.values())))
    segments = pd.concat(
        pd.DataFrame(
            {"customer_id": np.arange(people).astype(str), "segment": [f"{name}={SPLITS[name][one]}" for one in chosen]}
        )
        for name, chosen in groups.items()
    )
    return pd.concat([steps, done], ignore_index=True), journeys, segments


def found_in(world: World) -> list[dict[str, Any]]:
    """Return the points of kind 'abandon' that the product finds, the largest first."""
    with connect(memory="4GB") as connection:
        tables = [
            materialize(connection, ibis.memtable(frame), ibis.util.gen_name("world"))
            for frame in (world.steps, world.journeys, world.segments)
        ]
        rows = friction_points(*tables, 100.0).to_pylist()
    return sorted(
        (row for row in rows if row["kind"] == "abandon"), key=lambda row: -row["excess_rate"] * row["count_entered"]
    )


def run(job: Job) -> Scores:
    """Return of one world: whether each planted place is found, its size error and cover; decoys among the first; finds elsewhere."""
    world = make_world(job.seed, job.people, has_friction=job.world != "null")
    found = {(row["touchpoint"], row["segment"]): row for row in found_in(world)}
    scores: dict[str, list[float]] = {"recall": [], "error": [], "cover": []}
    for place, lost in world.lost.items():
        row = found.get(place)
        scores["recall"].append(float(row is not None))
        if row is not None:
            count, entered = row["excess_rate"] * row["count_entered"], row["count_entered"]
            scores["error"].append(abs(math.log(max(count, 1.0) / max(lost, 1))))
            low, high = row["excess_rate_low"] * entered, row["excess_rate_high"] * entered
            scores["cover"].append(float(low <= lost <= high))
    first = list(found)[: len(world.lost)]
    scores["decoys"] = [float(step in DECOYS) for step, _ in first]
    scores["elsewhere"] = [float(place not in world.lost) for place in found]
    scores["anything"] = [float(bool(found))]
    return scores


AREA = Area(
    name="friction",
    run=run,
    rows=(
        Row("planted places found", "large", "recall", "share", "at least .90", lambda value: value >= 0.9),
        Row(
            "decoys among as many of the first", "large", "decoys", "share", "at most .05", lambda value: value <= 0.05
        ),
        Row(
            "found where nothing was planted", "large", "elsewhere", "share", "at most .05", lambda value: value <= 0.05
        ),
        Row("error of the size, log", "large", "error", "median", "at most .20", lambda value: value <= 0.2),
        Row("intervals that cover", "small", "cover", "share", ".92 to .97", lambda value: 0.92 <= value <= 0.97),
        Row(
            "worlds without friction with a find",
            "null",
            "anything",
            "share",
            "at most .08",
            lambda value: value <= 0.08,
        ),
    ),
    depends=(
        "benchmarks/truth/friction.py",
        "journeys/insights/excess.py",
        "journeys/insights/friction.py",
    ),
    worlds={
        "large": ((100_000, 5), (5_000, 2)),
        "small": ((5_000, 60), (5_000, 2)),
        "null": ((5_000, 200), (5_000, 3)),
    },
)
