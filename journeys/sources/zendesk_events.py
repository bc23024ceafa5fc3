"""Zendesk: ticket events as its webhooks send them, one JSON object a line."""

from typing import Any

import ibis

from journeys.sources.lines import Shape
from journeys.sources.record import conform, identifiers
from journeys.sources.values import first_problem, instant, instant_problem

_PREFIX = "zen:event-type:"
_TEXT = "VARCHAR"

EVENT: Shape = {
    "time": _TEXT,
    "detail": {
        **dict.fromkeys(("id", "requester_id", "created_at", "subject", "description"), _TEXT),
        **dict.fromkeys(("priority", "status", "type"), _TEXT),
        "via": {"channel": _TEXT},
    },
    "event": {**dict.fromkeys(("current", "previous"), _TEXT), "comment": dict.fromkeys(("body", "is_public"), _TEXT)},
}
"""What an event has beside the `id` and `type` that a ticket has as well."""


def is_event(documents: ibis.Table) -> Any:
    """Return which lines are events and no tickets."""
    return documents["json.type"].startswith(_PREFIX).fill_null(False)


def event_records(events: ibis.Table, zone: str | None) -> ibis.Table:
    """Return ticket events as records, called as in exported tickets.

    `ticket_created` has the key of the exported ticket's; `ticket_solved`, `ticket_reopened` (solved no longer) and
    other changes, as in `ticket_status: pending`, that of the event; so have `ticket_comment` and
    `ticket_internal_note`. What else happens to a ticket keeps its name, as in `ticket_priority_changed`.

    Args:
        events: lines of `read_texts`, with the fields of `EVENT`, `id` and `type`.
        zone: zone of times that carry none.
    """

    def value(path: str) -> Any:
        return events[f"json.{path}"]

    what = value("type").substr(len(_PREFIX))
    is_new = what == "ticket.created"
    ticket, now, before = value("detail.id"), value("event.current").lower(), value("event.previous").lower()
    written_at = is_new.ifelse(ibis.coalesce(value("detail.created_at"), value("time")), value("time"))
    at = instant(written_at, zone)
    is_public = (value("event.comment.is_public").lower() != "false").fill_null(True)
    status = ibis.cases(
        (now == "solved", "ticket_solved"),
        ((before == "solved") & (now != "closed"), "ticket_reopened"),
        else_=ibis.literal("ticket_status: ").concat(now),
    )
    message = ibis.array([value("detail.subject"), value("detail.description")])
    message = message.filter(lambda part: part.notnull()).join("\n")
    state = {key: value(f"detail.{key}").lower() for key in ("priority", "status", "type")}
    records = events.mutate(
        source_record_id=is_new.ifelse(ticket + ":created", value("id")),
        event=ibis.cases(
            ((what == "ticket.status_changed") & now.notnull(), status),
            (what == "ticket.comment_added", is_public.ifelse("ticket_comment", "ticket_internal_note")),
            else_=what.replace(".", "_"),
        ),
        event_at=at,
        identifiers=identifiers(zendesk_ticket_id=ticket, zendesk_user_id=value("detail.requester_id")),
        text=ibis.cases(
            (is_new & (message.length() > 0), message),
            (what == "ticket.comment_added", value("event.comment.body")),
        ),
        properties=ibis.struct({**state, "via": value("detail.via.channel").lower()}).cast("json").cast("string"),
    )
    problems = [
        (
            ~what.startswith("ticket."),
            "unknown_event",
            "The event is about no ticket; subscribe the webhook to ticket events alone.",
        ),
        (ticket.isnull(), "missing_id", "The event has no ticket id; send Zendesk's events as they are."),
        *instant_problem(written_at, records.event_at),
    ]
    return conform(first_problem(records, problems))
