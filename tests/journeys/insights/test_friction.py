"""Friction by comparison, in small worlds whose truth is known."""

import json
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from journeys.engine import materialize
from journeys.insights.friction import friction_points
from tests.journeys.insights.drawn import NOON

STEPS = ["visit", "browse", "form", "payment", "order"]
STOPS = [0.10, 0.25, 0.20, 0.60, 0.0]
"""Share that stops after each step: at payment most do, in every group, and that is no friction."""


def _world(
    seed: int, count: int, *, stops: float = 0.0, waits: float = 0.0, returns: float = 0.0
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]], int]:
    """Return steps, journeys, segments and how many more stop at the form, all of the planted things of mobile users."""
    rng = np.random.default_rng(seed)
    steps, journeys, segments, lost = [], [], [], 0
    for number in range(count):
        device = "mobile" if rng.random() < 0.4 else "desktop"
        customer = f"c{number}"
        segments.append({"customer_id": customer, "segment": f"device={device}"})
        at, place = NOON, 0
        won = False
        for name, share in zip(STEPS, STOPS, strict=True):
            odds = share / (1 - share) * (1.3 if device == "mobile" else 1.0)
            is_planted = name == "form" and device == "mobile"
            visits = ["form", "browse", "form"] if is_planted and rng.random() < returns else [name]
            for visited in visits:
                place += 1
                steps.append(
                    {"journey_id": f"j{number}", "customer_id": customer, "step_number": place, "event_at": at}
                    | {"touchpoint": visited, "channel": "site"}
                )
                hours = rng.exponential(1.0) + (30.0 if is_planted and rng.random() < waits else 0.0)
                at += pd.Timedelta(hours=hours)
            would_stop = rng.random() < odds / (1 + odds)
            stopped_by_friction = is_planted and not would_stop and rng.random() < stops
            lost += stopped_by_friction
            if would_stop or stopped_by_friction:
                break
            won = name == "order"
        journeys.append(
            {"journey_id": f"j{number}", "is_open": False, "outcome_kind": "positive" if won else "neutral"}
        )
    return steps, journeys, segments, lost


def _found(connection: Any, world: tuple[Any, ...], amount: float = 100.0) -> list[dict[str, Any]]:
    tables = [
        materialize(connection, ibis.memtable(pa.Table.from_pylist(rows)), ibis.util.gen_name("world"))
        for rows in world[:3]
    ]
    return list(friction_points(*tables, amount).to_pylist())


@pytest.mark.parametrize(
    ("planted", "kind"), [({"stops": 0.25}, "abandon"), ({"waits": 0.5}, "stall"), ({"returns": 0.3}, "repeat")]
)
def test_what_is_planted_is_found(connection: Any, planted: dict[str, float], kind: str) -> None:
    """A group that stops, waits or comes back at one step is found there, first; where all stop, nothing is."""
    world = _world(11, 6000, **planted)
    found = _found(connection, world)
    assert (found[0]["kind"], found[0]["touchpoint"], found[0]["segment"]) == (kind, "form", "device=mobile")
    assert not [row for row in found if row["touchpoint"] == "payment"]
    worst = found[0]
    assert 0 < worst["excess_rate_low"] < worst["excess_rate"] < worst["excess_rate_high"]
    assert json.loads(worst["evidence"])["q_value"] < 0.01
    if kind == "abandon":
        assert worst["customers_lost_low"] <= world[3] <= worst["customers_lost_high"]
        share = json.loads(worst["evidence"])["positive_share"]
        assert worst["revenue_at_risk_amount"] == pytest.approx(worst["customers_lost"] * share * 100)
    else:
        assert worst["customers_lost"] is None


def test_where_nothing_is_planted(connection: Any) -> None:
    """In worlds without friction hardly anything is found, though mobile users stop more often everywhere."""
    assert sum(bool(_found(connection, _world(seed, 1500))) for seed in range(12)) <= 2


def test_a_step_that_always_ends_is_none(connection: Any) -> None:
    """Where everybody ends by the nature of the step, as at a cancellation, no group fares worse."""
    steps, journeys, segments, lost = _world(5, 3000)
    reached = {row["journey_id"]: row for row in steps}  # the last step of each journey
    ended = {row["journey_id"] for row in journeys if row["outcome_kind"] != "positive"}
    cancelled = [
        {**row, "step_number": row["step_number"] + 1, "event_at": row["event_at"] + pd.Timedelta(hours=1)}
        | {"touchpoint": "cancelled"}
        for journey, row in reached.items()
        if journey in ended
    ]
    found = _found(connection, ([*steps, *cancelled], journeys, segments, lost))
    assert [row for row in found if row["touchpoint"] == "cancelled"] == []


def test_too_little_to_say(connection: Any) -> None:
    """A handful of journeys, or a single group, gives no point and no crash."""
    assert _found(connection, _world(1, 12, stops=0.9)) == []
    steps, journeys, segments, lost = _world(2, 300, stops=0.9)
    alone = [{**row, "segment": "device=mobile"} for row in segments]
    assert _found(connection, (steps, journeys, alone, lost)) == []
