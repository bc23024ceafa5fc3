import pytest
from hypothesis import HealthCheck, given, settings

from journeys.insights.planned_path import planned_path, steps_reached
from journeys.insights.segments import customer_segments
from journeys.insights.steps import insight_steps
from tests.journeys.insights.drawn import Drawn, by, config_of, tables_of
from tests.journeys.insights.oracle import slow_steps
from tests.journeys.insights.strategies import drawn_journeys

CONFIG = config_of(journeys={"steps": ["a", "b", "c"]}, segments=[{"name": "plan", "attribute": "plan"}])


def _steps(connection, drawn, plan=None):
    steps, journeys, attributes = tables_of(connection, drawn, plan)
    path = planned_path(CONFIG)
    segments = customer_segments(journeys, attributes, CONFIG)
    return insight_steps(steps_reached(steps, journeys, path), segments, path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=drawn_journeys())
def test_equals_the_slow_one(connection, drawn):
    """Counts, rates and hours equal those of plain loops over the journeys."""
    found = by(_steps(connection, drawn), "step_number")
    expected = slow_steps(drawn, ["a", "b", "c"])
    assert found.keys() == expected.keys()
    for number, row in expected.items():
        assert {key: found[number][key] for key in row} == pytest.approx(row, abs=1e-9)


def test_segments_are_counted_apart(connection):
    """Each segment's value has its own rows beside everybody's; customers without it are in neither."""
    drawn = [Drawn(f"c{number}", [("a", 0), ("b", 2)][: 1 + number % 2]) for number in range(40)]
    plan = {f"c{number}": "pro" if number < 20 else "free" for number in range(30)}
    found = by(_steps(connection, drawn, plan), "step_number", "segment")
    assert {segment: row["count_journeys"] for (number, segment), row in found.items() if number == 1} == {
        "all": 40,
        "plan=pro": 20,
        "plan=free": 10,
    }
    assert found[1, "plan=pro"]["conversion_rate"] == pytest.approx(0.5)
    assert found[1, "plan=pro"]["hours_p50"] == pytest.approx(2.0)
    assert found[1, "plan=free"]["hours_p50"] is None  # five customers only
    assert found[2, "all"]["next_step"] == "c"


def test_the_last_step_has_no_rate(connection):
    """The end of the path is counted and leads nowhere."""
    drawn = [Drawn(f"c{number}", [("c", 0)]) for number in range(12)]
    row = by(_steps(connection, drawn), "step_number")[3]
    assert (row["count_journeys"], row["next_step"], row["conversion_rate"]) == (12, None, None)
