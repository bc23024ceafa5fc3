"""Moments of truth, in a small world whose truth is known."""

import json
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from benchmarks.truth.moments import DECOYS, MAIL, SNAPSHOT, TOUCHES, config, live, tables
from journeys.engine import materialize
from journeys.insights.moments_of_truth import ADJUSTED, gates, insight_moments_of_truth
from tests.journeys.insights.drawn import Drawn, config_of, tables_of

EFFECTS = {name: values[2] for name, values in TOUCHES.items()} | {"mail": MAIL[2]}


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    from journeys.engine import connect

    steps, journeys = tables(live(5, 4000, EFFECTS, 8.0), 5)
    segments = pd.DataFrame({"customer_id": journeys.customer_id, "segment": "all"})
    with connect(memory="1GB") as connection:
        made = [materialize(connection, ibis.memtable(frame), "world") for frame in (steps, journeys, segments)]
        return insight_moments_of_truth(*made, config(), SNAPSHOT).to_pandas()


def test_what_helps_much_is_believed_and_decoys_are_not(found: pd.DataFrame) -> None:
    """The referral is a C for the better, the broken form one for the worse; no decoy is believed, though each looks good at first."""
    rows = found[found.outcome == "positive"].set_index("touchpoint")
    assert rows.grade["referral"] == ADJUSTED
    assert rows.effect["referral"] > 0.03
    assert not rows.is_risk["referral"]
    assert rows.effect["broken_form"] < 0
    assert rows.is_risk["broken_form"]
    for decoy in DECOYS:
        assert rows.raw_difference[decoy] > 0.015
        assert rows.grade[decoy] != ADJUSTED


def test_each_row_says_how_far_it_can_be_believed(found: pd.DataFrame) -> None:
    """An interval around each difference, a denominator, gates with what they looked at; A and B are given to nothing unassigned."""
    assert ((found.effect_low <= found.effect) & (found.effect <= found.effect_high)).all()
    assert (found.count_customers >= 50).all()
    assert set(found.grade) <= {"C", "D"}
    for text in found.gates:
        told = json.loads(text)
        assert set(told["passes"]) == {"overlap", "balance", "placebo", "unknown"}


def test_a_gate_that_nobody_looked_at_is_not_passed() -> None:
    """Not a number is no pass."""
    from journeys.insights.doubly_robust import Contrast

    one = Contrast(0.1, 0.05, 0.15, 0.5, 0.2, 0.1, 60, 60, 300, 1.0, 0.01, np.nan, 2.0, 1.5, 1.1, 0.1, np.nan, np.nan)
    assert gates(one) == {"overlap": True, "balance": True, "placebo": False, "unknown": False}


@pytest.mark.parametrize("kind", ["open", "positive", "neutral"])
def test_little_data_gives_no_row(connection: Any, kind: str) -> None:
    """One customer, all open, all converted: no row and no crash."""
    for count in (1, 40):
        drawn = [Drawn(f"c{number}", [("a", 0.0), ("x", 100.0), ("b", 200.0)], kind) for number in range(count)]
        steps, journeys, _ = tables_of(connection, drawn)
        segments = journeys.select("customer_id", segment=ibis.literal("all"))
        assert insight_moments_of_truth(steps, journeys, segments, config_of(), SNAPSHOT).num_rows == 0
