"""Months, copies and broken lines."""

import pytest

from simulator.calendar_time import DAY
from simulator.delivery import Line, by_month, with_broken, with_duplicates

JANUARY_31 = 1_769_853_600_000_000


def test_a_line_lies_in_the_file_of_the_month_of_its_delivery() -> None:
    """Lines are split by month, and what would arrive after the end is not delivered."""
    lines = [Line(JANUARY_31, "a"), Line(JANUARY_31 + DAY, "b"), Line(JANUARY_31 + 2 * DAY, "c")]
    assert by_month(lines, end=JANUARY_31 + 2 * DAY) == {"2026-01": ["a"], "2026-02": ["b"]}


def test_a_share_of_the_lines_comes_twice_as_it_is() -> None:
    """Copies are exact, later than the original, and as many as declared."""
    lines = [Line(JANUARY_31 + number, str(number)) for number in range(5000)]
    sent = with_duplicates(lines, share=0.03, seed=1, purpose="test")
    assert (len(sent) - len(lines)) / len(lines) == pytest.approx(0.03, rel=0.3)
    assert {line.text for line in sent} == {line.text for line in lines}
    assert [line.delivered_at for line in sent] == sorted(line.delivered_at for line in sent)


@pytest.mark.parametrize(("count", "broken"), [(999, 0), (1000, 1), (5000, 5)])
def test_few_lines_are_broken(count: int, broken: int) -> None:
    """Far fewer than one line in two hundred is cut off, and none in a small file."""
    lines = ['{"type":"track"}'] * count
    assert (
        sum(line not in lines for line in with_broken(lines, share=0.001, seed=1, purpose="test"))
        == broken
        == int(count * 0.001)
    )
