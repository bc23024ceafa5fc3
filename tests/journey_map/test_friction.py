"""Friction on the map: points that compare, in their order, without small cells."""

import json
from typing import Any

import pandas as pd

from journey_map.friction import friction_points
from journeys.insights.segments import ALL


def _row(rank: int, kind: str, group: str, customers: int, lost: float | None) -> dict[str, Any]:
    evidence = {"count_journeys": customers, "rate_expected": 0.2}
    bounds = {
        f"{name}{end}": None if value is None else value * factor
        for name, value in (("customers_lost", lost), ("revenue_at_risk_amount", lost), ("excess_rate", 0.1))
        for end, factor in (("", 1.0), ("_low", 0.5), ("_high", 1.5))
    }
    rate = {"drop_off_rate": 0.3, "drop_off_rate_low": 0.2, "drop_off_rate_high": 0.4}
    return {
        "rank": rank,
        "kind": kind,
        "touchpoint": "form",
        "segment": group,
        "count_entered": 400,
        "count_customers": customers,
        "evidence": json.dumps(evidence),
        **rate,
        **bounds,
    }


def test_what_is_shown() -> None:
    """Points without a comparison, and of few customers, are left out; what is not priced has no price."""
    rows = [
        _row(2, "stall", "channel=app", 60, None),
        _row(1, "abandon", "device=mobile", 120, 40.0),
        _row(3, "repeat", "device=tablet", 9, None),
        _row(1, "abandon", ALL, 200, 70.0),
    ]
    first, second = friction_points(pd.DataFrame(rows))
    assert (first.kind, first.group, first.rate.count, first.rate.total) == ("abandon", "device=mobile", 120, 400)
    assert (first.customers_lost.value, first.customers_lost.low, first.expected) == (40.0, 20.0, 0.2)
    assert (second.kind, second.customers_lost.value, second.excess.value) == ("stall", None, 0.1)
