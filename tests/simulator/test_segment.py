"""Segment's messages."""

import json
from datetime import datetime

from simulator.calendar_time import DAY
from simulator.segment import segment_lines
from simulator.visits import PAGES
from tests.simulator.businesses import business


def _messages() -> list[dict]:
    one = business()
    return [json.loads(line.text) for line in segment_lines(one.people, one.visits, seed=one.seed)]


def test_every_event_is_a_message_and_every_login_an_identify_call() -> None:
    """Nothing is left out and nothing added; message ids differ."""
    visits, messages = business().visits, _messages()
    kinds = [message["type"] for message in messages]
    assert kinds.count("identify") == visits.is_login.sum()
    assert kinds.count("track") + kinds.count("page") == len(visits)
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
    lines = segment_lines(one.people, one.visits, seed=one.seed)
    happened = [json.loads(line.text)["timestamp"] for line in lines]
    received = [json.loads(line.text)["receivedAt"] for line in lines]
    assert all(first <= later for first, later in zip(happened, received, strict=True))
    delays = sorted(line.delivered_at for line in lines)
    assert delays == [line.delivered_at for line in lines]
    late = sum(line.delivered_at - _at(line.text) > DAY / 2 for line in lines) / len(lines)
    assert 0.02 < late < 0.06


def _at(text: str) -> int:
    return round(datetime.fromisoformat(json.loads(text)["timestamp"]).timestamp() * 1_000_000)
