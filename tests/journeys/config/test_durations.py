from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("8w", timedelta(weeks=8)),
        ("45s", timedelta(seconds=45)),
        (" 1.5 h ", timedelta(minutes=90)),
        (0, timedelta(0)),
        (timedelta(days=2), timedelta(days=2)),
    ],
)
def test_spans_as_people_write_them(text: str | int | timedelta, span: timedelta) -> None:
    """A number and one of s, m, h, d, w is a span; so is a timedelta, and zero."""
    assert parse_duration(text) == span


@pytest.mark.parametrize("text", ["", "7", 7, "d", "7 days", "-1d", "1d2h", "1M", None])
def test_other_texts_are_refused(text: str | int | None) -> None:
    """What is no span is refused with an example of one."""
    with pytest.raises(ValueError, match=r"is not a span of time; .* as in 30m or 7d"):
        parse_duration(text)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**8))
def test_format_reads_back(seconds: int) -> None:
    """Every span of whole seconds is written as a text that reads back as itself."""
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("span", "text"),
    [(timedelta(days=14), "2w"), (timedelta(days=8), "8d"), (timedelta(minutes=90), "90m"), (timedelta(0), "0s")],
)
def test_format_is_short(span: timedelta, text: str) -> None:
    """The largest unit that divides a span is used."""
    assert format_duration(span) == text
