import pytest
from hypothesis import HealthCheck, given, settings

from journeys.insights.variants import MOST_VARIANTS, insight_variants
from tests.journeys.insights.drawn import Drawn, tables_of
from tests.journeys.insights.oracle import slow_variants
from tests.journeys.insights.strategies import drawn_journeys


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=drawn_journeys())
def test_equals_the_slow_one(connection, drawn):
    """Paths, ranks, shares and rates equal those of plain loops over the journeys."""
    steps, journeys, _ = tables_of(connection, drawn)
    found = insight_variants(steps, journeys).to_pylist()
    expected = slow_variants(drawn)
    assert len(found) == len(expected)
    for row, slow in zip(found, expected, strict=True):
        assert row == pytest.approx(slow, abs=1e-9)


def test_a_long_path_is_cut(connection):
    """A path of more than sixty touchpoints ends in '...'."""
    drawn = [Drawn("c1", [("ab"[place % 2], float(place)) for place in range(90)])]
    steps, journeys, _ = tables_of(connection, drawn)
    path = insight_variants(steps, journeys).to_pylist()[0]["path"].split(" > ")
    assert len(path) == 61
    assert path[-1] == "..."
    assert path[:2] == ["a", "b"]


def test_the_kept_say_how_much_they_cover(connection):
    """Of more paths than are kept, the last kept one's coverage is their share of all journeys."""
    drawn = [Drawn(f"c{number}", [(f"t{number}", 0.0)]) for number in range(MOST_VARIANTS + 50)]
    steps, journeys, _ = tables_of(connection, drawn)
    found = insight_variants(steps, journeys).to_pylist()
    assert len(found) == MOST_VARIANTS
    assert found[-1]["coverage_share"] == pytest.approx(MOST_VARIANTS / (MOST_VARIANTS + 50))
