"""Surveys: who was asked at which stage, what they felt, and who answered; the unhappy answer more readily.

What people feel at a stage is planted (`ARC`); what is answered is a part of it, and tilted.
"""

import json
from dataclasses import dataclass

import numpy as np

from simulator.calendar_time import HOUR, MINUTE, iso_texts, place_in_week
from simulator.crm import csv_line
from simulator.delivery import Line
from simulator.lives import Lives
from simulator.people import People
from simulator.randomness import Flags, Integers, Numbers, sigmoid, stream
from simulator.weeks import SUBSCRIBER
from simulator.words import comment

ARC = {
    "awareness": 0.15,
    "consideration": 0.35,
    "purchase": -0.25,
    "onboarding": -0.45,
    "adoption": 0.4,
    "expansion": 0.7,
    "renewal": 0.0,
}
"""What people feel at each stage, from about -1 to 1; the sign of the arc is that of the comments."""

STAGES = list(ARC)
POLL_COLUMNS = ["response_id", "user_id", "question", "answer", "asked_at", "answered_at"]
ASKED, HEARD = "survey_sent", "how_did_you_hear"
REVEALS = 0.3
_REMEMBERS_WRONG = 0.2
_ASKED_SHARE = {
    "awareness": 0.03,
    "consideration": 0.03,
    "purchase": 0.06,
    "onboarding": 0.15,
    "adoption": 0.03,
    "expansion": 0.06,
    "renewal": 0.06,
}


@dataclass(frozen=True)
class Surveys:
    """One entry a question asked.

    Attributes:
        person: who was asked.
        stage: index into STAGES, the furthest that the person had come to.
        asked_at: microseconds.
        feeling: what the person felt, whether it was said or not.
        is_answered: whether it was.
        answered_at: microseconds.
        score: 0 to 10.
        has_comment: whether words came with it.
    """

    person: Integers
    stage: Integers
    asked_at: Integers
    feeling: Numbers
    is_answered: Flags
    answered_at: Integers
    score: Integers
    has_comment: Flags


def make_surveys(people: People, lives: Lives, signed_up_at: Integers, *, has_arc: bool, seed: int) -> Surveys:
    """Ask people who have signed up, some in each week."""
    shape = lives.state.shape
    stage = stage_of_week(lives)
    shares = np.array([_ASKED_SHARE[name] for name in STAGES])[stage]
    is_gone = np.maximum.accumulate(lives.is_gone_at_checkout | lives.is_gone_at_trial, axis=1)
    person, week = np.nonzero((stream(seed, "surveys.asked").random(shape) < shares) & ~is_gone)
    grid = stream(seed, "surveys.course").random((*shape, 6))[person, week]
    noise = stream(seed, "surveys.noise").standard_normal(shape)[person, week]
    asked_at = place_in_week(lives.week_start[person, week], grid[:, 0], grid[:, 1])
    # Only those who are still there in the week, and whose address is known, are asked.
    is_here = (asked_at > signed_up_at[person]) & (asked_at < lives.changed_at[person, week])
    person, week, asked_at = person[is_here], week[is_here], asked_at[is_here]
    grid, noise = grid[is_here], noise[is_here]
    arc = np.array(list(ARC.values()) if has_arc else [0.0] * len(ARC))[stage[person, week]]
    feeling = arc + 0.25 * lives.engagement[person, week] - 0.5 * lives.is_trouble[person, week] + 0.45 * noise
    answers = grid[:, 2] < sigmoid(-0.9 + people.candour[person] - 0.6 * feeling)
    return Surveys(
        person=person,
        stage=stage[person, week],
        asked_at=asked_at,
        feeling=feeling,
        is_answered=answers,
        answered_at=asked_at + (MINUTE + grid[:, 3] ** 3 * 60 * HOUR).astype(np.int64),
        score=np.clip(np.rint(6.0 + 2.6 * feeling), 0, 10).astype(np.int64),
        has_comment=answers & (grid[:, 4] < 0.7),
    )


def stage_of_week(lives: Lives) -> Integers:
    """Return the furthest stage of each person by each week, from joining or leaving on anew."""
    is_subscriber = lives.state == SUBSCRIBER
    looks = np.where((lives.pricing_visits > 0) | (lives.trial_stop >= 0) | lives.is_demo_requested, 1, 0)
    before = np.where(lives.checkout_stop >= 0, 2, looks)
    after = np.where(lives.is_onboarded | (lives.usage_sessions > 0), 4, 3)
    after = np.where((lives.seats_added > 0) | lives.is_upgraded, 5, after)
    after = np.where(lives.is_renewal_notice | lives.is_renewed, 6, after)
    stage = np.where(is_subscriber, after, before)
    changes = np.zeros(stage.shape, np.int64)
    changes[:, 1:] = is_subscriber[:, 1:] != is_subscriber[:, :-1]
    part = np.cumsum(changes, axis=1)
    result: Integers = np.maximum.accumulate(part * 10 + stage, axis=1) - part * 10
    return result


def delighted_lines(people: People, surveys: Surveys, *, seed: int) -> list[Line]:
    """Return the answers as Delighted lists them."""
    words = stream(seed, "surveys.words").random((len(surveys.person), 4))
    lines = []
    for index in np.flatnonzero(surveys.is_answered).tolist():
        person, at = int(surveys.person[index]), int(surveys.answered_at[index])
        response = {
            "id": f"{seed}-{int(surveys.asked_at[index])}-{people.user_id[person][2:]}",
            "person": 500_000 + person,
            "survey_type": "nps",
            "score": int(surveys.score[index]),
            "comment": comment(float(surveys.feeling[index]), words[index]) if surveys.has_comment[index] else None,
            "permalink": None,
            "created_at": at // 1_000_000,
            "updated_at": at // 1_000_000,
            "person_properties": {"user_id": people.user_id[person]},
            "notes": [],
            "tags": [],
        }
        lines.append(Line(at, json.dumps(response, separators=(",", ":"))))
    return sorted(lines, key=lambda line: line.delivered_at)


def poll_lines(people: People, lives: Lives, surveys: Surveys, signed_up_at: Integers, *, seed: int) -> list[Line]:
    """Return the rows of the survey tool: each question sent, and what some say of how they heard of the business."""
    asked = iso_texts(surveys.asked_at)
    lines = [
        Line(int(at), csv_line([f"s{person}-{at}", people.user_id[person], ASKED, "", text, text]))
        for person, at, text in zip(surveys.person.tolist(), surveys.asked_at.tolist(), asked, strict=True)
    ]
    draw = stream(seed, "surveys.heard")
    reveals, wrong = draw.random(len(people)) < REVEALS, draw.random(len(people)) < _REMEMBERS_WRONG
    answers = first_heard(lives, signed_up_at)
    others = [name for name in dict.fromkeys(answers) if name != "website"] or ["website"]
    chosen = draw.integers(0, len(others), len(people))
    for person in np.flatnonzero(reveals & (signed_up_at < np.iinfo(np.int64).max)).tolist():
        answer = others[int(chosen[person])] if wrong[person] else answers[person]
        at = int(signed_up_at[person]) + MINUTE
        text = iso_texts(np.array([at]))[0]
        lines.append(Line(at, csv_line([f"h{person}-{at}", people.user_id[person], HEARD, answer, text, text])))
    return sorted(lines, key=lambda line: line.delivered_at)


def first_heard(lives: Lives, signed_up_at: Integers) -> list[str]:
    """Return what first brought each person: a touch that nobody records, a channel, or the website itself."""
    names = ["podcast", "friend", "review_site"]
    unseen = np.stack([getattr(lives, f"unseen_{name}") for name in names], axis=2)
    before = lives.week_start <= signed_up_at[:, None]
    happened = unseen & before[:, :, None]
    first = np.where(happened.any(axis=1), happened.argmax(axis=1), 10_000)
    which, when = first.argmin(axis=1), first.min(axis=1)
    channels = [name for name in vars(lives) if name.startswith("from_")]
    seen = np.stack([getattr(lives, name) for name in channels], axis=2) & before[:, :, None]
    first_seen = np.where(seen.any(axis=1), seen.argmax(axis=1), 10_000)
    which_seen, when_seen = first_seen.argmin(axis=1), first_seen.min(axis=1)
    return [
        names[one] if at < 10_000 and at <= at_seen else channels[other][5:] if at_seen < 10_000 else "website"
        for one, at, other, at_seen in zip(which, when, which_seen, when_seen, strict=True)
    ]
