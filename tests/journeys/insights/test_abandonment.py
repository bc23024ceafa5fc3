import json

import pytest

from journeys.insights.abandonment import abandonment_points, positive_amount
from journeys.insights.planned_path import planned_path, steps_reached
from tests.journeys.insights.drawn import Drawn, config_of, tables_of
from tests.journeys.insights.oracle import wilson


def _points(connection, drawn, config=None):
    config = config or config_of(journeys={"steps": ["a", "b", "c"]})
    steps, journeys, _ = tables_of(connection, drawn)
    path = planned_path(config)
    table = abandonment_points(
        steps_reached(steps, journeys, path), steps, journeys, path, positive_amount(journeys, config)
    )
    return table.to_pylist()


def _business():
    """40 leave at a (10 of them by x), 20 at b, 40 buy for 50 each."""
    left_a = [Drawn(f"a{n}", [("a", 0), ("x", 1)][: 1 + (n < 10)], "negative", outcome="gone") for n in range(40)]
    left_b = [Drawn(f"b{n}", [("a", 0), ("b", 1)]) for n in range(20)]
    bought = [Drawn(f"c{n}", [("a", 0), ("b", 1), ("c", 2)], "positive", 50.0, "bought") for n in range(40)]
    return left_a + left_b + bought


def test_losses_are_ranked_and_priced(connection):
    """Each point has its customers, its amount, and bounds that follow the rate's."""
    first, second = _points(connection, _business())
    assert (first["touchpoint"], first["stage"], first["rank"], first["kind"]) == ("a", "first", 1, "abandon")
    assert (first["count_entered"], first["count_customers"]) == (100, 40)
    low, high = wilson(40, 100)
    assert (first["drop_off_rate"], first["drop_off_rate_low"]) == pytest.approx((0.4, low))
    assert (first["customers_lost_low"], first["customers_lost_high"]) == pytest.approx((100 * low, 100 * high))
    # 40 lost x two of three who went on bought x 50
    assert first["revenue_at_risk_amount"] == pytest.approx(40 * (40 / 60) * 50)
    assert first["revenue_at_risk_amount_high"] == pytest.approx(100 * high * (40 / 60) * 50)
    assert first["excess_rate"] is None
    assert (second["touchpoint"], second["count_entered"], second["count_customers"]) == ("b", 60, 20)


def test_evidence_says_what_came_last(connection):
    """The last touchpoints and the outcomes of the lost journeys are counted."""
    evidence = json.loads(_points(connection, _business())[0]["evidence"])
    assert evidence["next_step"] == "b"
    assert evidence["last_touchpoints"] == [
        {"touchpoint": "a", "count_journeys": 30, "count_customers": 30},
        {"touchpoint": "x", "count_journeys": 10, "count_customers": 10},
    ]
    assert evidence["outcomes"] == [{"outcome": "gone", "count_journeys": 40, "count_customers": 40}]
    assert evidence["positive_share_after_next"] == pytest.approx(2 / 3)


def test_open_journeys_and_short_cuts_are_not_lost(connection):
    """Who got there another way is not lost; who may still go on is not counted; who did go on is."""
    undecided = [Drawn(f"o{n}", [("a", 0)], "open") for n in range(50)]
    gone_on = [Drawn(f"p{n}", [("a", 0), ("b", 1)], "open") for n in range(7)]
    skipped = [Drawn(f"s{n}", [("a", 0), ("c", 1)], "positive", 50.0) for n in range(50)]
    first = _points(connection, [*_business(), *undecided, *gone_on, *skipped])[0]
    assert (first["count_entered"], first["count_customers"]) == (157, 40)
    assert json.loads(first["evidence"])["positive_share_after_next"] == pytest.approx(2 / 3)


def test_a_good_outcome_that_ends_no_journey_counts(connection):
    """Who subscribed and is still there is worth as much as who bought and is gone."""
    staying = [journey._replace(is_open=journey.outcome_kind == "positive") for journey in _business()]
    first = _points(connection, staying)[0]
    assert first["revenue_at_risk_amount"] == pytest.approx(40 * (40 / 60) * 50)


def test_few_entered_are_not_listed(connection):
    """A step that 29 journeys reached is no point; one that 30 reached is."""
    assert _points(connection, [Drawn(f"c{n}", [("a", 0)]) for n in range(29)]) == []
    assert len(_points(connection, [Drawn(f"c{n}", [("a", 0)]) for n in range(30)])) == 1


def test_a_customer_is_lost_once(connection):
    """Many lost journeys of one customer are one customer; too few customers give no rate."""
    drawn = [Drawn(f"c{n % 5}", [("a", 0)]) for n in range(60)]
    (point,) = _points(connection, drawn)
    assert (point["count_entered"], point["count_customers"]) == (60, 5)
    assert point["drop_off_rate"] is None
    assert point["customers_lost_low"] is None


def test_returned_customers_are_said(connection):
    """Lost customers who bought later, in another journey, are in the evidence."""
    drawn = [*_business(), Drawn("a0", [("c", 100)], "positive", 50.0)]
    assert json.loads(_points(connection, drawn)[0]["evidence"])["count_customers_returned"] == 1


def test_amount_may_come_from_the_configuration(connection):
    """Where no journey has an amount the configured one is used, and without either there is none."""
    drawn = [journey._replace(amount=None) for journey in _business()]
    configured = config_of(journeys={"steps": ["a", "b", "c"]}, value={"per_conversion_amount": 10})
    assert _points(connection, drawn, configured)[0]["revenue_at_risk_amount"] == pytest.approx(40 * (40 / 60) * 10)
    assert _points(connection, drawn)[0]["revenue_at_risk_amount"] is None
