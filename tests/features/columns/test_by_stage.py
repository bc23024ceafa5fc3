"""Columns of each stage."""

from typing import Any

from features.columns import by_stage
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch


def test_of_one_stage(engine: Any) -> None:
    """Touchpoints that enter the stage are counted in the current journey, with the days since and the hours until."""
    touches = [Touch("a", "buy", 0)] + [
        Touch("a", what, 24 + hours) for what, hours in [("visit home", 0), ("trial", 6), ("use", 12), ("trial", 24)]
    ]

    def of_stage(number: int) -> list[Any]:
        return values_of(
            engine,
            touches,
            72,
            (by_stage.count_stage_touchpoints, number),
            (by_stage.days_since_stage_touchpoint, number),
            (by_stage.hours_to_stage, number),
        )

    assert of_stage(1) == [2, 1.0, 6.0]
    assert of_stage(2) == [1, 1.5, 12.0]


def test_a_stage_never_entered(engine: Any) -> None:
    """Without a touchpoint that enters it there is none to count, and no time to tell."""
    found = values_of(
        engine,
        [Touch("a", "visit home", 0)],
        1,
        (by_stage.count_stage_touchpoints, 2),
        (by_stage.days_since_stage_touchpoint, 2),
        (by_stage.hours_to_stage, 2),
    )
    assert found == [0, None, None]
