"""Segment's messages."""

import json
from datetime import datetime

from simulator.bots import make_bots
from simulator.calendar_time import DAY
from simulator.events import PAGES
from simulator.levels import LEVELS
from simulator.segment import bot_lines, segment_lines
from tests.simulator.businesses import business


def _messages() -> list[dict]:
    one = business()
    return [
        json.loads(line.text)
        for line in segment_lines(one.people, one.visits, one.level, start=one.start, end=one.end, seed=one.seed)
    ]


def test_every_event_is_a_message_and_every_login_an_identify_call() -> None:
    """Nothing is left out and nothing added; message ids differ."""
    visits, messages = business().visits, _messages()
    kinds = [message["type"] for message in messages]
    assert kinds.count("identify") == visits.is_login.sum()
    sent_again = kinds.count("track") + kinds.count("page") - len(visits)
    assert 0 < sent_again < 0.006 * len(visits)
    assert {message["name"] for message in messages if message["type"] == "page"} == set(PAGES)
    assert len({message["messageId"] for message in messages}) == len(messages)


def test_strangers_have_no_user_id_or_address() -> None:
    """Before the login a message has an anonymous id alone; afterwards also the user id and the address."""
    messages = [message for message in _messages() if message["type"] != "identify"]
    known = [message for message in messages if message.get("userId", "null") != "null"]
    strange = [message for message in messages if message.get("userId", "null") == "null"]
    assert known
    assert strange
    assert all("email" in message["context"]["traits"] for message in known)
    assert not any("traits" in message["context"] for message in strange)
    assert all("anonymousId" in message for message in messages)


def test_a_junk_id_stands_beside_a_good_one() -> None:
    """Some ids say nothing, and no message has only such ids."""
    junk = {"null", "anonymous"}
    ids = [{message.get("userId"), message["anonymousId"]} - {None} for message in _messages()]
    assert any(found & junk for found in ids)
    assert all(found - junk for found in ids)


def test_some_messages_arrive_days_late_and_none_before_it_happened() -> None:
    """A message is received after its event; about one in twenty-five by a day or more."""
    one = business()
    lines = segment_lines(one.people, one.visits, one.level, start=one.start, end=one.end, seed=one.seed)
    happened = [json.loads(line.text)["timestamp"] for line in lines]
    received = [json.loads(line.text)["receivedAt"] for line in lines]
    assert all(first <= later for first, later in zip(happened, received, strict=True))
    delays = sorted(line.delivered_at for line in lines)
    assert delays == [line.delivered_at for line in lines]
    late = sum(line.delivered_at - _at(line.text) > DAY / 2 for line in lines) / len(lines)
    assert 0.02 < late < 0.06


def _at(text: str) -> int:
    return round(datetime.fromisoformat(json.loads(text)["timestamp"]).timestamp() * 1_000_000)


def test_programs_walk_and_most_say_so() -> None:
    """Programs open pages only, in the name of nobody; one in five calls itself a browser."""
    bots = make_bots(300, start=0, end=30 * DAY, seed=1, count_pages=len(PAGES))
    messages = [json.loads(line.text) for line in bot_lines(bots, end=30 * DAY, seed=1)]
    assert {message["type"] for message in messages} == {"page"}
    assert not any("userId" in message for message in messages)
    honest = {message["anonymousId"] for message in messages if "Crawler" in message["context"]["userAgent"]}
    assert 0.7 < len(honest) / len(bots.device) < 0.9


def test_a_wrong_clock_is_mended_and_an_event_may_get_another_name() -> None:
    """What the device says is off by its clock, the time that counts is right; late in a hostile business two events are renamed."""
    one = business()
    lines = segment_lines(one.people, one.visits, LEVELS["hostile"], start=one.start, end=one.end, seed=one.seed)
    messages = [json.loads(line.text) for line in lines]
    tracks = [message for message in messages if message["type"] in {"track", "page"}]
    off = [message for message in tracks if message["timestamp"] != message["originalTimestamp"]]
    assert 0.01 < len(off) / len(tracks) < 0.15
    names = {message["event"] for message in tracks if "event" in message}
    assert {"Report Created", "report_created"} <= names
