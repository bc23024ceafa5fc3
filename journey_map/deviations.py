"""Departures from the planned path on the map, those of most customers first."""

from typing import Any

import pandas as pd

from journey_map.document import Deviation
from journey_map.small_cells import SMALLEST_CELL, publish_rate

MOST_DEVIATIONS = 12


def deviations(frame: pd.DataFrame) -> tuple[Deviation, ...]:
    """Return the departures of ten customers or more.

    Args:
        frame: the table insight_deviations.
    """
    shown = frame[frame.count_customers >= SMALLEST_CELL]
    shown = shown.sort_values(["count_customers", "step_number", "kind"], ascending=[False, True, True])
    clean = shown.head(MOST_DEVIATIONS).astype(object)
    return tuple(_deviation(row) for row in clean.where(clean.notna(), None).to_dict("records"))


def _deviation(row: dict[Any, Any]) -> Deviation:
    def rate(name: str, count: str, total: str) -> Any:
        return publish_rate(row[count] or 0, row[total] or 0, (row[name], row[f"{name}_low"], row[f"{name}_high"]))

    return Deviation(
        step=row["step"],
        kind=row["kind"],
        share=rate("share", "count_journeys", "count_entered"),
        positive=rate("conversion_rate", "count_positive", "count_over"),
        positive_without=rate("conversion_rate_without", "count_positive_without", "count_over_without"),
        hours_p50=row["hours_p50"],
        hours_p50_without=row["hours_p50_without"],
    )
