"""Website and product events as Segment delivers them: one JSON message a line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator.bots import BROWSER, CRAWLER, Bots
from simulator.calendar_time import DAY, MINUTE, SECOND, iso_texts
from simulator.delivery import Line
from simulator.events import CODE, IN_PRODUCT, NAMES, PAGES
from simulator.levels import Level
from simulator.people import PLANS, People
from simulator.randomness import Flags, Integers, stream, uuids
from simulator.visits import Visits

RENAMED = {"Report Created": "report_created", "Search Used": "Search Performed"}
"""Events that a new version of the product sends under another name."""

_BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
]
_LIBRARY = {"name": "analytics.js", "version": "2.11.1"}


@dataclass(frozen=True)
class _Delivery:
    """How each event comes: when, how late, with which defects; one entry an event."""

    received_at: Integers
    junk: Integers
    skew: Integers
    is_sent_again: Flags
    is_renamed: Flags


def segment_lines(people: People, visits: Visits, level: Level, *, end: int, start: int, seed: int) -> list[Line]:
    """Return the messages in the order in which they were received."""
    delivery = _delivery(people, visits, level, start, end, seed)
    messages = _messages(people, visits, delivery, seed)
    received = delivery.received_at.tolist()
    lines = [Line(delivered, text) for delivered, texts in zip(received, messages, strict=True) for text in texts]
    return sorted(lines, key=lambda line: line.delivered_at)


def bot_lines(bots: Bots, *, end: int, seed: int) -> list[Line]:
    """Return the messages of programs."""
    kept = np.flatnonzero(bots.at < end)
    ids = uuids(seed, "segment.bot_message_id", len(kept))
    happened, received = iso_texts(bots.at[kept]), iso_texts(bots.at[kept] + SECOND)
    lines = []
    for number, index in enumerate(kept.tolist()):
        bot = int(bots.bot[index])
        context = {"library": _LIBRARY, "userAgent": BROWSER if bots.is_stealthy[bot] else CRAWLER}
        message = {"type": "page", "messageId": ids[number], "anonymousId": bots.device[bot], "context": context}
        times = {"timestamp": happened[number], "originalTimestamp": happened[number]}
        times |= {"sentAt": happened[number], "receivedAt": received[number]}
        text = json.dumps(message | _page(PAGES[int(bots.page[index])]) | times, separators=(",", ":"))
        lines.append(Line(int(bots.at[index]) + SECOND, text))
    return sorted(lines, key=lambda line: line.delivered_at)


def _delivery(people: People, visits: Visits, level: Level, start: int, end: int, seed: int) -> _Delivery:
    draw = stream(seed, "segment.delivery")
    count = len(visits)
    delay = draw.uniform(0.2, 3.0, count)
    late = draw.random(count) < level.late_share
    delay[late] = np.clip(draw.lognormal(1.2, 0.8, late.sum()), 1.0, 25.0) * (DAY // SECOND)
    junk = np.where(draw.random(count) < level.junk_share, np.where(visits.is_logged_in, 2, 1), 0)
    # A wrong clock is a device's own: minutes for most, an hour's zone for some.
    clock = stream(seed, "segment.clock").random((len(people), 8))
    device = np.minimum(visits.device, 3)
    is_skewed = clock[visits.person, device] < level.skewed_share
    minutes = np.where(clock[visits.person, device + 4] < 0.3, 60.0, 20 * clock[visits.person, device + 4] - 10)
    renames = visits.at > start + level.renames_after * (end - start)
    return _Delivery(
        received_at=visits.at + (delay * SECOND).astype(np.int64),
        junk=junk,
        skew=np.where(is_skewed, minutes * MINUTE, 0).astype(np.int64),
        is_sent_again=draw.random(count) < level.near_duplicate_share,
        is_renamed=renames & np.isin(visits.code, [CODE[name] for name in RENAMED]),
    )


def _messages(people: People, visits: Visits, delivery: _Delivery, seed: int) -> Iterator[list[str]]:
    """Yield one event's messages: an identify call first where the device is new to the person."""
    message_ids = uuids(seed, "segment.message_id", len(visits))
    identify_ids = uuids(seed, "segment.identify_id", len(visits))
    again_ids = uuids(seed, "segment.again_id", len(visits))
    # Segment mends a wrong clock by the difference between its own time and the device's at sending.
    happened, received, sent = (
        iso_texts(at) for at in (visits.at, delivery.received_at, delivery.received_at - 120_000 + delivery.skew)
    )
    told = iso_texts(visits.at + delivery.skew)
    identified, identified_sent = iso_texts(visits.at - SECOND), iso_texts(delivery.received_at - SECOND - 120_000)
    again_at, again_received = iso_texts(visits.at + 400_000), iso_texts(delivery.received_at + 400_000)
    rows = zip(
        visits.person.tolist(),
        visits.code.tolist(),
        visits.device.tolist(),
        visits.is_logged_in.tolist(),
        visits.is_login.tolist(),
        delivery.junk.tolist(),
        delivery.is_sent_again.tolist(),
        delivery.is_renamed.tolist(),
        strict=True,
    )
    for index, (person, code, device, is_logged_in, is_login, junk_kind, is_again, is_renamed) in enumerate(rows):
        name = RENAMED[NAMES[code]] if is_renamed else NAMES[code]
        who: dict[str, object] = {"anonymousId": people.devices[person][device]}
        context: dict[str, object] = {"library": _LIBRARY, "userAgent": _BROWSERS[(person + device) % 4]}
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
            message |= _page(name)
        else:
            message |= {"event": name, "properties": {"surface": "app" if name in IN_PRODUCT else "site"}}
        message |= {"timestamp": happened[index], "originalTimestamp": told[index]}
        message |= {"sentAt": sent[index], "receivedAt": received[index]}
        texts.append(json.dumps(message, separators=(",", ":")))
        if is_again:
            message |= {"messageId": again_ids[index], "timestamp": again_at[index]}
            message |= {"receivedAt": again_received[index]}
            texts.append(json.dumps(message, separators=(",", ":")))
        yield texts


def _page(name: str) -> dict[str, object]:
    path = "/" + name.lower().replace(" ", "-")
    return {"type": "page", "name": name, "properties": {"path": path, "title": name}}


def _traits(people: People, person: int) -> dict[str, str]:
    return {
        "email": people.email[person],
        "name": people.name[person],
        "phone": people.phone[person],
        "segment": people.group_of("company_size", person),
        "planInterest": PLANS[int(people.first_plan[person])],
    }
