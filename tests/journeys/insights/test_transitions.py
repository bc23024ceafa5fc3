import pytest
from hypothesis import HealthCheck, given, settings

from journeys.insights.transitions import insight_transitions
from tests.journeys.insights.drawn import Drawn, by, tables_of
from tests.journeys.insights.oracle import slow_transitions
from tests.journeys.insights.strategies import drawn_journeys


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=drawn_journeys())
def test_equals_the_slow_one(connection, drawn):
    """Counts, shares and hours equal those of plain loops over the journeys."""
    steps, journeys, _ = tables_of(connection, drawn)
    found = by(insight_transitions(steps, journeys), "from_touchpoint", "to_touchpoint")
    expected = slow_transitions(drawn)
    assert found.keys() == expected.keys()
    for pair, row in expected.items():
        assert {key: found[pair][key] for key in row} == pytest.approx(row, abs=1e-9)


def test_an_open_journey_has_no_end(connection):
    """Only journeys that are over reach path_end."""
    steps, journeys, _ = tables_of(connection, [Drawn("c1", [("a", 0)], "open"), Drawn("c2", [("b", 0)])])
    found = by(insight_transitions(steps, journeys), "from_touchpoint", "to_touchpoint")
    assert set(found) == {("path_start", "a"), ("path_start", "b"), ("b", "path_end")}
