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

    def is_told(silence: int, before: list[int]) -> bool:
        share = len(before) / (before[-1] - before[0] + 1)
        return len(before) >= FEWEST_DAYS and silence >= SHORTEST_SILENCE and (1 - share) ** silence < RARE

    told = [
        (later - earlier, earlier + 1, later - 1)
        for place, (earlier, later) in enumerate(pairwise(numbers))
        if is_told(later - earlier - 1, numbers[: place + 1])
    ]
    longest = max((length for length, *_ in told), default=0)
    last = [(begin, end) for length, begin, end in told if length == longest]
    return is_told(until - numbers[-1], numbers), last[-1] if last else None


@settings(max_examples=100, deadline=None)
@given(numbers=st.lists(st.integers(0, 60), min_size=1, max_size=55, unique=True), more=st.integers(0, 40))
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
        assert ((row["gap_from"] - FIRST).days, (row["gap_until"] - FIRST).days) == gap


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


def test_the_gaps_of_a_small_business() -> None:
    """Days without anything are common while a business is small; later, the same silence is a gap."""
    small = [0, 1, 4, 5, 9, 12, 13, 17, 20, 24, 25, 29]
    later = [*range(30, 60), *range(66, 90)]
    found = regularity(_days([*small, *later]), WHOLE_SOURCE, FIRST + pd.Timedelta(days=90)).iloc[0]
    assert (found["gap_from"], found["gap_until"]) == (FIRST + pd.Timedelta(days=60), FIRST + pd.Timedelta(days=65))
    found = regularity(_days([*small, *range(30, 60)]), WHOLE_SOURCE, FIRST + pd.Timedelta(days=60)).iloc[0]
    assert pd.isna(found["gap_from"])
