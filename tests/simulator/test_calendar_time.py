"""Instants in microseconds."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.calendar_time import WEEK, iso_texts, month_of, months_before, place_in_week, to_microseconds


@given(
    start=st.integers(0, 2**51),
    slot=st.floats(0, 1, exclude_max=True),
    inside=st.floats(0, 1, exclude_max=True),
)
def test_an_instant_lies_in_its_week(start: int, slot: float, inside: float) -> None:
    """Whatever instant a week starts at, what is placed in it is not before and not after it."""
    (at,) = place_in_week(np.array([start]), np.array([slot]), np.array([inside]))
    assert start <= at < start + WEEK


@pytest.mark.parametrize(
    ("instant", "months", "expected"),
    [
        (datetime(2026, 7, 1, tzinfo=UTC), 12, datetime(2025, 7, 1, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 1, datetime(2025, 12, 15, tzinfo=UTC)),
        (datetime(2026, 3, 31, tzinfo=UTC), 1, datetime(2026, 2, 28, tzinfo=UTC)),
    ],
)
def test_months_are_counted_by_the_calendar(instant: datetime, months: int, expected: datetime) -> None:
    """So many months before keep the day, on the 28th at the latest."""
    assert months_before(instant, months) == expected


def test_an_instant_is_written_and_dated_in_utc() -> None:
    """ISO text to the millisecond, and the month of one instant."""
    at = to_microseconds(datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC))
    assert iso_texts(np.array([at])) == ["2026-02-28T23:59:59.123Z"]
    assert month_of(at) == "2026-02"


def test_an_end_without_a_zone_is_refused() -> None:
    """The sentence says what to write instead."""
    with pytest.raises(ValueError, match="has no time zone; give one, as in"):
        to_microseconds(datetime(2026, 7, 1))  # noqa: DTZ001
