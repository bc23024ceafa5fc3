"""What is said of consent, as tables and vendors write it."""

from pathlib import Path
from typing import Any

import pytest

from journeys.config.errors import ConfigError
from journeys.config.journey_yaml import parse_config
from journeys.sources.consents import GIVEN, NEITHER, REFUSED, consent_said, opted_out
from tests.journeys.sources.drawn import evaluate, json_lines, read, source_of, table

AT = "2026-02-01 10:00:00"


@pytest.mark.parametrize(
    ("text", "said", "of_opt_out"),
    [
        ("true", GIVEN, REFUSED),
        ("Yes", GIVEN, REFUSED),
        ("OPT_IN", GIVEN, None),
        ("subscribed", GIVEN, None),
        ("0", REFUSED, NEITHER),
        ("false", REFUSED, NEITHER),
        ("Unsubscribed", REFUSED, None),
        ("withdrawn", REFUSED, None),
        ("pending", None, None),
        ("maybe", None, None),
    ],
)
def test_spellings(connection: Any, text: str, said: str | None, of_opt_out: str | None) -> None:
    """A flag of those who opted out is no consent when it is not set; what nobody can read says nothing."""
    assert evaluate(connection, [text], consent_said) == [said]
    assert evaluate(connection, [text], opted_out) == [of_opt_out]


def _consents(connection: Any, path: Path, source: Any) -> list[tuple[str, str, bool | None]]:
    return [
        (consent["purpose"], consent["channel"], consent["is_granted"])
        for record in read(connection, path, source)
        for consent in record["consents"] or ()
    ]


TABLE = {
    "kind": "consents",
    "identifiers": {"email": "mail"},
    "columns": {"is_granted": "says", "purpose": "for", "channel": "by", "valid_from": "since"},
}


def test_a_table_of_consents(connection: Any, tmp_path: Path) -> None:
    """Each row is a consent with its purpose, channel and time; one that cannot be read is refused, not guessed."""
    rows = [
        {"mail": "ann@example.org", "says": "yes", "for": "Marketing", "by": "Email", "since": "2026-02-01T10:00:00Z"},
        {"mail": "ann@example.org", "says": "opt_out", "for": "", "by": "", "since": "2026-02-02T10:00:00Z"},
        {"mail": "ann@example.org", "says": "perhaps", "for": "", "by": "", "since": "2026-02-02T10:00:00Z"},
        {"mail": "ann@example.org", "says": "no", "for": "", "by": "", "since": "soon"},
    ]
    source = source_of("tabular", **TABLE)
    found = read(connection, json_lines(tmp_path, *rows), source)
    assert [row["problem_rule"] for row in found] == [None, None, "unreadable_consent", "unreadable_time"]
    assert [row["consents"][0]["is_granted"] for row in found[:2]] == [True, False]
    assert [(row["consents"][0]["purpose"], row["consents"][0]["channel"]) for row in found[:2]] == [
        ("marketing", "email"),
        ("*", "*"),
    ]
    assert all(row["event"] is None for row in found)


def test_a_table_without_columns_of_consents() -> None:
    """A source of consents that does not say where they stand is a sentence."""
    raw = {
        "project": "shop",
        "sources": {"asked": {"vendor": "tabular", "files": "*", **TABLE, "columns": {"attributes": ["plan"]}}},
        "stages": [{"name": "any"}],
        "outcomes": [{"name": "any", "kind": "positive", "touchpoints": ["*"]}],
    }
    with pytest.raises(ConfigError, match=r"is_granted"):
        parse_config(raw)


@pytest.mark.parametrize(
    ("vendor", "name", "row", "expected"),
    [
        ("hubspot", "contact", {"id": "1", "property_createdate": AT, "property_hs_email_optout": "true"}, [False]),
        ("hubspot", "contact", {"id": "1", "property_createdate": AT, "property_hs_email_optout": "false"}, [None]),
        ("hubspot", "contact", {"id": "1", "property_createdate": AT, "property_hs_email_optout": ""}, []),
        ("hubspot", "contact_property_history", {"contact_id": "1", "timestamp": AT, "name": "hs_email_optout", "value": "true"}, [False]),
        ("hubspot", "contact_property_history", {"contact_id": "1", "timestamp": AT, "name": "company", "value": "true"}, []),
        ("hubspot", "email_event", {"id": "1", "created": AT, "type": "SPAMREPORT", "recipient": "ann@example.org"}, [False]),
        ("hubspot", "email_event", {"id": "1", "created": AT, "type": "OPEN", "recipient": "ann@example.org"}, []),
        ("salesforce", "contact", {"id": "1", "last_modified_date": AT, "has_opted_out_of_email": "true", "do_not_call": "false"}, [False, None]),
        ("intercom", "contact_history", {"id": "1", "updated_at": AT, "unsubscribed_from_emails": "true"}, [False]),
        ("intercom", "contact_history", {"id": "1", "updated_at": AT, "unsubscribed_from_emails": "false", "marked_email_as_spam": "true"}, [False]),
        ("mailchimp", "member", {"id": "1", "last_changed": AT, "status": "subscribed"}, [True]),
        ("mailchimp", "member", {"id": "1", "last_changed": AT, "status": "cleaned"}, []),
        ("mailchimp", "unsubscribe", {"member_id": "1", "timestamp": AT}, [False]),
        ("klaviyo", "event", {"id": "1", "datetime": AT, "person_id": "p", "type": "Unsubscribed"}, [False]),
        ("klaviyo", "event", {"id": "1", "datetime": AT, "person_id": "p", "type": "Subscribed to SMS Marketing"}, [True]),
        ("klaviyo", "event", {"id": "1", "datetime": AT, "person_id": "p", "type": "Opened Email"}, []),
        ("marketo", "lead", {"id": "1", "updated_at": AT, "unsubscribed": "true"}, [False]),
        ("marketo", "activity_unsubscribe_email", {"id": "1", "activity_date": AT, "lead_id": "1"}, [False]),
        ("marketo", "activity_open_email", {"id": "1", "activity_date": AT, "lead_id": "1"}, []),
        ("braze", "event", {"id": "1", "time": "1769940000", "event_type": "users.messages.email.Unsubscribe", "external_user_id": "u"}, [False]),
        ("braze", "event", {"id": "1", "time": "1769940000", "event_type": "users.behaviors.subscription.GlobalStateChange", "external_user_id": "u", "channel": "push", "subscription_status": "Subscribed"}, [True]),
        ("braze", "event", {"id": "1", "time": "1769940000", "event_type": "users.messages.email.Open", "external_user_id": "u"}, []),
    ],
)  # fmt: skip
def test_vendors(connection: Any, tmp_path: Path, vendor: str, name: str, row: Any, expected: list[Any]) -> None:
    """Where a vendor keeps who wants no messages, it is a refusal; not to have opted out is no consent."""
    found = _consents(connection, table(tmp_path, f"{name}.csv", row), source_of(vendor))
    assert [is_granted for _, _, is_granted in found] == expected


@pytest.mark.parametrize(
    ("what", "metric", "expected"),
    [
        ("email", "unsubscribed", [("marketing", "email", False)]),
        ("email", "spammed", [("marketing", "email", False)]),
        ("customer", "unsubscribed", [("marketing", "*", False)]),
        ("customer", "subscribed", [("marketing", "*", True)]),
        ("email", "opened", []),
    ],
)
def test_customerio(connection: Any, tmp_path: Path, what: str, metric: str, expected: list[Any]) -> None:
    """Who leaves one channel has not left the others; who leaves all has."""
    row = {
        "event_id": "1",
        "timestamp": 1769940000,
        "object_type": what,
        "metric": metric,
        "data": {"customer_id": "u"},
    }
    assert _consents(connection, json_lines(tmp_path, row), source_of("customerio")) == expected


def test_segment(connection: Any, tmp_path: Path) -> None:
    """Preferences of a consent banner are told when they change and with the person, one for each category."""
    call = {"type": "track", "event": "Seen", "messageId": "m", "userId": "u", "timestamp": "2026-02-01T10:00:00Z"}
    said = {"context": {"consent": {"categoryPreferences": {"Advertising": False, "Analytics/Web": True}}}}
    asked = {**call, **said, "event": "Segment Consent Preference Updated"}
    assert _consents(connection, json_lines(tmp_path, {**call, **said}, name="seen.jsonl"), source_of("segment")) == []
    assert _consents(connection, json_lines(tmp_path, asked), source_of("segment")) == [
        ("advertising", "*", False),
        ("analytics/web", "*", True),
    ]
    assert _consents(connection, json_lines(tmp_path, call, name="other.jsonl"), source_of("segment")) == []
