"""Patterns on the map."""

import json

import pandas as pd

from journey_map.patterns import MOST_STEPS, patterns


def _row(number: int, **changes: object) -> dict[str, object]:
    return {
        "pattern_id": f"buying-{number}", "goal": "buying", "rank": number, "count_journeys": 200, "count_customers": 150,
        "share": 0.5, "count_over": 100, "count_positive": 30, "conversion_rate": 0.3, "conversion_rate_low": 0.2,
        "conversion_rate_high": 0.4, "stability": 0.9, "is_stable": True, "terms": json.dumps(["a", "a > b"]),
        "typical_path": "a > b", "count_customers_typical": 12, "touchpoints_p50": 4.0, "hours_p50": 30.0,
    } | changes  # fmt: skip


def test_patterns_come_in_their_order_with_their_shares() -> None:
    """Of each goal the most common first; the share is of all its journeys, also of those in a pattern that is not shown."""
    found = patterns(pd.DataFrame([_row(2), _row(1), _row(3, count_customers=9)]))
    assert [one.pattern_id for one in found] == ["buying-1", "buying-2"]
    assert found[0].share.total == 600
    assert found[0].typical == ("a", "b")
    assert found[0].terms == ("a", "a > b")


def test_no_single_customer_s_path_is_shown() -> None:
    """A path of nine customers is left out; a long one is cut."""
    long = " > ".join(f"t{number}" for number in range(30))
    found = patterns(
        pd.DataFrame([_row(1, count_customers_typical=9), _row(2, typical_path=None), _row(3, typical_path=long)])
    )
    assert [len(one.typical) for one in found] == [0, 0, MOST_STEPS + 1]
