"""Website and product events as Segment delivers them: one JSON message a line."""

import json
from collections.abc import Iterator

import numpy as np

from simulator.calendar_time import DAY, SECOND, iso_texts
from simulator.delivery import Line
from simulator.people import PLANS, SEGMENTS, People
from simulator.randomness import Integers, stream, uuids
from simulator.visits import IN_PRODUCT, NAMES, PAGES, Visits

LATE_SHARE = 0.04
"""Share of events that a device sends days later."""

JUNK_ID_SHARE = 0.002
"""Share of events whose user id or anonymous id says nothing: 'null', 'anonymous'."""


def segment_lines(people: People, visits: Visits, *, seed: int) -> list[Line]:
    """Return the messages in the order in which they were received."""
    draw = stream(seed, "segment.delivery")
    count = len(visits)
    delay = draw.uniform(0.2, 3.0, count)
    late = draw.random(count) < LATE_SHARE
    delay[late] = np.clip(draw.lognormal(1.2, 0.8, late.sum()), 1.0, 25.0) * (DAY // SECOND)
    received_at = visits.at + (delay * SECOND).astype(np.int64)
    junk = np.where(draw.random(count) < JUNK_ID_SHARE, np.where(visits.is_logged_in, 2, 1), 0)
    messages = _messages(people, visits, received_at, junk, seed)
    lines = [
        Line(delivered, text) for delivered, texts in zip(received_at.tolist(), messages, strict=True) for text in texts
    ]
    return sorted(lines, key=lambda line: line.delivered_at)


def _messages(people: People, visits: Visits, received_at: Integers, junk: Integers, seed: int) -> Iterator[list[str]]:
    """Yield one event's messages: an identify call first where the device is new to the person."""
    message_ids = uuids(seed, "segment.message_id", len(visits))
    identify_ids = uuids(seed, "segment.identify_id", len(visits))
    happened, received, sent = iso_texts(visits.at), iso_texts(received_at), iso_texts(received_at - 120_000)
    identified, identified_sent = iso_texts(visits.at - SECOND), iso_texts(received_at - SECOND - 120_000)
    rows = zip(
        visits.person.tolist(),
        visits.code.tolist(),
        visits.device.tolist(),
        visits.is_logged_in.tolist(),
        visits.is_login.tolist(),
        junk.tolist(),
        strict=True,
    )
    for index, (person, code, device, is_logged_in, is_login, junk_kind) in enumerate(rows):
        name = NAMES[code]
        who: dict[str, object] = {"anonymousId": people.devices[person][device]}
        context: dict[str, object] = {"library": {"name": "analytics.js", "version": "2.11.1"}}
        if is_logged_in:
            who["userId"] = people.user_id[person]
            context["traits"] = {"email": people.email[person]}
        # A junk id stands beside a good one, as a tag that fires too early leaves it.
        if junk_kind == 1:
            who["userId"] = "null"
        elif junk_kind == 2:
            who["anonymousId"] = "anonymous"
        texts = []
        if is_login:
            identify = {
                "type": "identify",
                "messageId": identify_ids[index],
                **who,
                "traits": _traits(people, person),
                "timestamp": identified[index],
                "sentAt": identified_sent[index],
                "originalTimestamp": identified[index],
                "receivedAt": received[index],
            }
            texts.append(json.dumps(identify, separators=(",", ":")))
        message: dict[str, object] = {"type": "track", "messageId": message_ids[index], **who, "context": context}
        if name in PAGES:
            path = "/" + name.lower().replace(" ", "-")
            message |= {"type": "page", "name": name, "properties": {"path": path, "title": name}}
        else:
            message |= {"event": name, "properties": {"surface": "app" if name in IN_PRODUCT else "site"}}
        message |= {"timestamp": happened[index], "originalTimestamp": happened[index]}
        message |= {"sentAt": sent[index], "receivedAt": received[index]}
        texts.append(json.dumps(message, separators=(",", ":")))
        yield texts


def _traits(people: People, person: int) -> dict[str, str]:
    return {
        "email": people.email[person],
        "name": people.name[person],
        "phone": people.phone[person],
        "segment": SEGMENTS[int(people.is_enterprise[person])],
        "planInterest": PLANS[int(people.first_plan[person])],
    }
