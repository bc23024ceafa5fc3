"""Is friction found where it was planted, nowhere else, and of the right size?

    python benchmarks/truth/friction.py [--people 100000] [--seeds 5] [--small 60] [--null 200]

Worlds of journeys through eight steps, written as the tables that the insights read. Customers have a device, a plan and a
region, and each of these makes them stop a little more or less often everywhere; some customers have two journeys and stop
more often than others by nature. At three steps most people stop, whoever they are: decoys. Friction is planted at six places
(a step and a group), where people stop who would have gone on; the same random numbers without it say exactly who was lost.

Scores: recall of the planted places; decoys among as many of the first points as were planted; median error of the size;
how many 95 % intervals cover the truth, in smaller worlds; and in how many worlds without friction anything is found.
"""

import argparse
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis
import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

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


def score(world: World) -> dict[str, list[float]]:
    """Return of one world: whether each planted place is found, its size error and cover; and decoys among the first."""
    found = {(row["touchpoint"], row["segment"]): row for row in found_in(world)}
    scores: dict[str, list[float]] = {"recall": [], "error": [], "cover": [], "decoys": [], "others": []}
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
    scores["others"] = [float(place not in world.lost) for place in found]
    return scores


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser()
    for name, value in (("people", 100_000), ("seeds", 5), ("small", 60), ("null", 200)):
        parser.add_argument(f"--{name}", type=int, default=value)
    asked = parser.parse_args()
    large = [score(make_world(seed, asked.people, has_friction=True)) for seed in range(asked.seeds)]
    small = [score(make_world(1000 + seed, 5_000, has_friction=True)) for seed in range(asked.small)]
    empty = sum(bool(found_in(make_world(5000 + seed, 5_000, has_friction=False))) for seed in range(asked.null))

    def of(worlds: list[dict[str, list[float]]], name: str) -> list[float]:
        return [value for world in worlds for value in world[name]]

    print("| score | value | target |\n|---|---|---|")
    print(
        f"| recall of planted, {asked.people:,} people, {asked.seeds} seeds | {_told(of(large, 'recall'))} | at least .90 |"
    )
    print(f"| decoys among as many of the first | {_told(of(large, 'decoys'))} | at most .05 |")
    print(f"| found where nothing was planted | {_told(of(large, 'others'))} | |")
    print(f"| median error of the size, \\|log\\| | {np.median(of(large, 'error') or [math.nan]):.3f} | at most .20 |")
    print(f"| intervals that cover, {asked.small} worlds of 5,000 | {_told(of(small, 'cover'))} | .92 to .97 |")
    print(f"| worlds without friction in which something is found | {empty} of {asked.null} | at most 16 of 200 |")


def _told(values: list[float]) -> str:
    if not values:
        return "none"
    low, high = proportion_confint(sum(values), len(values), method="wilson")
    return f"{np.mean(values):.3f} ({low:.3f} to {high:.3f}, {len(values)})"


if __name__ == "__main__":
    main()
