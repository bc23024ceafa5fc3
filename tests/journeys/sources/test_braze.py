"""The files of Braze Currents, as drawn."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import avro_file, identifiers_of, json_lines, read, source_of

AT = datetime(2026, 2, 1, 10, tzinfo=UTC)
SENT = {
    "id": "e1",
    "user_id": "b1",
    "external_user_id": "u1",
    "time": 1769940000,
    "campaign_id": "k1",
    "campaign_name": "Spring",
    "email_address": "ann@example.org",
}
COLUMNS = {
    **{name: ["null", "string"] for name in ("external_user_id", "campaign_id", "campaign_name", "email_address")},
    "id": "string",
    "user_id": "string",
    "time": "int",
}


def _folder(tmp_path: Path, event_type: str) -> Path:
    folder = tmp_path / f"dataexport.prod-03.S3/event_type={event_type}/date=2026-02-01-10"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("event_type", "row", "event", "channel"),
    [
        ("users.messages.email.Open", SENT, "users.messages.email.Open", "email"),
        ("users.messages.pushnotification.Send", SENT, "users.messages.pushnotification.Send", "push"),
        ("users.messages.sms.Delivery", SENT, "users.messages.sms.Delivery", "sms"),
        ("users.messages.inappmessage.Click", SENT, "users.messages.inappmessage.Click", "in_app"),
        ("users.behaviors.CustomEvent", SENT | {"name": "quote_asked"}, "quote_asked", None),
        ("users.behaviors.app.SessionStart", SENT, "users.behaviors.app.SessionStart", None),
    ],
)
def test_events(
    connection: Any, tmp_path: Path, event_type: str, row: dict[str, Any], event: str, channel: str | None
) -> None:
    """An event goes by its folder or, if it is a business's own, by its name; messages have their channel."""
    path = json_lines(_folder(tmp_path, event_type), row, name="part-1.json")
    (record,) = read(connection, path, source_of("braze"))
    assert (record["problem_rule"], record["event"], record["channel"]) == (None, event, channel)
    assert (record["event_at"], record["source_record_id"]) == (AT, f"event:e1:{event}")
    assert identifiers_of(record) == {"user_id": "u1", "email": "ann@example.org", "braze_user_id": "b1"}


def test_avro_tells_the_same(connection: Any, tmp_path: Path) -> None:
    """Avro and JSON lines tell the same, so that a file in the other form brings nothing twice."""
    folder = _folder(tmp_path, "users.messages.email.Open")
    paths = [avro_file(folder / "part-1.avro", COLUMNS, SENT), json_lines(folder, SENT, name="part-2.jsonl")]
    first, second = (
        [{**record, "raw": None} for record in read(connection, path, source_of("braze"))] for path in paths
    )
    assert first == second
    kept = {name: value for name, value in json.loads(first[0]["properties"]).items() if value is not None}
    assert kept == {"campaign": "Spring"}


def test_purchase_and_properties(connection: Any, tmp_path: Path) -> None:
    """A purchase has its amount; what a business says of an event is kept without what is personal."""
    said = json.dumps({"size": "L", "email": "ann@example.org", "note": "of bob@example.org"})
    row = SENT | {"product_id": "p1", "price": 12.5, "currency": "eur", "properties": said}
    path = json_lines(_folder(tmp_path, "users.behaviors.Purchase"), row, SENT | {"id": "e2", "properties": "[broken"})
    record, broken = read(connection, path, source_of("braze"))
    assert (record["event"], record["amount"], record["currency"]) == ("users.behaviors.Purchase", 12.5, "EUR")
    properties = json.loads(record["properties"])
    assert properties["properties"] == {"size": "L", "note": "of [email]"}
    assert properties["product"] == "p1"
    assert broken["problem_rule"] is None
    assert json.loads(broken["properties"])["properties"] is None


def test_no_folder(connection: Any, tmp_path: Path) -> None:
    """Without its folder a row says its type in a column, or is refused."""
    path = json_lines(tmp_path, SENT | {"event_type": "users.messages.email.Click"}, SENT)
    named, unnamed = read(connection, path, source_of("braze"))
    assert (named["event"], named["channel"], named["problem_rule"]) == ("users.messages.email.Click", "email", None)
    assert unnamed["problem_rule"] == "missing_event"
