"""The events of flows: when each step was taken, who came back to one, and what was shown to those whom friction stopped."""

from dataclasses import dataclass

import numpy as np

from simulator.calendar_time import HOUR, MINUTE, SECOND, place_in_week
from simulator.causes import Causes
from simulator.events import CODE
from simulator.flows import CHECKOUT, Flow, again_share, hours_factor
from simulator.lives import Lives
from simulator.people import People
from simulator.randomness import Flags, Integers, Numbers, stream

NEVER = np.iinfo(np.int64).max
ERROR_BY_FRICTION, ERROR_OTHERWISE = 0.6, 0.04
"""Probability that whoever stops was shown an error just before."""


@dataclass(frozen=True)
class FlowEvents:
    """Events of one flow.

    Attributes:
        person: of each event.
        at: microseconds.
        code: index into `simulator.events.NAMES`.
        gone_at: of each person and week, the instant after which nothing more is seen of the person, else the largest integer.
    """

    person: Integers
    at: Integers
    code: Integers
    gone_at: Integers


@dataclass(frozen=True)
class _Course:
    """All goings through a flow, one entry (and in `waits` one row) each; `uniform` are their own random numbers."""

    person: Integers
    week: Integers
    stopped: Integers
    uniform: Numbers
    waits: Numbers


def repeats_and_hours(
    flow: Flow, people: People, lives: Lives, causes: Causes, is_in_time: Flags, seed: int
) -> tuple[list[Integers], list[Numbers]]:
    """Return, for each step, how often each person had to come back to it, and the hours they took from it to the next."""
    course = _course(flow, people, lives, causes, seed)
    counts = is_in_time[course.person, course.week]
    repeats: list[Integers] = []
    hours: list[Numbers] = []
    for number, step in enumerate(flow.steps):
        again = counts & (course.stopped >= number) & _comes_back(course, flow, number, people, causes)
        again &= step.again > 0
        repeats.append(np.bincount(course.person[again], minlength=len(people)).astype(np.int64))
        goes_on = counts & (course.stopped > number)
        waited = np.bincount(course.person, weights=course.waits[:, number] * goes_on, minlength=len(people))
        hours.append(waited.astype(np.float64))
    return repeats, hours


def _course(flow: Flow, people: People, lives: Lives, causes: Causes, seed: int) -> _Course:
    stop = getattr(lives, f"{flow.name}_stop")
    person, week = np.nonzero(stop >= 0)
    # Drawn for every person and week, so that a change elsewhere moves no other number.
    uniform = stream(seed, f"flow.{flow.name}").random((*stop.shape, 3 + 2 * len(flow.steps)))[person, week]
    waits = [
        -np.log1p(-uniform[:, 3 + number]) * step.hours * hours_factor(step, people, causes)[person]
        for number, step in enumerate(flow.steps)
    ]
    return _Course(person, week, stop[person, week], uniform, np.stack(waits, axis=1))


def _comes_back(course: _Course, flow: Flow, number: int, people: People, causes: Causes) -> Flags:
    share = again_share(flow.steps[number], people, causes)[course.person]
    result: Flags = course.uniform[:, 3 + len(flow.steps) + number] < share
    return result


def flow_events(flow: Flow, people: People, lives: Lives, causes: Causes, seed: int) -> FlowEvents:
    """Return all events of one flow."""
    course = _course(flow, people, lives, causes, seed)
    person, week, stopped, grid = course.person, course.week, course.stopped, course.uniform
    since = np.cumsum(course.waits, axis=1)
    starts = place_in_week(lives.week_start[person, week], grid[:, 0], grid[:, 1])
    is_done = stopped == len(flow.steps)
    if flow is CHECKOUT:
        done_at = lives.changed_at[person, week]
        starts = np.where(is_done, done_at - (since[:, -1] * HOUR).astype(np.int64) - MINUTE, starts)
    parts: list[tuple[Integers, Integers, str]] = []
    last_at = starts
    for number, step in enumerate(flow.steps):
        at = starts + (0 if number == 0 else (since[:, number - 1] * HOUR).astype(np.int64)) + number * SECOND
        reaches = stopped >= number
        parts.append((person[reaches], at[reaches], step.event))
        last_at = np.where(reaches, at, last_at)
        if step.again:
            again = reaches & _comes_back(course, flow, number, people, causes)
            parts.append((person[again], at[again] + 15 * SECOND, "Payment Declined"))
            parts.append((person[again], at[again] + 50 * SECOND, step.event))
            last_at = np.where(again, at + 50 * SECOND, last_at)
    if flow is not CHECKOUT:
        done = last_at[is_done] + (course.waits[is_done, -1] * HOUR).astype(np.int64) + SECOND
        parts.append((person[is_done], done, "Trial Started"))
    is_stopped = ~is_done
    is_friction = getattr(lives, f"is_{flow.name}_friction")[person, week]
    sees = is_stopped & (grid[:, 2] < np.where(is_friction, ERROR_BY_FRICTION, ERROR_OTHERWISE))
    # The error comes before the step is sent once more and given up: the step stays the last thing seen.
    parts.append((person[sees], last_at[sees] - 10 * SECOND, "Page Error Shown"))
    gone_at = np.full(lives.changed_at.shape, NEVER)
    is_gone = getattr(lives, f"is_gone_at_{flow.name}")[person, week]
    gone_at[person[is_gone], week[is_gone]] = last_at[is_gone]
    return FlowEvents(
        person=np.concatenate([persons for persons, _, _ in parts]),
        at=np.concatenate([instants for _, instants, _ in parts]),
        code=np.concatenate([np.full(len(persons), CODE[name]) for persons, _, name in parts]),
        gone_at=gone_at,
    )
