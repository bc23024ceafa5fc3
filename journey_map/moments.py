"""Moments of truth on the map: differences after a touchpoint, with how far they can be believed, and their picture."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from journey_map.document import Estimate, Moment
from journey_map.small_cells import SMALLEST_CELL, publish_estimate

MOST_MOMENTS = 12
_WIDTH, _ROW, _LEFT, _RIGHT = 720, 30, 240, 40


@dataclass(frozen=True)
class Mark:
    """One moment in the picture: its height, and the places of its difference and of its interval's ends."""

    y: float
    x: float
    x_low: float
    x_high: float
    moment: Moment


@dataclass(frozen=True)
class Forest:
    """The picture of the moments: marks beneath each other over one scale, with the place of nought and a grid."""

    width: int
    height: int
    nought: float
    grid: tuple[tuple[float, float], ...]
    marks: tuple[Mark, ...]


def moments(frame: pd.DataFrame) -> tuple[Moment, ...]:
    """Return the moments that are more than chance and rest on ten customers, those to be believed most first.

    Args:
        frame: the table insight_moments_of_truth.
    """
    shown = frame[frame.is_found.astype(bool) & (frame.count_customers >= SMALLEST_CELL)]
    ordered = shown.assign(size=shown.effect.abs()).sort_values(["grade", "size"], ascending=[True, False])
    clean = ordered.head(MOST_MOMENTS).astype(object)
    return tuple(_moment(row) for row in clean.where(clean.notna(), None).to_dict("records"))


def forest(found: Sequence[Moment]) -> Forest | None:
    """Return the picture, or None where there is nothing to draw."""
    drawn = [one for one in found if one.difference.value is not None]
    if not drawn:
        return None
    ends = [bound for one in drawn for bound in (one.difference.low, one.difference.high) if bound is not None]
    low, high = min(0.0, *ends), max(0.0, *ends)
    step = _step(high - low)
    low, high = step * (low // step), step * -(-high // step)
    scale = (_WIDTH - _LEFT - _RIGHT) / (high - low)

    def place(value: float | None) -> float:
        return round(_LEFT + ((value or 0.0) - low) * scale, 1)

    count = round((high - low) / step)
    grid = tuple((place(low + step * number), low + step * number) for number in range(count + 1))
    marks = tuple(
        Mark(
            20.0 + _ROW * number,
            place(one.difference.value),
            place(one.difference.low),
            place(one.difference.high),
            one,
        )
        for number, one in enumerate(drawn)
    )
    return Forest(_WIDTH, 20 + _ROW * len(drawn) + 24, place(0.0), grid, marks)


def _step(span: float) -> float:
    """Return the distance of the grid's lines: a round number of which four to nine lines make the span."""
    for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2):
        if span / step <= 8:
            return step
    return 0.5


def _moment(row: dict[Any, Any]) -> Moment:
    held = json.loads(row["gates"])["passes"]
    parts = (row["effect"], row["effect_low"], row["effect_high"])
    return Moment(
        touchpoint=row["touchpoint"],
        goal=row["goal"],
        outcome=row["outcome"],
        stage=row["stage"],
        difference=publish_estimate(parts, row["count_customers"])
        if row["effect"] is not None
        else Estimate(None, None, None),
        rate_exposed=row["rate_exposed"],
        reach=row["reach"],
        count_customers=int(row["count_customers"]),
        grade=row["grade"],
        is_risk=bool(row["is_risk"]),
        failed=tuple(name for name, passes in held.items() if not passes),
        e_value=row["e_value"],
        e_value_known=row["e_value_known"],
    )
