"""Segment: track, identify, page, screen, group and alias calls, one JSON object a line."""

from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.consents import consents_by_purpose
from journeys.sources.lines import Shape, field, read_documents
from journeys.sources.personal import attributes_of, impersonal_object, json_text
from journeys.sources.record import ATTRIBUTES, Reading, conform, identifiers
from journeys.sources.values import first_problem, instant, instant_problem, number, number_problem, present

CALLS = ("track", "identify", "page", "screen", "group", "alias")

_CONSENT_EVENT = "Segment Consent Preference"
"""How the names begin under which Segment's own wrappers track a change of consent."""

_TEXT = "VARCHAR"
_CALL: Shape = {
    **dict.fromkeys(("type", "event", "messageId", "userId", "anonymousId", "previousId", "groupId"), _TEXT),
    **dict.fromkeys(("timestamp", "originalTimestamp", "receivedAt", "name", "properties", "traits"), _TEXT),
    "context": {
        "traits": {"email": _TEXT, "phone": _TEXT},
        "page": {"path": _TEXT},
        "device": {"id": _TEXT},
        "userAgent": _TEXT,
        "groupId": _TEXT,
        "consent": {"categoryPreferences": _TEXT},
    },
}


def read_segment(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return Segment calls as records: one a call.

    A track call keeps its event's name; a page or screen becomes `Page Viewed: <name>` (its path
    where it has no name). Identify and group calls bring attributes and, like alias, join identifiers;
    they are no touchpoints. A group is the customer's account. The amount is `revenue`, else `total`, else `value`; a refund's is negative.
    `receivedAt` is when the source knew of the call.
    """
    documents = read_documents(connection, path, _CALL)

    def value(path: str) -> Any:
        return present(field(documents.document, path))

    def own(key: str) -> Any:
        return present(json_text(field(documents.document, "properties"), f"$.{key}"))

    def trait(key: str) -> Any:
        return present(json_text(field(documents.document, "traits"), f"$.{key}"))

    call = value("type").lower()
    written_at = ibis.coalesce(value("timestamp"), value("originalTimestamp"), value("receivedAt"))
    at = instant(written_at, source.time_zone)
    amount = ibis.coalesce(own("revenue"), own("total"), own("value"))
    is_refund = value("event").lower().isin(("order refunded", "product refunded"))
    is_alias = call == "alias"
    # Every call carries the preferences; those of the calls that tell of the person or of a change are enough.
    tells_consent = (call == "identify") | value("event").startswith(_CONSENT_EVENT).fill_null(False)
    records = documents.mutate(
        source_record_id=value("messageId"),
        event=ibis.cases(
            (call == "track", value("event")),
            (call == "page", _viewed("Page Viewed", value, own)),
            (call == "screen", _viewed("Screen Viewed", value, own)),
        ),
        event_at=at,
        known_at=instant(value("receivedAt"), source.time_zone),
        amount=number(amount) * is_refund.ifelse(-1.0, 1.0),
        currency=own("currency").upper(),
        score=number(ibis.coalesce(own("score"), own("rating"))),
        identifiers=_with_previous(
            is_alias.ifelse(value("previousId"), None),
            user_id=value("userId"),
            email=ibis.coalesce(trait("email"), value("context.traits.email"), own("email")),
            phone=ibis.coalesce(trait("phone"), value("context.traits.phone"), own("phone")),
            device_id=value("context.device.id"),
            anonymous_id=value("anonymousId"),
            account_id=ibis.coalesce((call == "group").ifelse(value("groupId"), None), value("context.groupId")),
        ),
        attributes=ibis.cases(
            (call == "identify", attributes_of(field(documents.document, "traits"), at)),
            (
                (call == "group") & value("groupId").notnull(),
                ibis.array(
                    [ibis.struct({"attribute": "account_id", "value": value("groupId"), "valid_from": at})]
                ).cast(ATTRIBUTES),
            ),
        ),
        consents=tells_consent.ifelse(
            consents_by_purpose(field(documents.document, "context.consent.categoryPreferences"), at), None
        ),
        user_agent=value("context.userAgent"),
        properties=impersonal_object(field(documents.document, "properties")),
    )
    problems = [
        (
            call.isnull() | ~call.isin(CALLS),
            "unknown_call",
            f"The line is no call of Segment; its type must be one of {', '.join(CALLS)}.",
        ),
        (
            (call == "track") & value("event").isnull(),
            "missing_event",
            "The track call does not say what happened; it needs an event.",
        ),
        *instant_problem(written_at, records.event_at),
        number_problem("amount", amount, records.amount),
    ]
    return Reading(conform(first_problem(records, problems)), int(documents.count().execute()))


def _viewed(what: str, value: Any, own: Any) -> Any:
    shown = ibis.coalesce(value("name"), own("name"), own("path"), value("context.page.path"))
    return shown.isnull().ifelse(ibis.literal(what), ibis.literal(f"{what}: ").concat(shown))


def _with_previous(previous: Any, **values: Any) -> Any:
    """Return the identifiers of a call; an alias names a second one whom the same visitor was before."""
    return identifiers(**values).concat(identifiers(anonymous_id=previous))
