"""Who could have met a touchpoint, and what was known of them."""

from datetime import timedelta
from typing import Any

import ibis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.engine import connect
from journeys.insights.risk_sets import ACTIVE, DAY, GAP, HISTORY, HORIZON, History, history, known_before, trial_of
from tests.journeys.insights.drawn import NOON, Drawn, tables_of

DAYS = 24.0
ASKED = ["x", "y", "a"]


def read(connection: Any, journeys: list[Drawn], days: float = 120.0) -> History:
    """Return the history of drawn journeys, seen so many days after noon."""
    steps, found, _ = tables_of(connection, journeys)
    segments = found.filter(found.customer_id == "").select("customer_id", segment=ibis.literal("plan=pro"))
    return history(steps, found, segments, ["first", "second", "third"], ASKED, NOON + timedelta(days=days))


def test_only_what_came_before_is_known(connection: Any) -> None:
    """Of a journey at an instant: how much in windows, how long since the last, how many kinds; nothing from the instant on."""
    past = read(
        connection, [Drawn("c1", [("a", 0.0), ("y", 5 * DAYS), ("y", 6 * DAYS), ("x", 9 * DAYS), ("y", 20 * DAYS)])]
    )
    known, activity = known_before(past, np.array([0]), np.array([9 * DAY]), leaves_out=0)
    counts = np.expm1(known[0, :5]).round().tolist()
    assert counts == [0, 1, 2, 3, 3]  # one, three, seven, fourteen and twenty-eight days
    assert np.expm1(activity).round().tolist() == [1]
    assert np.expm1(known[0, 5:8]).round(3).tolist() == [3, 3, 9]  # all, days since the last, days since the start
    assert np.expm1(known[0, 8]).round() == 2  # a and y


def test_what_came_later_changes_nothing(connection: Any) -> None:
    """Two journeys that differ only after the instant are known alike."""
    path = [("a", 0.0), ("y", 5 * DAYS), ("x", 9 * DAYS)]
    past = read(connection, [Drawn("c1", path), Drawn("c2", [*path, ("y", 10 * DAYS), ("a", 11 * DAYS)])])
    known, _ = known_before(past, np.array([0, 1]), np.array([9 * DAY, 9 * DAY]), leaves_out=0)
    assert (known[0] == known[1]).all()


MEETS = Drawn("c1", [("a", 0.0), ("y", 4 * DAYS), ("x", 5 * DAYS)])


@pytest.mark.parametrize(
    ("other", "is_in"),
    [
        (Drawn("c2", [("a", 0.0), ("y", 4 * DAYS), ("y", 30 * DAYS)]), True),
        (Drawn("c2", [("a", 0.0), ("x", 1 * DAYS), ("y", 30 * DAYS)]), False),  # had met it before
        (Drawn("c2", [("a", 0.0), ("y", 1 * DAYS), ("c", 3 * DAYS)], "positive"), False),  # was over before
        (Drawn("c2", [("a", 0.0), ("y", 4 * DAYS), ("c", 5.5 * DAYS)], "positive"), False),  # ended at once
        (Drawn("c2", [("a", 0.0), ("y", 4 * DAYS), ("c", 9 * DAYS)], "positive"), True),
    ],
)
def test_who_could_have_met_it(connection: Any, other: Drawn, is_in: bool) -> None:
    """Others are those still on the way at the same time of their journey, who have not met it, whatever comes later."""
    found = trial_of(read(connection, [MEETS, other]), "x", "positive", seed=1)
    assert (found is not None) == is_in
    if found:
        trial, place = found
        assert trial.is_exposed.tolist() == [True, *[False] * (len(trial.is_exposed) - 1)]
        assert place == 0
        assert set(trial.outcome[1:]) == {float(other.outcome_kind == "positive")}


def test_who_was_long_silent_or_has_just_begun_is_in_no_trial(connection: Any) -> None:
    """A touchpoint after five weeks of silence, or on the second day, is no exposure; nor one whose horizon is not over."""
    others = [Drawn(f"o{number}", [("a", 0.0), ("y", 4 * DAYS), ("y", 34 * DAYS)]) for number in range(5)]
    silent = Drawn("c1", [("a", 0.0), ("x", 35 * DAYS)])
    early = Drawn("c1", [("a", 0.0), ("x", 2 * DAYS)])
    late = Drawn("c1", [("a", 0.0), ("y", 4 * DAYS), ("x", 5 * DAYS)])
    assert trial_of(read(connection, [silent, *others]), "x", "positive", seed=1) is None
    assert trial_of(read(connection, [early, *others]), "x", "positive", seed=1) is None
    assert trial_of(read(connection, [late, *others], days=30.0), "x", "positive", seed=1) is None
    assert trial_of(read(connection, [late, *others], days=40.0), "x", "positive", seed=1) is not None


JOURNEYS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from("xyab"), st.integers(0, 60 * 24)), min_size=1, max_size=8),
        st.sampled_from(["positive", "neutral", "open"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(drawn=JOURNEYS)
def test_equals_looking_one_by_one(drawn: list[tuple[list[tuple[str, int]], str]]) -> None:
    """Who is exposed, and what came of it, equals a walk over the journeys one by one."""
    journeys = [
        Drawn(
            f"c{number}",
            [(name, hours - min(h for _, h in path)) for name, hours in sorted(path, key=lambda one: one[1])],
            kind,
        )
        for number, (path, kind) in enumerate(drawn)
    ]
    with connect(memory="500MB") as connection:
        past = read(connection, journeys)
        found = trial_of(past, "x", "positive", seed=1)
    expected = []
    for journey in journeys:
        path = [(name, hours * 3600.0) for name, hours in journey.path]
        followed = 120 * DAY
        over = path[-1][1] if journey.outcome_kind == "positive" else followed
        path = [(name, at) for name, at in path if at < over]
        met = next((at for name, at in path if name == "x"), None)
        before = [at for _, at in path if met is not None and at < met]
        if met is None or not before or met - before[-1] > ACTIVE or met < HISTORY or over <= met + GAP:
            continue
        if met + HORIZON <= followed:
            expected.append(float(journey.outcome_kind == "positive" and over <= met + HORIZON))
    if found:
        assert found[0].outcome[found[0].is_exposed].tolist() == expected
        assert not (found[0].unit[~found[0].is_exposed][:, None] == -1).any()
