import pytest
from hypothesis import HealthCheck, given, settings

from journeys.insights.segments import customer_segments
from journeys.insights.stages import stage_entries, stage_transitions
from tests.journeys.insights.drawn import Drawn, by, config_of, tables_of
from tests.journeys.insights.oracle import slow_stages
from tests.journeys.insights.strategies import drawn_journeys


def _transitions(connection, drawn, config, plan=None):
    steps, journeys, attributes = tables_of(connection, drawn, plan)
    segments = customer_segments(journeys, attributes, config)
    table = stage_transitions(stage_entries(steps, journeys), segments, config)
    return by(table, "from_stage", "to_stage", "segment", "period")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=drawn_journeys())
def test_counts_equal_the_slow_ones(connection, drawn):
    """Customers entered and converted equal those of plain loops over the journeys."""
    found = _transitions(connection, drawn, config_of())
    counts = {
        (before, after): (row["count_entered"], row["count_customers"])
        for (before, after, _, period), row in found.items()
        if period == "all"
    }
    assert counts == slow_stages(drawn)


def test_months_are_those_of_the_business(connection):
    """A customer belongs to the month of entry on the business's own calendar."""
    drawn = [Drawn("c1", [("a", 11.5), ("b", 13)])]  # 23:30 UTC on 31 January
    utc = _transitions(connection, drawn, config_of())
    berlin = _transitions(connection, drawn, config_of(time_zone="Europe/Berlin"))
    assert ("first", "second", "all", "2026-01") in utc
    assert ("first", "second", "all", "2026-02") in berlin


def test_times_maturity_and_segments(connection):
    """Hours run between first entries; open journeys lower the matured share; segments stand apart."""
    drawn = [
        Drawn(f"c{n}", [("a", 0), ("x", 1), ("b", float(n))], "open" if n > 15 else "neutral") for n in range(1, 21)
    ]
    config = config_of(segments=[{"name": "plan", "attribute": "plan"}])
    found = _transitions(connection, drawn, config, {f"c{n}": "pro" for n in range(1, 12)})
    row = found["first", "second", "all", "all"]
    assert (row["count_entered"], row["count_customers"]) == (20, 20)
    assert row["hours_p50"] == pytest.approx(10.5)
    assert row["matured_share"] == pytest.approx(0.75)
    assert found["first", "second", "plan=pro", "all"]["count_entered"] == 11
    assert found["first", "third", "all", "all"]["conversion_rate"] == 0.0
    assert found["path_start", "first", "all", "all"]["conversion_rate"] == 1.0


def test_a_later_journey_of_the_same_customer_counts(connection):
    """A customer who comes back and goes on has converted, a month after if need be."""
    drawn = [Drawn(f"c{n}", [("a", 0)]) for n in range(10)] + [Drawn("c1", [("b", 800)])]
    row = _transitions(connection, drawn, config_of())["first", "second", "all", "all"]
    assert (row["count_entered"], row["count_customers"]) == (10, 1)
    assert row["hours_p50"] is None
