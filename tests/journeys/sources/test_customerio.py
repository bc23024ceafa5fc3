"""Customer.io's webhooks: drawn ones, and those whose events somebody else wrote down."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import identifiers_of, json_lines, read, source_of

FIXTURES = Path(__file__).parents[3] / "../shared/data/vendor_fixtures/webhooks"
SENT = {"event_id": "e1", "object_type": "email", "metric": "sent", "timestamp": 1769940000}


@pytest.mark.parametrize(
    ("change", "event"),
    [
        ({}, "Email Sent"),
        ({"metric": "clicked"}, "Email Link Clicked"),
        ({"object_type": "sms", "metric": "attempted"}, "SMS Attempted"),
        ({"object_type": "slack"}, "Slack Message Sent"),
        ({"object_type": "fax", "metric": "lost"}, "Fax Lost"),
    ],
)
def test_names(connection: Any, tmp_path: Path, change: dict[str, str], event: str) -> None:
    """An event is named by what it happened to and what happened, also where neither is known."""
    data = {"identifiers": {"id": "u1", "cio_id": "c1", "email": "ann@example.org"}}
    (record,) = read(connection, json_lines(tmp_path, {**SENT, **change, "data": data}), source_of("customerio"))
    assert record["event"] == event
    assert identifiers_of(record) == {"user_id": "u1", "customerio_id": "c1", "email": "ann@example.org"}


@pytest.mark.skipif(not FIXTURES.exists(), reason="needs ../shared/data/vendor_fixtures/webhooks")
def test_webhooks_become_the_events_beside_them(connection: Any, tmp_path: Path) -> None:
    """Name, person, time and properties are as somebody else's translation has them, field by field.

    A time that is no time is refused here, where that translation leaves it out; recipients, who are
    persons, and the content, which is text, do not stand among our properties.
    """
    given = json.loads((FIXTURES / "customerio_source_input.json").read_text())
    wanted = json.loads((FIXTURES / "customerio_source_output.json").read_text())
    records = read(connection, json_lines(tmp_path, *given), source_of("customerio"))
    assert len(records) == len(given) == len(wanted)
    for payload, record, expected in zip(given, records, wanted, strict=True):
        assert record["event"] == expected["event"]
        assert identifiers_of(record)["user_id"] == expected["userId"]
        if payload["timestamp"] == "abc":
            assert record["problem_rule"] == "unreadable_time"
        else:
            assert record["event_at"] == datetime.fromtimestamp(int(payload["timestamp"]), UTC)
        properties = dict(expected["properties"])
        link = properties.pop("link", {})
        kept = {f"link{key.capitalize()}": value for key, value in link.items()}
        kept |= {key: value for key, value in properties.items() if key not in {"recipients", "content"}}
        ours = {key: value for key, value in json.loads(record["properties"]).items() if value is not None}
        assert set(ours) == set(kept)
        for key, value in kept.items():
            assert ours[key] == str(value) or "[phone]" in ours[key]
        assert (record["text"] is None) == ("content" not in properties)
