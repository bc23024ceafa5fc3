"""Events of flows."""

import numpy as np
import pytest

from simulator.calendar_time import HOUR
from simulator.causes import draw_causes
from simulator.events import CODE
from simulator.flow_events import NEVER, flow_events, repeats_and_hours
from simulator.flows import CHECKOUT, FLOWS, TRIAL
from tests.simulator.businesses import business


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_everybody_takes_the_steps_up_to_where_they_stop(flow) -> None:
    """As many events of a step as people reached it, and came back to it; nothing comes after somebody has gone."""
    one = business()
    made = flow_events(flow, one.people, one.lives, one.causes, one.seed)
    stop = getattr(one.lives, f"{flow.name}_stop")
    always = np.ones(stop.shape, bool)
    again, _ = repeats_and_hours(flow, one.people, one.lives, one.causes, always, one.seed)
    for number, step in enumerate(flow.steps):
        assert (made.code == CODE[step.event]).sum() == (stop >= number).sum() + again[number].sum()
    gone = made.gone_at.min(axis=1)
    assert (made.at <= gone[made.person]).all()
    assert ((gone < NEVER).sum()) == getattr(one.lives, f"is_gone_at_{flow.name}").any(axis=1).sum() > 0


def test_a_checkout_ends_with_joining_and_a_trial_starts_at_its_end() -> None:
    """Whoever joins has entered the payment before; as many trials start as get through."""
    one = business()
    checkout = flow_events(CHECKOUT, one.people, one.lives, one.causes, one.seed)
    person, week = np.nonzero(one.lives.joins)
    joined_at = dict(zip(person.tolist(), one.lives.changed_at[person, week].tolist(), strict=True))
    paid = checkout.code == CODE["Payment Entered"]
    for buyer, at in joined_at.items():
        assert (checkout.at[paid & (checkout.person == buyer)] < at).any()
    trial = flow_events(TRIAL, one.people, one.lives, one.causes, one.seed)
    assert (trial.code == CODE["Trial Started"]).sum() == one.lives.is_trial_started.sum()


def test_errors_are_shown_to_those_whom_friction_stops() -> None:
    """More than half of those whom friction stopped saw an error; few others did."""
    one = business(3000, 8)
    is_friction = one.lives.is_checkout_friction.sum()
    made = flow_events(CHECKOUT, one.people, one.lives, one.causes, one.seed)
    errors = (made.code == CODE["Page Error Shown"]).sum()
    stopped = ((one.lives.checkout_stop >= 0) & (one.lives.checkout_stop < 3)).sum()
    assert errors == pytest.approx(0.6 * is_friction + 0.04 * (stopped - is_friction), rel=0.3)


def test_a_stall_takes_longer_for_its_group() -> None:
    """The group of a stall takes as many times longer to the next step as is planted; others do not."""
    one = business(3000, 8)
    stall = next(friction for friction in draw_causes(one.seed).frictions if friction.kind == "stall")
    flow = next(flow for flow in FLOWS if stall.step in [step.name for step in flow.steps])
    made = flow_events(flow, one.people, one.lives, one.causes, one.seed)
    assert (made.at.max() - made.at.min()) > HOUR
    always = np.ones(one.lives.state.shape, bool)
    _, hours = repeats_and_hours(flow, one.people, one.lives, one.causes, always, one.seed)
    number = [step.name for step in flow.steps].index(stall.step)
    goes_on = (getattr(one.lives, f"{flow.name}_stop") > number).sum(axis=1)
    group = one.people.is_in(stall.split, stall.group)
    mean = [hours[number][who].sum() / goes_on[who].sum() for who in (group, ~group)]
    assert mean[0] / mean[1] == pytest.approx(stall.size, rel=0.3)
