"""Instants as microseconds since 1970 in UTC, and when in a week people are awake."""

from datetime import UTC, datetime

import numpy as np

from simulator.randomness import Integers, Numbers

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
MONTH = round(30.4375 * DAY)
"""The mean month: subscriptions are billed at this distance."""

_FIRST_MONDAY = 4 * DAY
_WEEKDAYS = np.array([1.0, 1.1, 1.1, 1.05, 0.9, 0.35, 0.3])
_HOURS = np.exp(-(((np.arange(24) - 13.0) / 4.0) ** 2)) + 0.02
_SLOTS = np.cumsum(np.outer(_WEEKDAYS, _HOURS).ravel())
_SLOTS /= _SLOTS[-1]


def place_in_week(week_start: Integers, u_slot: Numbers, u_inside: Numbers) -> Integers:
    """Return an instant in [week_start, week_start + 7 days), at an hour at which people are active.

    Args:
        week_start: microseconds; a week may start at any instant.
        u_slot: uniform numbers that choose the hour of the week.
        u_inside: uniform numbers that choose the instant within that hour.
    """
    since_monday = np.searchsorted(_SLOTS, u_slot).clip(max=167) * HOUR + (u_inside * HOUR).astype(np.int64)
    offset = (since_monday - (week_start - _FIRST_MONDAY)) % WEEK
    result: Integers = week_start + offset
    return result


def to_microseconds(instant: datetime) -> int:
    """Return microseconds since 1970.

    Raises:
        ValueError: when `instant` has no time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"The end {instant.isoformat()} has no time zone; give one, as in 2026-07-01T00:00:00+00:00.")
    return round(instant.timestamp() * SECOND)


def months_before(instant: datetime, months: int) -> datetime:
    """Return the instant so many calendar months earlier, on day 28 at the latest."""
    index = instant.year * 12 + instant.month - 1 - months
    return instant.replace(year=index // 12, month=index % 12 + 1, day=min(instant.day, 28))


def iso_texts(at: Integers) -> list[str]:
    """Return instants as ISO 8601 in UTC, to the millisecond."""
    texts: list[str] = np.datetime_as_string(at.astype("datetime64[us]"), unit="ms").tolist()
    return [text + "Z" for text in texts]


def month_texts(at: Integers) -> list[str]:
    """Return the months of instants, as in 2026-01."""
    texts: list[str] = at.astype("datetime64[us]").astype("datetime64[M]").astype(str).tolist()
    return texts


def month_of(at: int) -> str:
    """Return the month of one instant, as in 2026-01."""
    return datetime.fromtimestamp(at / SECOND, tz=UTC).strftime("%Y-%m")
