"""Touchpoints in order, cut into sessions and journeys."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journeys.episodes import drawn
from tests.journeys.episodes.drawn import steps_of
from tests.journeys.episodes.slow import slow_steps
from tests.journeys.made_up import Touch, config_of, customer

BY_CASE = config_of(journeys={"by_case": True})
BY_RULE = config_of()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(touches=drawn.touches(), by_case=st.booleans())
def test_equals_the_slow_one(engine: Any, touches: list[Touch], by_case: bool) -> None:
    """Session, journey, step, stage, goal and outcome of every touchpoint equal those of plain loops."""
    config = BY_CASE if by_case else BY_RULE
    found = steps_of(engine, touches, config)
    expected = slow_steps(touches, config, {name: customer(name) for name in "abc"})
    assert len(found) == len(touches)
    journey_ids: dict[str, str] = {}
    for row in expected:
        step = found[row["touch"].id]
        assert step["session_id"] == f"s_{row['session'][:24]}"
        for name in ("customer_id", "goal", "stage_number", "step_number"):
            assert step[name] == row[name], name
        assert step["reaches"] == (row["outcome"].name if row["outcome"] else None)
        assert journey_ids.setdefault(row["journey"], step["journey_id"]) == step["journey_id"]
        if not row["case"]:
            assert step["journey_id"] == f"j_{row['journey'][:24]}"
    assert len(set(journey_ids.values())) == len(journey_ids)


@pytest.mark.parametrize(
    ("minutes", "sessions"),
    [
        ([0, 30, 60], [0, 0, 0]),
        ([0, 30.02, 60], [0, 1, 1]),
        ([0, 0, 0], [0, 0, 0]),
        ([0, 600, 601, 1300], [0, 1, 1, 2]),
    ],
    ids=["exactly the gap", "just over it", "all at once", "twice over it"],
)
def test_session_gap(engine: Any, minutes: list[float], sessions: list[int]) -> None:
    """A pause longer than the session gap opens a new session; one of exactly that length does not."""
    touches = [Touch("a", "other", at / 60, key=f"t{number}", position=number) for number, at in enumerate(minutes)]
    found = steps_of(engine, touches, BY_RULE)
    ids = [found[touch.id]["session_id"] for touch in touches]
    assert [sorted(set(ids), key=ids.index).index(value) for value in ids] == sessions


def test_a_session_passes_midnight_and_the_end_of_a_journey(engine: Any) -> None:
    """Only silence ends a session: neither a new day nor an outcome does."""
    touches = [Touch("a", "buy", 23.9), Touch("a", "visit home", 24.1)]
    found = [steps_of(engine, touches, BY_RULE)[touch.id] for touch in touches]
    assert found[0]["session_id"] == found[1]["session_id"]
    assert found[0]["journey_id"] != found[1]["journey_id"]


@pytest.mark.parametrize(
    ("line", "journeys", "goals"),
    [
        ([("visit home", 0), ("use", 240)], [0, 0], ["purchase", "purchase"]),
        ([("visit home", 0), ("use", 240.1)], [0, 1], ["purchase", "purchase"]),
        ([("visit home", 0), ("buy", 1), ("use", 2)], [0, 0, 1], ["purchase", "purchase", "loyalty"]),
        ([("buy", 0), ("cancel now", 1), ("visit home", 2)], [0, 1, 2], ["purchase", "loyalty", "purchase"]),
        ([("praise", 0), ("use", 1)], [0, 0], ["purchase", "purchase"]),
        ([("buy", 0), ("use", 1), ("use", 500)], [0, 1, 2], ["purchase", "loyalty", "loyalty"]),
    ],
    ids=[
        "exactly the gap",
        "just over it",
        "after an ending outcome",
        "each outcome leads to its goal",
        "a milestone ends nothing",
        "silence keeps the goal",
    ],
)
def test_journey_gap_and_goals(
    engine: Any, line: list[tuple[str, float]], journeys: list[int], goals: list[str]
) -> None:
    """Silence beyond the gap and ending outcomes open a journey; the last ending outcome says its goal."""
    touches = [Touch("a", what, hours) for what, hours in line]
    found = [steps_of(engine, touches, BY_RULE)[touch.id] for touch in touches]
    ids = [step["journey_id"] for step in found]
    assert [sorted(set(ids), key=ids.index).index(value) for value in ids] == journeys
    assert [step["goal"] for step in found] == goals


@pytest.mark.parametrize(
    ("names", "stages"),
    [
        (["visit home", "trial", "use"], [0, 1, 2]),
        (["use", "visit home", "trial"], [2, 2, 2]),
        (["other", "trial", "other"], [0, 1, 1]),
        (["buy", "other", "visit home"], [2, 2, 2]),
        (["visit pricing", "visit pricing"], [0, 0]),
    ],
    ids=["forwards", "never backwards", "in force until a later one", "the goal's first stage", "first pattern wins"],
)
def test_stage_order(engine: Any, names: list[str], stages: list[int]) -> None:
    """A stage holds until a touchpoint enters a later one; a journey never goes back."""
    touches = [Touch("a", name, hours, key=f"t{hours}") for hours, name in enumerate(names)]
    found = steps_of(engine, touches, BY_RULE)
    assert [found[touch.id]["stage_number"] for touch in touches] == stages


def test_a_case_of_the_source_is_one_journey(engine: Any) -> None:
    """With by_case, neither silence nor an outcome cuts a case, and cases beside each other stay apart."""
    touches = [
        Touch("a", "visit home", 0, case="one"),
        Touch("a", "visit home", 1, case="two"),
        Touch("a", "cancel now", 2, case="one"),
        Touch("a", "use", 900, case="one"),
        Touch("a", "use", 901, case="one", source="desk"),
        Touch("a", "use", 902),
        Touch("b", "use", 903, case="one"),
    ]
    by_case, by_rule = (steps_of(engine, touches, config) for config in (BY_CASE, BY_RULE))
    ids = [by_case[touch.id]["journey_id"] for touch in touches]
    assert ids[0] == ids[2] == ids[3]
    assert len({ids[0], *ids[1:2], *ids[4:]}) == 5, "another case, source, no case, another customer: all apart"
    assert [by_case[touch.id]["step_number"] for touch in touches] == [1, 1, 2, 3, 1, 1, 1]
    assert len({by_rule[touch.id]["journey_id"] for touch in touches}) == 3


def test_a_case_keeps_its_journey_when_an_earlier_row_comes_late(engine: Any) -> None:
    """The journey of a case is named after the case, so that it stays the same journey."""
    touch = Touch("a", "use", 5, case="one")
    early = Touch("a", "visit home", 1, case="one")
    before = steps_of(engine, [touch], BY_CASE)[touch.id]
    after = steps_of(engine, [early, touch], BY_CASE)[touch.id]
    assert (before["journey_id"], before["step_number"], after["step_number"]) == (after["journey_id"], 1, 2)


def test_ties_are_broken_the_same_way_each_time(engine: Any) -> None:
    """Of one instant, the source's name decides, then the place in its file, then the touchpoint's id."""
    touches = [
        Touch("a", "other", 0, source="web", position=1, key="w1"),
        Touch("a", "other", 0, source="web", position=0, key="w0"),
        Touch("a", "other", 0, source="desk", position=9, key="d9"),
        *(Touch("a", "other", 0, source="zoo", key=key) for key in "xy"),
    ]
    found = steps_of(engine, list(reversed(touches)), BY_RULE)
    in_order = sorted(touches, key=lambda touch: found[touch.id]["step_number"])
    last = sorted(touches[3:], key=lambda touch: touch.id)
    assert in_order == [touches[2], touches[1], touches[0], *last]
