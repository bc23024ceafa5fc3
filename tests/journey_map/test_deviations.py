"""Departures on the map: those of few customers stay hidden, the others come by size."""

from typing import Any

import pandas as pd

from journey_map.deviations import MOST_DEVIATIONS, deviations


def _row(step: int, kind: str, customers: int, **more: Any) -> dict[str, Any]:
    rates = {
        f"{name}{end}": value
        for name in ("share", "conversion_rate", "conversion_rate_without")
        for end, value in (("", 0.5), ("_low", 0.4), ("_high", 0.6))
    }
    return {
        "step_number": step,
        "step": f"step {step}",
        "kind": kind,
        "count_entered": 200,
        "count_journeys": customers,
        "count_customers": customers,
        "count_over": customers,
        "count_positive": customers // 2,
        "count_over_without": 100,
        "count_positive_without": 50,
        "hours_p50": 5.0,
        "hours_p50_without": None,
        **rates,
        **more,
    }


def test_the_largest_first_and_small_ones_hidden() -> None:
    """Departures of fewer than ten customers are not shown; of the others, those of most customers come first."""
    found = deviations(pd.DataFrame([_row(1, "missing", 9), _row(2, "too_often", 20), _row(1, "too_often", 40)]))
    assert [(one.step, one.kind, one.share.count, one.share.total) for one in found] == [
        ("step 1", "too_often", 40, 200),
        ("step 2", "too_often", 20, 200),
    ]
    assert (found[0].positive.count, found[0].positive_without.total, found[0].hours_p50_without) == (20, 100, None)


def test_no_more_than_fit() -> None:
    """Of many departures only the largest are kept."""
    rows = [_row(number, "missing", 10 + number) for number in range(MOST_DEVIATIONS + 5)]
    found = deviations(pd.DataFrame(rows))
    assert len(found) == MOST_DEVIATIONS
    assert found[0].step == f"step {MOST_DEVIATIONS + 4}"
