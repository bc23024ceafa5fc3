"""Marks: written, read again, and compared."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.config.errors import DataError
from journeys.landing.marks import latest, read, written

UNTIL = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "mark",
    [
        None,
        3,
        2.5,
        "2026-01-01T00:00:00Z",
        "",
        Decimal("12345678901234567890.12"),
        date(2026, 1, 1),
        UNTIL.replace(tzinfo=None, microsecond=5),
        datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_a_mark_is_read_as_it_was_written(mark: Any) -> None:
    """In its type, with its zone and all its digits."""
    assert (read(written(mark)), type(read(written(mark)))) == (mark, type(mark))


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], None),
        ([3, 10, 9.5], 10),
        (["9", "10"], "9"),
        (["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.250Z"], "2026-01-01T00:00:00.250Z"),
        (["2026-01-01T01:00:00+02:00", "2026-01-01T00:00:00Z"], "2026-01-01T00:00:00Z"),
        ([datetime(2026, 1, 1, tzinfo=UTC), "2026-01-02T00:00:00Z"], "2026-01-02T00:00:00Z"),
        (["2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"], "2026-01-01T00:00:00Z"),
        (["2099-01-01T00:00:00Z"], None),
        (["20260102", "20260101"], "20260102"),
    ],
    ids=["none", "numbers", "text", "parts of a second", "zones", "a start and text", "the future", "only the future", "digits"],
)  # fmt: skip
def test_the_latest(marks: list[Any], expected: Any) -> None:
    """By what the marks mean, as it was written, and never one that has not come yet."""
    assert latest(marks, until=UNTIL) == expected


@pytest.mark.parametrize("marks", [[1, "a"], ["2026-01-01T00:00:00Z", 3], [True], [{"a": 1}]])
def test_no_latest(marks: list[Any]) -> None:
    """Of values that nothing orders none is the latest."""
    with pytest.raises(DataError, match=r"of several kinds|by which nothing can be ordered"):
        latest(marks, until=UNTIL)


@given(st.lists(st.datetimes(max_value=UNTIL.replace(tzinfo=None), timezones=st.just(UTC)), min_size=1))
def test_text_is_ordered_as_its_instants(instants: list[datetime]) -> None:
    """With or without parts of a second."""
    texts = [instant.isoformat().replace("+00:00", "Z") for instant in instants]
    assert datetime.fromisoformat(latest(texts, until=UNTIL)) == max(instants)
