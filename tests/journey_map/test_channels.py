"""Channels on the map: small cells stay hidden, shares are of the stage's conversions."""

from typing import Any

import pandas as pd

from journey_map.channels import stage_channels
from journeys.insights.credit import MODELS


def _row(stage: str, channel: str, customers: int, converted: int, **credit: float) -> dict[str, Any]:
    credits_given = {f"credit_{name}": credit.get(name, 10.0) for name in MODELS}
    bounds = {f"credit_{name}_{end}": 10.0 for name in ("markov", "shapley") for end in ("low", "high")}
    return {
        "stage": stage,
        "channel": channel,
        "count_journeys": customers,
        "count_customers": customers,
        "count_converted": converted,
        "count_stage_converted": 40,
        "conversion_rate": converted / customers,
        "conversion_rate_low": 0.0,
        "conversion_rate_high": 1.0,
        **credits_given,
        **bounds,
        "credit_low": min(credits_given.values()),
        "credit_high": max(credits_given.values()),
        "incremental": None,
        "grade": None,
    }


def test_whole_journeys_first_then_stages() -> None:
    """Whole journeys come first, then the stages in their order; channels that few met are left out."""
    rows = [
        _row("second", "mail", 50, 20),
        _row("first", "web", 60, 30, last=20.0),
        _row("all", "mail", 80, 40),
        _row("all", "fax", 9, 9),
    ]
    found = stage_channels(pd.DataFrame(rows), ["first", "second", "third"])
    assert [(part.stage, [one.channel for one in part.channels]) for part in found] == [
        ("all", ["mail"]),
        ("first", ["web"]),
        ("second", ["mail"]),
    ]
    (web,) = found[1].channels
    assert (web.first, web.last, web.least, web.most) == (0.25, 0.5, 0.25, 0.5)
    assert (web.conversion.count, web.conversion.total) == (30, 60)
    assert (web.incremental, web.grade) == (None, None)


def test_few_conversions_give_no_shares() -> None:
    """Of fewer than ten conversions in a stage there are no shares."""
    (part,) = stage_channels(pd.DataFrame([{**_row("all", "mail", 80, 0), "count_stage_converted": 9}]), [])
    assert part.count_conversions is None
    assert part.channels[0].markov.value is None
