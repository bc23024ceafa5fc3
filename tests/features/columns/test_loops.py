"""Coming back to the same thing."""

from typing import Any

from features.columns import loops
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch


def test_loops_and_repeats(engine: Any) -> None:
    """The same again at once is a repeat, the same after something else a loop; earlier journeys do not count."""
    names = ["buy", "use", "trial", "trial", "use", "use", "other", "trial"]
    touches = [Touch("a", name, hours, key=f"t{hours}") for hours, name in enumerate(names)]
    functions = (loops.count_loops, loops.count_repeats, loops.count_distinct_touchpoints)
    assert values_of(engine, touches, 10, *functions) == [2, 2, 3]
