"""Typeform's responses, as drawn."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import identifiers_of, json_lines, read, source_of

ANSWERS = [
    {"type": "text", "text": "Quick, thanks.", "field": {"id": "a", "type": "short_text"}},
    {"type": "number", "number": 30, "field": {"id": "b", "type": "number"}},
    {"type": "number", "number": 9, "field": {"id": "c", "type": "nps"}},
    {"type": "choice", "choice": {"label": "By chat"}, "field": {"id": "d", "type": "multiple_choice"}},
    {"type": "email", "email": "ann@example.org", "field": {"id": "e", "type": "email"}},
    {"type": "phone_number", "phone_number": "+14155550100", "field": {"id": "f", "type": "phone_number"}},
    {"type": "text", "text": "Write to bob@example.org", "field": {"id": "g", "type": "long_text"}},
]
RESPONSE = {
    "token": "t1",
    "response_id": "t1",
    "landed_at": "2026-02-01T10:00:00Z",
    "submitted_at": "2026-02-01T10:05:00Z",
    "hidden": {"user_id": "u1"},
    "answers": ANSWERS,
}
WHO = {"user_id": "u1", "email": "ann@example.org", "phone": "+14155550100"}


@pytest.mark.parametrize("is_webhook", [False, True])
def test_a_response(connection: Any, tmp_path: Path, is_webhook: bool) -> None:
    """A form was opened and sent: text and score are told, addresses say who it was; a webhook tells the same."""
    row = {"event_id": "x", "event_type": "form_response", "form_response": RESPONSE} if is_webhook else RESPONSE
    started, answered = read(connection, json_lines(tmp_path, row), source_of("typeform"))
    assert (started["event"], started["event_at"]) == ("survey_started", datetime(2026, 2, 1, 10, tzinfo=UTC))
    assert (answered["event"], answered["event_at"]) == ("survey_answered", datetime(2026, 2, 1, 10, 5, tzinfo=UTC))
    assert (answered["score"], answered["text"]) == (9.0, "Quick, thanks.\nWrite to [email]")
    assert json.loads(answered["properties"])["choices"] == "By chat"
    assert answered["source_record_id"] == "response:t1:survey_answered"
    assert identifiers_of(started) == identifiers_of(answered) == WHO


@pytest.mark.parametrize(
    ("change", "events", "who"),
    [
        ({"submitted_at": "0001-01-01T00:00:00Z", "answers": None}, ["survey_started"], {"user_id": "u1"}),
        ({"landed_at": None}, ["survey_answered", "survey_started"], WHO),
        (
            {"hidden": {"email": "eve@example.org"}},
            ["survey_started", "survey_answered"],
            WHO | {"email": "eve@example.org"},
        ),
    ],
)
def test_what_may_be_missing(
    connection: Any, tmp_path: Path, change: dict[str, Any], events: list[str], who: dict[str, str]
) -> None:
    """What was never sent was only opened; hidden fields come before what was typed."""
    records = read(connection, json_lines(tmp_path, RESPONSE | change), source_of("typeform"))
    assert [record["event"] for record in records] == events
    expected = {kind: value for kind, value in who.items() if kind != "user_id" or "hidden" not in change}
    assert all(identifiers_of(record) == expected for record in records)
    assert {record["problem_rule"] for record in records} == {None}
