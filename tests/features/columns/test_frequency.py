"""How often within a window."""

from typing import Any

from features.columns import frequency
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch


def test_windows_include_their_edge(engine: Any) -> None:
    """A touchpoint exactly so many days old is in the window; one of a minute more is not."""
    days = [1, 3, 7, 14, 30, 90]
    edges = [Touch("a", "use", 24 * (100 - count)) for count in days]
    outside = [Touch("a", "use", 24 * (100 - count) - 1 / 60) for count in days]
    windows = [getattr(frequency, f"count_touchpoints_{count}d") for count in days]
    assert values_of(engine, edges + outside, 2_400, *windows) == [1, 3, 5, 7, 9, 11]


def test_sessions_days_and_journeys(engine: Any) -> None:
    """Sessions, active days and journeys are counted once, however many touchpoints they hold."""
    hours = [0, 0.2, 720.5, 720.9, 722, 746]
    touches = [Touch("a", "use", at) for at in hours]
    found = values_of(
        engine,
        touches,
        32 * 24,
        frequency.count_sessions_30d,
        frequency.count_active_days_7d,
        frequency.count_active_days_30d,
        frequency.count_touchpoints_journey,
        frequency.count_journeys,
    )
    assert found == [3, 2, 2, 4, 2]
