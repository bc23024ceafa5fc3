"""Patterns on the map: ways of going through journeys, how many go each, and how they end."""

import json
from typing import Any

import pandas as pd

from journey_map.document import Pattern
from journey_map.small_cells import SMALLEST_CELL, publish_rate
from journeys.insights.variants import ARROW

MOST_STEPS = 12


def patterns(frame: pd.DataFrame) -> tuple[Pattern, ...]:
    """Return the patterns of ten customers or more, of each goal the most common first.

    Args:
        frame: the table insight_patterns.
    """
    shown = frame[frame.count_customers >= SMALLEST_CELL].sort_values(["goal", "rank"])
    total = frame.groupby("goal").count_journeys.sum()
    clean = shown.astype(object)
    return tuple(
        _pattern(row, float(total[row["goal"]])) for row in clean.where(clean.notna(), None).to_dict("records")
    )


def _pattern(row: dict[Any, Any], total: float) -> Pattern:
    steps = (
        tuple(row["typical_path"].split(ARROW))
        if row["typical_path"] and row["count_customers_typical"] >= SMALLEST_CELL
        else ()
    )
    return Pattern(
        pattern_id=row["pattern_id"],
        goal=row["goal"],
        share=publish_rate(row["count_journeys"], total, (row["share"], None, None)),
        positive=publish_rate(
            row["count_positive"],
            row["count_over"],
            (row["conversion_rate"], row["conversion_rate_low"], row["conversion_rate_high"]),
        ),
        stability=row["stability"],
        is_stable=bool(row["is_stable"]),
        terms=tuple(json.loads(row["terms"])),
        typical=steps[:MOST_STEPS] + (("...",) if len(steps) > MOST_STEPS else ()),
        touchpoints_p50=row["touchpoints_p50"],
        hours_p50=row["hours_p50"],
    )
