"""How far the current journey has come."""

from typing import Any

from features.columns import stages
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch

FUNCTIONS = (
    stages.stage,
    stages.stage_number,
    stages.days_in_stage,
    stages.days_to_stage,
    stages.is_journey_open,
    stages.last_touchpoint,
    stages.previous_touchpoint,
)


def test_the_stage_in_force(engine: Any) -> None:
    """The stage is the highest entered, since its first touchpoint; going back to earlier ones changes nothing."""
    touches = [
        Touch("a", "visit home", 0),
        Touch("a", "trial", 24),
        Touch("a", "visit home", 48),
        Touch("a", "trial", 60),
    ]
    assert values_of(engine, touches, 72, *FUNCTIONS) == ["try", 1, 2.0, 1.0, True, "trial", "visit home"]


def test_a_journey_that_has_ended(engine: Any) -> None:
    """After its ending outcome a journey is no longer open; the next touchpoint starts one without a past."""
    touches = [Touch("a", "visit home", 0), Touch("a", "buy", 24)]
    assert values_of(engine, touches, 48, *FUNCTIONS) == ["use", 2, 1.0, 1.0, False, "buy", "visit home"]
    again = [*touches, Touch("a", "visit home", 36)]
    assert values_of(engine, again, 48, *FUNCTIONS) == ["use", 2, 0.5, 0.0, True, "visit home", None]
