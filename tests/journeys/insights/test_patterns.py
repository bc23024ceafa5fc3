"""Patterns of journeys."""

import json
from typing import Any

import numpy as np
import pytest

from journeys.insights.patterns import MIN_JOURNEYS, patterns
from tests.journeys.insights.drawn import Drawn, config_of, tables_of

ROUNDS = {"shops": "aeaeae", "reads": "afafaf"}


def _drawn(count: int) -> list[Drawn]:
    """Return journeys of two kinds of people, half and half; those who read buy less often."""
    rng = np.random.default_rng(3)
    made = []
    for number in range(count):
        kind = "shops" if number % 2 else "reads"
        names = list(ROUNDS[kind] * int(rng.integers(1, 3)))
        buys = rng.random() < (0.6 if kind == "shops" else 0.2)
        path = [(name, float(hours)) for hours, name in enumerate([*names, "c"] if buys else names)]
        made.append(Drawn(f"c{number}", path, "positive" if buys else "neutral"))
    return made


def test_two_ways_are_found_and_how_they_end(connection: Any) -> None:
    """Each way is a stable pattern with its share, its own outcome and what sets it apart; the outcome itself is in none."""
    steps, journeys, _ = tables_of(connection, _drawn(600))
    found, members = patterns(steps, journeys, config_of())
    rows = found.to_pylist()
    assert len(rows) == 2
    assert members.num_rows == 600
    for row in rows:
        assert row["share"] == pytest.approx(0.5)
        assert row["is_stable"]
        terms = json.loads(row["terms"])
        assert not any("c" in term for term in terms)
        shops = "e" in terms[0]
        assert row["conversion_rate_low"] <= (0.6 if shops else 0.2) <= row["conversion_rate_high"]
        assert row["typical_path"].startswith("a > e" if shops else "a > f")
        assert row["count_customers_typical"] >= 10
    of_journey = dict(zip(members["journey_id"].to_pylist(), members["pattern_id"].to_pylist(), strict=True))
    assert len({of_journey[f"j{number:04}"] for number in range(0, 600, 2)}) == 1


@pytest.mark.parametrize("count", [0, 1, MIN_JOURNEYS - 1])
def test_few_journeys_have_no_patterns(connection: Any, count: int) -> None:
    """Below two hundred nothing is said."""
    steps, journeys, _ = tables_of(connection, _drawn(count))
    found, members = patterns(steps, journeys, config_of())
    assert found.num_rows == members.num_rows == 0


def test_one_touchpoint_is_no_pattern(connection: Any) -> None:
    """Where everybody does one thing there is nothing to tell apart, and no crash."""
    steps, journeys, _ = tables_of(connection, [Drawn(f"c{number}", [("x", 0.0)]) for number in range(300)])
    found, _ = patterns(steps, journeys, config_of())
    assert found.num_rows == 0
