"""Segments on the map: what groups do next otherwise than the others."""

from typing import Any

import pandas as pd

from journey_map.document import SegmentDifference
from journey_map.small_cells import SMALLEST_CELL, publish_estimate

MOST_OF_A_SPLIT = 6


def segment_differences(frame: pd.DataFrame) -> tuple[SegmentDifference, ...]:
    """Return the largest differences of each split, the splits by name; none rests on fewer than ten customers.

    Of a split of two, the other group's row says the same with the sign turned, and is left out.

    Args:
        frame: the table insight_segments, largest first.
    """
    people = frame[["count_customers", "count_customers_others"]].min(axis=1)
    shown = frame[people >= SMALLEST_CELL].copy()
    shown["split"] = shown.segment.str.split("=").str[0]
    shown["same"] = shown.difference.abs().round(12)
    shown = shown.drop_duplicates(["split", "from_touchpoint", "to_touchpoint", "same"])
    kept = shown.groupby("split", sort=True).head(MOST_OF_A_SPLIT).sort_values("split", kind="stable")
    return tuple(_difference(row) for row in kept.to_dict("records"))


def _difference(row: dict[Any, Any]) -> SegmentDifference:
    parts = (row["difference"], row["difference_low"], row["difference_high"])
    return SegmentDifference(
        group=row["segment"],
        touchpoint=row["from_touchpoint"],
        next_touchpoint=row["to_touchpoint"],
        rate=float(row["rate"]),
        rate_others=float(row["rate_others"]),
        difference=publish_estimate(parts, row["count_customers"]),
        count_out=int(row["count_out"]),
        count_customers=int(row["count_customers"]),
        count_customers_others=int(row["count_customers_others"]),
    )
