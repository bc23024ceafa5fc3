"""Steps at which people stop."""

import numpy as np
import pytest

from simulator.causes import NOTHING, Causes, Friction
from simulator.flows import CHECKOUT, again_share, hours_factor, passes, stop_share, stops_at
from tests.simulator.businesses import business

SOUTH = Causes(
    frictions=(
        Friction("details_entered", "region", "south", "abandon", 1.5),
        Friction("details_entered", "region", "south", "stall", 4.0),
        Friction("payment_entered", "region", "south", "repeat", 0.4),
    )
)


def test_shares_of_stopping_come_true_and_multiply() -> None:
    """Of many, as many stop at each step as its share says, and as many get through as the product of going on."""
    people = business(4000, 1).people
    engagement = np.zeros(len(people))
    uniform = np.random.default_rng(1).random((len(people), 3))
    stop = stops_at(CHECKOUT, people, engagement, NOTHING, uniform)
    reached = stop >= 1
    expected = stop_share(CHECKOUT, 1, people, engagement, NOTHING)[0]
    assert (stop[reached] == 1).mean() == pytest.approx(expected, abs=0.02)
    assert (stop == 3).mean() == pytest.approx(passes(CHECKOUT, people, engagement, NOTHING).mean(), abs=0.03)


def test_friction_is_felt_by_its_group_at_its_step_alone() -> None:
    """Who is of the group stops more often, waits longer and comes back more; nobody else, and nowhere else."""
    people = business().people
    south, engagement = people.is_in("region", "south"), np.zeros(len(business().people))
    more = stop_share(CHECKOUT, 1, people, engagement, SOUTH) - stop_share(CHECKOUT, 1, people, engagement, NOTHING)
    assert (more[south] > 0.15).all()
    assert (more[~south] == 0).all()
    assert (
        stop_share(CHECKOUT, 0, people, engagement, SOUTH) == stop_share(CHECKOUT, 0, people, engagement, NOTHING)
    ).all()
    assert (hours_factor(CHECKOUT.steps[1], people, SOUTH) == np.where(south, 4.0, 1.0)).all()
    assert again_share(CHECKOUT.steps[2], people, SOUTH) == pytest.approx(np.where(south, 0.48, 0.08))


def test_who_is_keen_stops_less() -> None:
    """Engagement lowers the share at every step."""
    people = business().people
    low, high = np.full(len(people), -1.0), np.full(len(people), 2.0)
    for number in range(3):
        assert (
            stop_share(CHECKOUT, number, people, high, NOTHING) < stop_share(CHECKOUT, number, people, low, NOTHING)
        ).all()
