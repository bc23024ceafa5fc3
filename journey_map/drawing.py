"""Shapes of the page: the river of customers that flows through the stages."""

import itertools
from collections.abc import Sequence

COLUMN = 100.0
HEIGHT = 100.0
_THINNEST = 1.0
_BEND = 0.3


def river_path(shares: Sequence[float | None]) -> str:
    """Return the outline of a band whose width at each column is that stage's share of all customers.

    The band is level over the middle of a column and bends between two; a share that is not
    published is drawn as a hairline.

    Args:
        shares: between 0 and 1, one a column of `COLUMN` units; the height is `HEIGHT` units.

    >>> river_path([1.0])
    'M0,0 L100,0 L100,100 L0,100 Z'
    """
    halves = [max(_THINNEST, HEIGHT * (share or 0.0)) / 2 for share in shares]
    if not halves:
        return ""
    points = [(0.0, halves[0]), *_bends(halves), (len(halves) * COLUMN, halves[-1])]
    upper = [(x, HEIGHT / 2 - half) for x, half in points]
    lower = [(x, HEIGHT / 2 + half) for x, half in reversed(points)]
    return f"M{_line(upper)} L{_line(lower)} Z"


def _bends(halves: list[float]) -> list[tuple[float, float]]:
    """Return where each bend between two columns starts and ends."""
    bends = []
    for place, (here, there) in enumerate(itertools.pairwise(halves), 1):
        bends += [((place - _BEND) * COLUMN, here), ((place + _BEND) * COLUMN, there)]
    return bends


def _line(points: list[tuple[float, float]]) -> str:
    """Return points as a line that runs level, bends, runs level, bends, ..."""
    text = _point(points[0])
    for place, (before, after) in enumerate(itertools.pairwise(points)):
        if place % 2:
            middle = (before[0] + after[0]) / 2
            text += f" C{_point((middle, before[1]))} {_point((middle, after[1]))} {_point(after)}"
        else:
            text += f" L{_point(after)}"
    return text


def _point(point: tuple[float, float]) -> str:
    return ",".join(f"{number:.2f}".rstrip("0").rstrip(".") for number in point)
