"""Friction on the map: where a group fares worse at a step than step and group lead to expect."""

import json
from typing import Any

import pandas as pd

from journey_map.document import Estimate, FrictionPoint
from journey_map.small_cells import SMALLEST_CELL, publish_estimate, publish_rate
from journeys.insights.segments import ALL

MOST_POINTS = 20


def friction_points(frame: pd.DataFrame) -> tuple[FrictionPoint, ...]:
    """Return the points that compare, those of most customers first; none rests on fewer than ten.

    Args:
        frame: the table insight_friction_points.
    """
    shown = frame[(frame.segment != ALL) & (frame.count_customers >= SMALLEST_CELL)]
    clean = shown.sort_values("rank").head(MOST_POINTS).astype(object)
    return tuple(_point(row) for row in clean.where(clean.notna(), None).to_dict("records"))


def _point(row: dict[Any, Any]) -> FrictionPoint:
    evidence = json.loads(row["evidence"])
    customers = row["count_customers"]

    def estimate(name: str) -> Estimate:
        parts = (row[name], row[f"{name}_low"], row[f"{name}_high"])
        return Estimate(None, None, None) if row[name] is None else publish_estimate(parts, customers)

    return FrictionPoint(
        kind=row["kind"],
        touchpoint=row["touchpoint"],
        group=row["segment"],
        rate=publish_rate(
            evidence["count_journeys"],
            row["count_entered"],
            (row["drop_off_rate"], row["drop_off_rate_low"], row["drop_off_rate_high"]),
        ),
        expected=evidence["rate_expected"],
        excess=estimate("excess_rate"),
        customers_lost=estimate("customers_lost"),
        revenue_at_risk=estimate("revenue_at_risk_amount"),
    )
