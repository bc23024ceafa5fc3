"""How regularly something comes, and how long nothing has."""

from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.audit.coverage import FEWEST_DAYS, RARE, SHORTEST_SILENCE, WHOLE_SOURCE, regularity

FIRST = pd.Timestamp("2026-01-01")


def _days(numbers: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": "web",
            "category": "website",
            "day": [FIRST + pd.Timedelta(days=number) for number in numbers],
            "count_touchpoints": 2,
        }
    )


def _slow(numbers: list[int], until: int) -> tuple[bool, tuple[int, int] | None]:
    """Return whether it has stopped, and the first and last day of the longest gap that is told."""
    share = len(numbers) / (numbers[-1] - numbers[0] + 1)

    def is_told(silence: int) -> bool:
        return len(numbers) >= FEWEST_DAYS and silence >= SHORTEST_SILENCE and (1 - share) ** silence < RARE

    gaps = [(later - earlier - 1, earlier + 1, later - 1) for earlier, later in pairwise(numbers)]
    longest = max((gap[0] for gap in gaps), default=0)
    told = [(begin, end) for length, begin, end in gaps if length == longest and is_told(length)]
    return is_told(until - numbers[-1]), told[-1] if told else None


@settings(max_examples=100, deadline=None)
@given(numbers=st.lists(st.integers(0, 60), min_size=1, max_size=40, unique=True), more=st.integers(0, 40))
def test_equals_counting_by_hand(numbers: list[int], more: int) -> None:
    """Counts, shares, silences and gaps equal those counted day by day."""
    ordered = sorted(numbers)
    until = ordered[-1] + more
    row = regularity(_days(ordered), WHOLE_SOURCE, FIRST + pd.Timedelta(days=until)).iloc[0]
    stopped, gap = _slow(ordered, until)
    assert bool(row["is_stopped"]) == stopped
    assert row["silent_days"] == more
    assert row["count_days"] == len(ordered)
    assert row["count_touchpoints"] == 2 * len(ordered)
    assert row["count_touchpoints_30d"] == 2 * sum(number > until - 30 for number in ordered)
    assert row["active_day_share"] == pytest.approx(len(ordered) / (ordered[-1] - ordered[0] + 1))
    if gap is None:
        assert pd.isna(row["gap_from"])
    else:
        assert (row["gap_until"] - row["gap_from"]).days == gap[1] - gap[0]


@pytest.mark.parametrize(
    ("numbers", "until", "stopped"),
    [
        (list(range(30)), 30, False),
        (list(range(30)), 31, True),
        (list(range(0, 140, 7)), 133 + 14, False),
        (list(range(0, 140, 7)), 133 + 60, True),
        (list(range(5)), 60, False),
    ],
    ids=["a day late", "two days", "weekly, a fortnight", "weekly, two months", "too few days to say"],
)
def test_stopped(numbers: list[int], until: int, stopped: bool) -> None:
    """A daily source is missed after two days, a weekly one after weeks."""
    found = regularity(_days(numbers), WHOLE_SOURCE, FIRST + pd.Timedelta(days=until))
    assert bool(found["is_stopped"].iloc[0]) is stopped
