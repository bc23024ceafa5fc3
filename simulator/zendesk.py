"""Support tickets as Zendesk's incremental export lists them: a ticket comes again when it changed."""

import json
from dataclasses import dataclass

import numpy as np

from simulator.calendar_time import HOUR, SECOND, iso_texts, month_texts, place_in_week
from simulator.delivery import Line
from simulator.lives import Lives
from simulator.people import People
from simulator.randomness import Integers, sigmoid, stream
from simulator.weeks import SUBSCRIBER

TOPICS = {
    "how_to": ["How do I import our data?", "Where can I invite a colleague?", "Question about sharing a report"],
    "bug": ["The dashboard does not load", "Export ends with an error", "Numbers differ from last week"],
    "billing": ["Payment was refused", "Invoice with the wrong address", "Question about our last invoice"],
    "leaving": ["How can we end our subscription?", "We hardly use it any more", "Looking at cheaper offers"],
    "trial": ["Can the trial be made longer?", "Which plan do we need?", "Is there a limit on projects?"],
}
BODIES = {
    "how_to": "We are setting things up and I cannot find where this is done. A short pointer would help.",
    "bug": "This has happened several times since Monday and keeps the team from working. Please have a look soon.",
    "billing": "We noticed this while closing the month. Could you check what happened on your side?",
    "leaving": "The team has not got much out of it lately. Please tell us what our options are.",
    "trial": "We like what we see so far and want to know this before we decide.",
}


@dataclass(frozen=True)
class Tickets:
    """One entry a ticket: who, when opened, solved and rated, in which words."""

    person: Integers
    opened_at: Integers
    solved_at: Integers
    rated_at: Integers
    reopens: Integers
    reply_minutes: Integers
    rating: list[str]
    topic: list[str]


def make_tickets(lives: Lives, *, seed: int) -> Tickets:
    """Draw every ticket's course: trouble makes it longer, reopened more often, and rated worse."""
    draw = stream(seed, "zendesk.course")
    persons, weeks = np.nonzero(lives.tickets)
    times = lives.tickets[persons, weeks]
    person, week = np.repeat(persons, times), np.repeat(weeks, times)
    count = len(person)
    opened_at = place_in_week(lives.week_start[person, week], draw.random(count), draw.random(count))
    # Nobody writes as a subscriber before the subscription or after its end.
    opened_at = np.minimum(opened_at, lives.changed_at[person, week] - HOUR)
    trouble, engagement = lives.is_trouble[person, week], lives.engagement[person, week]
    hours = np.clip(draw.lognormal(2.9 + 0.6 * trouble, 0.9), 0.3, 600.0)
    solved_at = opened_at + (hours * HOUR).astype(np.int64)
    is_rated = draw.random(count) < 0.35
    is_good = draw.random(count) < sigmoid(1.4 + 0.5 * engagement - 1.3 * trouble)
    options = np.array(list(TOPICS))
    weights = np.column_stack(
        [
            np.where(lives.onboarding_sessions[person, week] > 0, 2.0, 0.5),
            0.5 + 1.5 * trouble + 0.5 * lives.errors[person, week],
            0.25 + 3.0 * lives.is_payment_failed[person, week],
            0.15 * np.exp(-0.8 * engagement),
            np.zeros(count),
        ]
    )
    weights[lives.state[person, week] != SUBSCRIBER] = [0, 0, 0, 0, 1]
    shares = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    topic = options[(draw.random(count)[:, None] > shares).sum(axis=1).clip(max=len(TOPICS) - 1)]
    return Tickets(
        person=person,
        opened_at=opened_at,
        solved_at=solved_at,
        rated_at=np.where(is_rated, solved_at + (draw.uniform(0.5, 60.0, count) * HOUR).astype(np.int64), 0),
        reopens=draw.poisson(0.1 + 0.5 * trouble),
        reply_minutes=(hours * draw.uniform(0.05, 0.4, count) * 60).astype(np.int64) + 1,
        rating=np.where(is_rated, np.where(is_good, "good", "bad"), "offered").tolist(),
        topic=topic.tolist(),
    )


def zendesk_lines(people: People, tickets: Tickets, *, end: int, seed: int) -> list[Line]:
    """Return what the monthly exports list: each ticket as it stood at the end of each month in which it changed."""
    order = np.argsort(tickets.opened_at, kind="stable").tolist()
    words = stream(seed, "zendesk.words").random((len(order), 2)).tolist()
    lines = []
    for number, index in enumerate(order):
        moments = [int(tickets.opened_at[index]), int(tickets.solved_at[index]), int(tickets.rated_at[index])]
        past = [moment for moment in moments if 0 < moment < end]
        months = month_texts(np.array(past, np.int64))
        for position, (moment, month) in enumerate(zip(past, months, strict=True)):
            if month not in months[position + 1 :]:
                ticket = _ticket(people, tickets, index, 20_001 + number, moment, words[number])
                lines.append(Line(moment, json.dumps(ticket, separators=(",", ":"))))
    return sorted(lines, key=lambda line: line.delivered_at)


def _ticket(
    people: People, tickets: Tickets, index: int, number: int, moment: int, words: list[float]
) -> dict[str, object]:
    """Return the ticket as it stood at `moment`."""
    person, topic = int(tickets.person[index]), tickets.topic[index]
    is_solved, is_rated = moment >= tickets.solved_at[index], 0 < tickets.rated_at[index] <= moment
    opened, solved, updated = iso_texts(np.array([tickets.opened_at[index], tickets.solved_at[index], moment]))
    rating = tickets.rating[index] if is_rated else ("offered" if is_solved else "unoffered")
    contact = ""
    if words[1] < 0.06:
        contact = f" You can reach me at {people.phone[person]}."
    elif words[1] < 0.12:
        contact = f" Please answer to {people.email[person]}."
    requester_id = 900_000 + person
    return {
        "id": number,
        "url": f"https://helpdesk.example.com/api/v2/tickets/{number}.json",
        "created_at": _seconds(opened),
        "updated_at": _seconds(updated),
        "generated_timestamp": moment // SECOND + 1,
        "status": "solved" if is_solved else "open",
        "priority": "high" if topic in {"bug", "billing"} else "normal",
        "subject": TOPICS[topic][int(words[0] * len(TOPICS[topic]))],
        "description": BODIES[topic] + contact,
        "tags": [topic],
        "requester_id": requester_id,
        "requester": {
            "id": requester_id,
            "name": people.name[person],
            "email": people.email[person],
            "external_id": people.user_id[person],
        },
        "satisfaction_rating": {"score": rating, **({"updated_at": _seconds(updated)} if is_rated else {})},
        "metric_set": {
            "created_at": _seconds(opened),
            "updated_at": _seconds(updated),
            "solved_at": _seconds(solved) if is_solved else None,
            "reopens": int(tickets.reopens[index]) if is_solved else 0,
            "replies": 1 + int(tickets.reopens[index]) if is_solved else 0,
            "reply_time_in_minutes": {"calendar": int(tickets.reply_minutes[index]) if is_solved else None},
        },
    }


def _seconds(iso_text: str) -> str:
    """Zendesk's times have no fractions of a second."""
    return iso_text[:19] + "Z"
