"""The picture of the emotional arc: two lines over the stages, with intervals, and below them how many are heard."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from journey_map.document import Emotion, StageEmotion

LEFT = 56.0
COLUMN = 150.0
TOP, BOTTOM = 34.0, 254.0
_APART = 9.0
_GRID = 0.25
_LEAST_SPAN = 0.5


@dataclass(frozen=True)
class Dot:
    """One stage's mean of one kind: where it is, where its interval ends, and whether it is a peak or a trough."""

    x: float
    y: float
    y_low: float
    y_high: float
    extreme: str | None


@dataclass(frozen=True)
class Arc:
    """All shapes: grid lines (height and value), where each stage's column has its middle, and both kinds' dots and lines."""

    width: float
    grid: tuple[tuple[float, float], ...]
    columns: tuple[float, ...]
    stated: tuple[Dot, ...]
    stated_line: str
    inferred: tuple[Dot, ...]
    inferred_line: str


def arc_of(stages: Sequence[StageEmotion]) -> Arc:
    """Return the shapes of the arc; stages without a mean leave a gap in their line."""
    least, most = _range([value for stage in stages for value in (*_bounds(stage.stated), *_bounds(stage.inferred))])
    columns = tuple(LEFT + (place + 0.5) * COLUMN for place in range(len(stages)))

    def height(value: float) -> float:
        return round(BOTTOM - (value - least) / (most - least) * (BOTTOM - TOP), 2)

    def dots(emotions: Sequence[Emotion], apart: float) -> list[Dot | None]:
        found: list[Dot | None] = []
        for x, emotion in zip(columns, emotions, strict=True):
            value, low, high = emotion.mean.value, emotion.mean.low, emotion.mean.high
            if value is None or low is None or high is None:
                found.append(None)
            else:
                found.append(Dot(x + apart, height(value), height(low), height(high), emotion.extreme))
        return found

    stated = dots([stage.stated for stage in stages], -_APART)
    inferred = dots([stage.inferred for stage in stages], _APART)
    steps = round((most - least) / _GRID)
    return Arc(
        width=LEFT + COLUMN * len(stages),
        grid=tuple((height(least + step * _GRID), least + step * _GRID) for step in range(steps + 1)),
        columns=columns,
        stated=tuple(dot for dot in stated if dot),
        stated_line=_line(stated),
        inferred=tuple(dot for dot in inferred if dot),
        inferred_line=_line(inferred),
    )


def _bounds(emotion: Emotion) -> list[float]:
    return [bound for bound in (emotion.mean.low, emotion.mean.high) if bound is not None]


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return the least and greatest value of the scale: nought and all values within, on lines of the grid."""
    least = max(-1.0, math.floor(min([0.0, *values]) / _GRID) * _GRID)
    most = min(1.0, math.ceil(max([0.0, *values]) / _GRID) * _GRID)
    if most - least < _LEAST_SPAN:
        least, most = least - _GRID, most + _GRID
    return max(-1.0, least), min(1.0, most)


def _line(dots: Sequence[Dot | None]) -> str:
    pairs = [(one, other) for one, other in itertools.pairwise(dots) if one and other]
    return " ".join(f"M{one.x:.2f},{one.y:.2f} L{other.x:.2f},{other.y:.2f}" for one, other in pairs)
