"""The shapes of the arc."""

import pytest

from journey_map.arc import BOTTOM, COLUMN, LEFT, TOP, arc_of
from journey_map.document import Emotion, Estimate, Rate, StageEmotion

_RATE = Rate(40, 100, 0.4, 0.3, 0.5)


def _emotion(mean: float | None, half: float = 0.1, extreme: str | None = None) -> Emotion:
    told = Estimate(None, None, None) if mean is None else Estimate(mean, mean - half, mean + half)
    return Emotion(_RATE, 40, told, told, extreme)


def _stages(*means: tuple[float | None, float | None]) -> list[StageEmotion]:
    return [
        StageEmotion(f"s{place}", _emotion(stated), _emotion(inferred), None)
        for place, (stated, inferred) in enumerate(means)
    ]


def test_heights_follow_values() -> None:
    """What is better is higher, the interval surrounds its dot, and all lies within the picture."""
    arc = arc_of(_stages((0.5, -0.5), (0.1, 0.2)))
    good, fair = arc.stated
    bad, _ = arc.inferred
    assert good.y < fair.y < bad.y
    for dot in (*arc.stated, *arc.inferred):
        assert TOP <= dot.y_high <= dot.y <= dot.y_low <= BOTTOM
    assert arc.width == LEFT + 2 * COLUMN
    assert [value for _, value in arc.grid] == [-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75]


def test_lines_have_gaps() -> None:
    """A stage without a mean has no dot, and no line crosses it."""
    arc = arc_of(_stages((0.1, None), (None, None), (0.2, None), (0.3, None)))
    assert len(arc.stated) == 3
    assert arc.stated_line.count("M") == 1
    assert arc.stated_line.startswith(f"M{arc.stated[1].x:.2f},")
    assert (arc.inferred, arc.inferred_line) == ((), "")


def test_the_ends_of_the_scale() -> None:
    """Nothing is drawn beyond -1 and +1; without any value, and without stages, there is still a grid."""
    arc = arc_of([StageEmotion("s", _emotion(1.0, 0.0), _emotion(-1.0, 0.0), None)])
    assert (arc.grid[0], arc.grid[-1]) == ((BOTTOM, -1.0), (TOP, 1.0))
    assert [value for _, value in arc_of(_stages((None, None))).grid] == [-0.25, 0, 0.25]
    assert arc_of([]).width == LEFT


@pytest.mark.parametrize("extreme", ["peak", "trough", None])
def test_extremes_are_marked(extreme: str | None) -> None:
    """A dot knows whether it is a peak or a trough."""
    arc = arc_of([StageEmotion("s", _emotion(0.2, extreme=extreme), _emotion(None), None)])
    assert arc.stated[0].extreme == extreme
