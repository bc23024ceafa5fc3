"""Silences within the current journey."""

from typing import Any

import pytest

from features.columns import waiting
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch, config_of

FUNCTIONS = (
    waiting.hours_longest_wait,
    waiting.hours_mean_wait,
    waiting.count_waits_over_1d,
    waiting.count_waits_over_3d,
    waiting.hours_longest_silence,
    waiting.hours_last_wait,
)


def test_waits(engine: Any) -> None:
    """Waits lie between touchpoints of the journey; the silence at the snapshot counts as one only where said."""
    touches = [Touch("a", "use", hours) for hours in (0, 24, 49, 122, 122.1)]
    found = values_of(engine, touches, 242.1, *FUNCTIONS)
    assert [round(value, 6) for value in found] == [73.0, 30.525, 2, 1, 120.0, 73.0]


def test_one_touchpoint_has_not_waited(engine: Any) -> None:
    """The silence before a journey is no wait of it."""
    touches = [Touch("a", "use", 0), Touch("a", "use", 300)]
    assert values_of(engine, touches, 310, *FUNCTIONS) == [None, None, 0, 0, 10.0, None]


def test_waits_between_other_cases_do_not_count(engine: Any) -> None:
    """A case's waits are those between its own touchpoints, whatever else the customer did meanwhile."""
    config = config_of(journeys={"by_case": True})
    touches = [Touch("a", "use", hours, case=case) for hours, case in [(0, "one"), (40, "two"), (50, "one")]]
    assert values_of(engine, touches, 51, *FUNCTIONS[:3], config=config) == [50.0, 50.0, 1]


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ([("use", 0), ("mail sent", 24), ("mail sent", 48)], 3.0),
        ([("mail sent", 0), ("use", 24)], 0.0),
        ([("mail sent", 0)], 4.0),
        ([("mail sent", 0), ("use", 24), ("mail sent", 72)], 1.0),
    ],
    ids=["since the first of two", "answered", "never anything else", "unanswered again"],
)
def test_unanswered_communication(engine: Any, line: list[tuple[str, float]], days: float) -> None:
    """Days are counted from the first communication after the last other touchpoint."""
    touches = [Touch("a", what, hours) for what, hours in line]
    assert values_of(engine, touches, 96, waiting.days_unanswered) == [days]
