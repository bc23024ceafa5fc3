"""Twins: the same business without one of its causes. What differs between the two is what the cause did."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from simulator.business import Size, parts_of, people_and_lives
from simulator.calendar_time import DAY
from simulator.causes import ABANDON, GROUPS, KEPT_BY, PUSHES, REPEAT, STALL, TOUCHES, UNSEEN, Causes, Friction
from simulator.flow_events import repeats_and_hours
from simulator.flows import FLOWS
from simulator.levels import Level
from simulator.lives import Lives
from simulator.people import PLAN_PRICE_CENTS, People
from simulator.randomness import Flags

SETTLED_AFTER = 90 * DAY
"""Whoever has not been seen for so long is not coming back."""


@dataclass(frozen=True)
class Tally:
    """What a business came to, up to its end.

    Attributes:
        joined: people who ever subscribed.
        left: subscriptions that were ended.
        amount: what the first year of those subscriptions costs, in whole units of the currency.
        lost: by step and group, how often somebody stopped there and was never seen again, long enough before the end
            for anybody to know.
        repeated: by step and group, how often somebody had to come back to it.
        hours: by step and group, the time that all together took to the next step.
    """

    joined: int
    left: int
    amount: float
    lost: dict[str, int]
    repeated: dict[str, int]
    hours: dict[str, float]

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            joined=self.joined + other.joined,
            left=self.left + other.left,
            amount=self.amount + other.amount,
            lost={place: count + other.lost[place] for place, count in self.lost.items()},
            repeated={place: count + other.repeated[place] for place, count in self.repeated.items()},
            hours={place: time + other.hours[place] for place, time in self.hours.items()},
        )


@dataclass(frozen=True)
class Twin:
    """One cause and what it did: the business with it, less the business without it.

    Attributes:
        name: of the cause.
        exposed: how often people met it (a touch, a channel's visit); people of the group for friction.
        joined: people who subscribed because of it; negative where it kept them from it.
        left: subscriptions that ended because of it.
        amount: of the subscriptions that it brought.
        at_step: of friction, how many were lost at the step, how often somebody came back to it, or the hours that went by
            there; else None.
    """

    name: str
    exposed: int
    joined: int
    left: int
    amount: float
    at_step: float | None


def twins(size: Size, *, seed: int, level: Level, on_twin: Callable[[str], None] = lambda name: None) -> Iterator[Twin]:
    """Yield what each cause did.

    Args:
        size: of the business.
        seed: of the business.
        level: whose causes they are.
        on_twin: called with the name of each cause before its twin is lived.
    """
    causes = level.causes(seed)
    whole, exposed = tally_of(size, seed=seed, causes=causes)
    frictions = {one.name: one for one in causes.frictions}
    for name in causes.names():
        on_twin(name)
        other, _ = tally_of(size, seed=seed, causes=causes.without(name))
        at_step = None
        if name in frictions:
            measure = {ABANDON: "lost", REPEAT: "repeated", STALL: "hours"}[frictions[name].kind]
            place = _place(frictions[name].step, frictions[name].split, frictions[name].group)
            at_step = float(getattr(whole, measure)[place] - getattr(other, measure)[place])
        yield Twin(
            name=name,
            exposed=_exposed(name, frictions.get(name), exposed),
            joined=whole.joined - other.joined,
            left=whole.left - other.left,
            amount=whole.amount - other.amount,
            at_step=at_step,
        )


def tally_of(size: Size, *, seed: int, causes: Causes) -> tuple[Tally, dict[str, int]]:
    """Return what the business came to under these causes, and how often each touch and channel was met."""
    tallies: list[Tally] = []
    exposed: dict[str, int] = {}
    for first, count, part_seed in parts_of(size, seed=seed):
        people, lives = people_and_lives(size, first, count, part_seed=part_seed, causes=causes)
        is_in_time = lives.week_start < size.end_microseconds
        is_settled_before = size.end_microseconds - SETTLED_AFTER
        tallies.append(_tally(people, lives, causes, is_in_time, is_settled_before, part_seed))
        for name, times in _met(people, lives, is_in_time).items():
            exposed[name] = exposed.get(name, 0) + times
    whole = tallies[0]
    for tally in tallies[1:]:
        whole = whole + tally
    return whole, exposed


def _tally(people: People, lives: Lives, causes: Causes, is_in_time: Flags, is_settled_before: int, seed: int) -> Tally:
    joins = lives.joins & is_in_time
    person, week = np.nonzero(joins)
    lost, repeated, hours = {}, {}, {}
    is_settled = lives.week_start < is_settled_before
    for flow in FLOWS:
        is_lost = getattr(lives, f"is_gone_at_{flow.name}") & is_settled
        stop = np.where(is_lost, getattr(lives, f"{flow.name}_stop"), -1)
        again, waited = repeats_and_hours(flow, people, lives, causes, is_in_time, seed)
        for number, step in enumerate(flow.steps):
            of_person = (stop == number).sum(axis=1)
            for split, group in _all_groups():
                is_in, place = people.is_in(split, group), _place(step.name, split, group)
                lost[place] = int(of_person[is_in].sum())
                repeated[place] = int(again[number][is_in].sum())
                hours[place] = float(waited[number][is_in].sum())
    return Tally(
        joined=int(joins.any(axis=1).sum()),
        left=int((lives.leaves & is_in_time).sum()),
        amount=float(PLAN_PRICE_CENTS[lives.plan[person, week]].sum() * 12 / 100),
        lost=lost,
        repeated=repeated,
        hours=hours,
    )


def _met(people: People, lives: Lives, is_in_time: Flags) -> dict[str, int]:
    """Return how often each touch, channel and hidden touch was met, and how many people each group has."""
    fields_of = {
        "pricing_viewed": lives.pricing_visits,
        "trial_started": lives.is_trial_started,
        "sample_opened": lives.sample_sessions,
        "ticket_opened": lives.tickets,
        "payment_failed": lives.is_payment_failed,
        "cancel_page_viewed": lives.cancel_page_views,
    }
    names = (*PUSHES, *UNSEEN, *TOUCHES, *KEPT_BY)
    fields_of |= {
        bare: values
        for name, values in vars(lives).items()
        if (bare := name.removeprefix("from_").removeprefix("unseen_")) in names
    }
    counts = {name: int((values * is_in_time).sum()) for name, values in fields_of.items()}
    return counts | {f"{split}={group}": int(people.is_in(split, group).sum()) for split, group in _all_groups()}


def _exposed(name: str, friction: Friction | None, exposed: dict[str, int]) -> int:
    return exposed[f"{friction.split}={friction.group}" if friction else name.rpartition(".")[2]]


def _all_groups() -> list[tuple[str, str]]:
    return [(split, group) for split, groups in GROUPS.items() for group in groups]


def _place(step: str, split: str, group: str) -> str:
    return f"{step} {split}={group}"
