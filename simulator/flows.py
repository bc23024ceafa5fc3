"""Flows: the few places where people go step by step, and may stop, wait or come back at each of them.

At some steps many stop whoever they are, since it is where they make up their minds: nothing is wrong there. Friction is what
one group meets at one step and others do not.
"""

from dataclasses import dataclass

import numpy as np

from simulator.causes import ABANDON, REPEAT, STALL, Causes, Friction
from simulator.people import People
from simulator.randomness import Integers, Numbers, sigmoid


@dataclass(frozen=True)
class Step:
    """One step of a flow.

    Attributes:
        name: of the step, as causes name it.
        event: its name in the exports.
        stop: log-odds of stopping there, for somebody of engagement 0.
        hours: mean time to the next step.
        again: probability of coming back to it after something went wrong.
    """

    name: str
    event: str
    stop: float
    hours: float
    again: float = 0.0


@dataclass(frozen=True)
class Flow:
    """Steps in their order; whoever goes through the last one has done it."""

    name: str
    steps: tuple[Step, ...]


CHECKOUT = Flow(
    "checkout",
    (
        Step("checkout_started", "Checkout Started", -2.2, 0.15),
        Step("details_entered", "Details Entered", -2.4, 1.5),
        # Where people see the sum: four in ten think again, in every group alike.
        Step("payment_entered", "Payment Entered", -0.4, 0.1, again=0.08),
    ),
)
TRIAL = Flow(
    "trial",
    (
        Step("trial_requested", "Trial Requested", -2.5, 0.1),
        Step("email_confirmed", "Email Confirmed", -1.6, 2.0),
    ),
)
FLOWS = (CHECKOUT, TRIAL)

LEAVES_FOR_GOOD = 0.6
"""Probability that somebody who stopped is never seen again."""

_BY_ENGAGEMENT = -0.25


def stops_at(flow: Flow, people: People, engagement: Numbers, causes: Causes, uniform: Numbers) -> Integers:
    """Return the number of the step at which each person would stop in this flow, or the number of steps.

    Args:
        flow: which one.
        people: whose groups count.
        engagement: of each person; who is keen stops less.
        causes: friction of kind `abandon` at its steps.
        uniform: one number a person and step.
    """
    stop = np.full(len(people), len(flow.steps), np.int64)
    for number in reversed(range(len(flow.steps))):
        stop = np.where(uniform[:, number] < stop_share(flow, number, people, engagement, causes), number, stop)
    return stop


def passes(flow: Flow, people: People, engagement: Numbers, causes: Causes) -> Numbers:
    """Return the probability of going through all steps."""
    shares = [1 - stop_share(flow, number, people, engagement, causes) for number in range(len(flow.steps))]
    result: Numbers = np.prod(shares, axis=0)
    return result


def stop_share(flow: Flow, number: int, people: People, engagement: Numbers, causes: Causes) -> Numbers:
    """Return the probability of stopping at one step, for those who reach it."""
    step = flow.steps[number]
    odds = step.stop + _BY_ENGAGEMENT * engagement
    for friction in _of(causes, ABANDON, step):
        odds = odds + friction.size * people.is_in(friction.split, friction.group)
    return sigmoid(odds)


def hours_factor(step: Step, people: People, causes: Causes) -> Numbers:
    """Return by how much longer each person takes from this step to the next."""
    factor = np.ones(len(people))
    for friction in _of(causes, STALL, step):
        factor = np.where(people.is_in(friction.split, friction.group), factor * friction.size, factor)
    return factor


def again_share(step: Step, people: People, causes: Causes) -> Numbers:
    """Return the probability with which each person has to come back to this step."""
    share = np.full(len(people), step.again)
    for friction in _of(causes, REPEAT, step):
        share = share + friction.size * people.is_in(friction.split, friction.group)
    return share


def _of(causes: Causes, kind: str, step: Step) -> list[Friction]:
    return [one for one in causes.frictions if one.kind == kind and one.step == step.name]
