"""What was spent."""

import csv

import pytest

from simulator.ad_spend import COLUMNS, COST_OF_VISIT, spend_lines
from simulator.calendar_time import DAY
from simulator.causes import PUSHES
from tests.simulator.businesses import business


def test_each_channel_has_a_row_a_day_and_some_are_restated() -> None:
    """Clicks are the visits; a cost is about what they cost; a restated day comes again later, at more."""
    one = business()
    lines = spend_lines(one.visits, campaign="one", start=one.start, end=one.end, seed=one.seed)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in csv.reader(line.text for line in lines)]
    first = {(row["channel"], row["day"]): row for row in reversed(rows)}
    days = -(-one.end // DAY) - one.start // DAY
    assert len(first) == len(PUSHES) * days
    assert 0.05 < len(rows) / len(first) - 1 < 0.15
    for name, cost in COST_OF_VISIT.items():
        own = [row for (channel, _), row in first.items() if channel == name]
        clicks = sum(int(row["clicks"]) for row in own)
        assert sum(float(row["cost"]) for row in own) == pytest.approx(clicks * cost + 3 * days, rel=0.1)
