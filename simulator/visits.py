"""Visits to the website and use of the product: one row an event, before any vendor's format."""

from dataclasses import dataclass

import numpy as np

from simulator.calendar_time import DAY, HOUR, MINUTE, SECOND, WEEK, place_in_week
from simulator.causes import Causes
from simulator.events import ALONE, CHANNEL_EVENTS, CODE, FLOW_EVENTS, IN_PRODUCT, PAGES, PROSPECT_EVENTS
from simulator.flow_events import NEVER, flow_events
from simulator.flows import FLOWS
from simulator.lives import Lives
from simulator.people import People
from simulator.randomness import Flags, Integers, stream

LOGIN_SHARE = 0.8
"""Share of visits to the website, after signing up, in which the person is logged in."""


@dataclass(frozen=True)
class Visits:
    """One entry an event, in the order of time.

    Attributes:
        person: index into the people.
        at: microseconds.
        code: index into NAMES.
        device: index into the person's devices.
        is_logged_in: the person's user id is known.
        is_login: the first event by which this device is tied to the person.
    """

    person: Integers
    at: Integers
    code: Integers
    device: Integers
    is_logged_in: Flags
    is_login: Flags

    def __len__(self) -> int:
        return len(self.at)


Part = tuple[Integers, Integers, Integers]
"""Persons, instants and codes of some events."""


def make_visits(
    people: People, lives: Lives, causes: Causes, *, end: int, seed: int, seen_share: float = 1.0
) -> Visits:
    """Return all website and product events up to `end`; of pages and channels only a share is seen."""
    pages = {"Home": 0.3, "Blog": 0.25, "Customer Stories": 0.12, "Features": 0.25, "Documentation": 0.08}
    prices = {"Features": 0.5, "Customer Stories": 0.35, "Documentation": 0.15}
    sample = {"Sample Project Opened": 0.45, "Sample Report Viewed": 0.35, "Checklist Step Done": 0.2}
    learning = {"Project Created": 0.3, "Data Imported": 0.25, "Teammate Invited": 0.15, "Guide Opened": 0.3}
    usage = {"Dashboard Viewed": 0.5, "Report Created": 0.2, "Search Used": 0.18, "Report Shared": 0.09}
    usage |= {"Automation Enabled": 0.03}
    sessions = [
        _sessions(lives, "visits", pages, 0.8, seed),
        _with_habits(_sessions(lives, "pricing_visits", prices, 0.8, seed, first="Pricing"), people, causes, seed),
        _sessions(lives, "sample_sessions", sample, 1.2, seed),
        _sessions(lives, "onboarding_sessions", learning, 1.0, seed),
        _sessions(lives, "usage_sessions", usage, 0.55, seed),
    ]
    parts = [*sessions, *_single_events(lives, seed)]
    gone_at = np.full(lives.changed_at.shape, NEVER)
    steps = []
    for flow in FLOWS:
        steps.append(flow_events(flow, people, lives, causes, seed))
        gone_at = np.minimum(gone_at, steps[-1].gone_at)
    parts = [_before_change(lives, gone_at, part) for part in parts]
    parts += [*((made.person, made.at, made.code) for made in steps), *_changes(lives)]
    person, at, code = (np.concatenate([part[index] for part in parts]) for index in range(3))
    signed_up_at = _first_at(len(people), person, at, code, PROSPECT_EVENTS)
    signs_up = np.flatnonzero(signed_up_at < np.iinfo(np.int64).max)
    person = np.concatenate([person, signs_up])
    at = np.concatenate([at, signed_up_at[signs_up] - 20 * SECOND])
    code = np.concatenate([code, np.full(len(signs_up), CODE["Signed Up"])])
    may_be_missed = np.isin(code, [CODE[name] for name in (*PAGES, *CHANNEL_EVENTS.values())])
    is_seen = ~may_be_missed | (stream(seed, "visits.seen").random(len(at)) < seen_share)
    kept = np.flatnonzero((at < end) & is_seen)
    order = kept[np.lexsort((code[kept], person[kept], at[kept]))]
    return _with_devices(people, person[order], at[order], code[order], signed_up_at, seed)


def signed_up_at(people: People, visits: Visits) -> Integers:
    """Return each person's instant of signing up, or the largest integer."""
    return _first_at(len(people), visits.person, visits.at, visits.code, ["Signed Up"])


def _sessions(
    lives: Lives, field: str, shares: dict[str, float], more: float, seed: int, first: str | None = None
) -> Part:
    """Spread a field's sessions over its weeks, each of one event and so many more on average."""
    draw = stream(seed, f"visits.{field}")
    person, week = _repeat(getattr(lives, field))
    start = place_in_week(lives.week_start[person, week], draw.random(len(person)), draw.random(len(person)))
    sizes = 1 + draw.poisson(more, len(person))
    session = np.repeat(np.arange(len(person)), sizes)
    number = np.arange(len(session)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    pauses = (draw.exponential(90.0, len(session)) * SECOND).astype(np.int64).clip(2 * SECOND, 12 * MINUTE)
    since = np.cumsum(pauses)
    since -= np.repeat(since[np.cumsum(sizes) - sizes], sizes) if len(session) else since
    code = draw.choice([CODE[name] for name in shares], size=len(session), p=list(shares.values()))
    if first:
        code[number == 0] = CODE[first]
    return person[session], start[session] + since, code


def _with_habits(part: Part, people: People, causes: Causes, seed: int) -> Part:
    """Let groups with a habit open their page after the prices, more often than others do."""
    person, at, code = part
    draw = stream(seed, "visits.habits").random(len(code))
    follows = np.append(False, code[:-1] == CODE["Pricing"]) & (code != CODE["Pricing"])
    for habit in causes.habits:
        code = np.where(
            follows & people.is_in(habit.split, habit.group)[person] & (draw < habit.size), CODE[habit.page], code
        )
    return person, at, code


def _single_events(lives: Lives, seed: int) -> list[Part]:
    """Events that come alone, at some instant of their week."""
    parts: list[Part] = []
    for field, name in ALONE.items():
        draw = stream(seed, f"visits.{field}")
        person, week = _repeat(getattr(lives, field).astype(np.int64))
        at = place_in_week(lives.week_start[person, week], draw.random(len(person)), draw.random(len(person)))
        parts.append((person, at, np.full(len(person), CODE[name])))
        if name == "Email Opened":
            clicks = draw.random(len(person)) < 0.2
            parts.append((person[clicks], at[clicks] + 40 * SECOND, np.full(clicks.sum(), CODE["Email Link Clicked"])))
    return parts


def _before_change(lives: Lives, gone_at: Integers, part: Part) -> Part:
    """Drop what would come after joining, leaving or going for good within the same week."""
    person, at, code = part
    week = (at - lives.week_start[person, 0]) // WEEK
    inside = np.minimum(week, lives.week_start.shape[1] - 1)
    kept = at < np.minimum(lives.changed_at[person, inside] - 15 * MINUTE, gone_at[person, inside])
    return person[kept], at[kept], code[kept]


def _changes(lives: Lives) -> list[Part]:
    """The events at the turning points themselves: the end of onboarding, renewal."""
    onboarded = np.nonzero(lives.is_onboarded & ~lives.leaves)
    renewed = np.nonzero(lives.is_renewed)
    return [
        (onboarded[0], lives.week_start[onboarded] + WEEK - 2 * HOUR, np.full(len(onboarded[0]), CODE["Onboarding Completed"])),
        (renewed[0], lives.week_start[renewed] + DAY, np.full(len(renewed[0]), CODE["Contract Renewed"])),
    ]  # fmt: skip


def _first_at(count: int, person: Integers, at: Integers, code: Integers, names: list[str]) -> Integers:
    """Return each person's first instant of any of these events, or the largest integer."""
    first = np.full(count, np.iinfo(np.int64).max)
    chosen = np.isin(code, [CODE[name] for name in names])
    np.minimum.at(first, person[chosen], at[chosen])
    return first


def _with_devices(
    people: People, person: Integers, at: Integers, code: Integers, signed_up: Integers, seed: int
) -> Visits:
    """Give each day of a person one device, and say from when on the vendor knows who it is."""
    draw = stream(seed, "visits.device")
    sizes = np.array([len(devices) for devices in people.devices])
    # One draw a person and day, so that a visit stays on one device.
    days, day = np.unique(np.column_stack([person, at // DAY]), axis=0, return_inverse=True)
    by_day = np.minimum((draw.random(len(days)) ** 2 * sizes[days[:, 0]]).astype(np.int64), sizes[days[:, 0]] - 1)
    logs_in = draw.random(len(days)) < LOGIN_SHARE
    day = day.reshape(-1)
    device = by_day[day]
    must = np.isin(code, [CODE[name] for name in (*IN_PRODUCT, "Signed Up", *FLOW_EVENTS)])
    is_logged_in = (at >= signed_up[person] - 20 * SECOND) & (logs_in[day] | must)
    is_login = np.zeros(len(at), np.bool_)
    known = np.flatnonzero(is_logged_in)
    _, first = np.unique(np.column_stack([person[known], device[known]]), axis=0, return_index=True)
    is_login[known[first]] = True
    return Visits(person, at, code, device, is_logged_in, is_login)


def _repeat(counts: Integers) -> tuple[Integers, Integers]:
    """Return person and week of each of the counted things."""
    person, week = np.nonzero(counts)
    times = counts[person, week]
    return np.repeat(person, times), np.repeat(week, times)
