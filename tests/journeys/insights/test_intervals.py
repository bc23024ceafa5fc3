import math

import pandas as pd
import pytest

from journeys.insights.intervals import add_wilson, as_table, hide_small
from tests.journeys.insights.oracle import wilson


def test_interval_is_the_textbook_formula():
    """Rate and bounds equal Wilson's formula, and stay within 0 and 1 at the ends."""
    frame = pd.DataFrame({"n": [0, 7, 40], "of": [40, 40, 40], "who": [40, 40, 40]})
    found = add_wilson(frame, "n", "of", "who", "rate")
    for row in found.itertuples():
        low, high = wilson(row.n, row.of)
        assert (row.rate, row.rate_low, row.rate_high) == pytest.approx((row.n / row.of, low, high), abs=1e-12)
        assert 0 <= row.rate_low <= row.rate <= row.rate_high <= 1


def test_too_few_customers_give_no_rate():
    """Nine customers, or none, are not enough for a rate, however many units they have."""
    frame = pd.DataFrame({"n": [5, 0, 5], "of": [50, 0, 50], "who": [9, 0, 10]})
    found = add_wilson(frame, "n", "of", "who", "rate")
    assert [math.isnan(value) for value in found.rate] == [True, True, False]
    assert [math.isnan(value) for value in found.rate_high] == [True, True, False]


def test_small_cells_are_hidden():
    """A median behind which nine customers stand becomes null in the table."""
    frame = hide_small(pd.DataFrame({"hours": [1, 2], "who": [9, 10]}), "who", "hours")
    assert math.isnan(frame.hours[0])
    assert frame.hours[1] == 2


def test_unknown_numbers_become_null():
    """A missing number is null in the table, not NaN."""
    row = {
        "from_touchpoint": "a",
        "to_touchpoint": "b",
        "count_transitions": 3,
        "count_customers": 3,
        "share_next": float("nan"),
        "hours_p50": None,
        "hours_p90": 2.0,
    }
    table = as_table("insight_transitions", pd.DataFrame([row]))
    assert table.to_pylist()[0]["share_next"] is None
    assert table.column("hours_p50").null_count == 1
