"""Zendesk: tickets as the incremental cursor export gives them, and events of webhooks, one JSON object a line."""

from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.lines import Shape, read_texts
from journeys.sources.record import Reading, conform, identifiers
from journeys.sources.table_names import is_table
from journeys.sources.values import first_problem, instant, instant_problem, number
from journeys.sources.vendor_tables import read_vendor_table
from journeys.sources.zendesk_events import EVENT, event_records, is_event
from journeys.sources.zendesk_tables import TABLES

_TEXT = "VARCHAR"
_TICKET: Shape = {
    **dict.fromkeys(("id", "created_at", "updated_at", "solved_at", "generated_timestamp", "subject"), _TEXT),
    **dict.fromkeys(("description", "priority", "status", "type", "requester_id"), _TEXT),
    "requester": dict.fromkeys(("id", "email", "phone", "external_id"), _TEXT),
    "via": {"channel": _TEXT, "source": {"from": {"address": _TEXT, "phone": _TEXT}}},
    "satisfaction_rating": dict.fromkeys(("score", "comment", "created_at", "updated_at"), _TEXT),
    "metric_set": {
        **dict.fromkeys(("solved_at", "reopens", "replies", "status_updated_at"), _TEXT),
        "reply_time_in_minutes": {"calendar": _TEXT},
    },
}
_SOLVED = ("solved", "closed")


def read_zendesk(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return tickets as records: what happened to each ticket, as far as its export says when.

    `ticket_created`; `ticket_solved` at the metric set's `solved_at` (else, for a solved ticket, its
    last update); `ticket_reopened` while it is open again; `satisfaction_rated_good` and `_bad` with
    score 1 and 0. Creation and solution are known when they happen; what only this version of the
    ticket shows is known at its `generated_timestamp`. Events of webhooks become records by `event_records`.
    """
    if is_table(path):
        return read_vendor_table(connection, path, source, "Zendesk", TABLES)
    lines = read_texts(connection, path, {**_TICKET, **EVENT})
    documents = lines.filter(~is_event(lines))

    def value(path: str) -> Any:
        return documents[f"json.{path}"]

    created_at, updated_at = (instant(value(key), source.time_zone) for key in ("created_at", "updated_at"))
    solved_at = instant(ibis.coalesce(value("metric_set.solved_at"), value("solved_at")), source.time_zone)
    reopens = ibis.coalesce(number(value("metric_set.reopens")), 0.0).cast("int64")
    tickets = documents.mutate(
        ticket=value("id"),
        created_at=created_at,
        updated_at=updated_at,
        generated_at=ibis.coalesce(instant(value("generated_timestamp"), source.time_zone), updated_at),
        solved_at=solved_at,
        reopened_at=ibis.coalesce(instant(value("metric_set.status_updated_at"), source.time_zone), updated_at),
        rated_at=instant(
            ibis.coalesce(value("satisfaction_rating.updated_at"), value("satisfaction_rating.created_at")),
            source.time_zone,
        ),
        reopens=reopens,
        is_solved=value("status").lower().isin(_SOLVED).fill_null(False),
        rating=value("satisfaction_rating.score").lower(),
        comment=value("satisfaction_rating.comment"),
        message=ibis.array([value("subject"), value("description")]).filter(lambda part: part.notnull()).join("\n"),
        identifiers=identifiers(
            user_id=value("requester.external_id"),
            email=ibis.coalesce(value("requester.email"), _sender(value, "email", "address")),
            phone=ibis.coalesce(value("requester.phone"), _sender(value, "voice", "phone")),
            zendesk_user_id=ibis.coalesce(value("requester_id"), value("requester.id")),
        ),
        properties=ibis.struct(
            {
                "priority": value("priority"),
                "status": value("status"),
                "type": value("type"),
                "via": value("via.channel"),
                "replies": number(value("metric_set.replies")),
                "reopens": reopens,
                "first_reply_minutes": number(value("metric_set.reply_time_in_minutes.calendar")),
            }
        )
        .cast("json")
        .cast("string"),
    )
    problems = [
        (tickets.ticket.isnull(), "missing_id", "The line has no ticket id; export whole tickets."),
        *instant_problem(value("created_at"), tickets.created_at),
    ]
    tickets = first_problem(tickets, problems)
    records = ibis.union(conform(_outcomes(tickets)), event_records(lines.filter(is_event(lines)), source.time_zone))
    return Reading(records, int(lines.count().execute()))


def _sender(value: Any, channel: str, key: str) -> Any:
    # For tickets that came by e-mail or voice, Zendesk keeps the sender's address here.
    return (value("via.channel").lower() == channel).ifelse(value(f"via.source.from.{key}"), ibis.null("string"))


def _outcomes(tickets: ibis.Table) -> ibis.Table:
    """Return one row per thing that happened to a ticket; a refused line keeps its one row."""
    good = tickets.filter(tickets.problem_rule.isnull())
    created = tickets.mutate(
        source_record_id=tickets.ticket + ":created",
        event=ibis.literal("ticket_created"),
        event_at=tickets.created_at,
        text=(tickets.message.length() > 0).ifelse(tickets.message, ibis.null("string")),
    )
    solved = good.filter(good.is_solved | good.solved_at.notnull())
    solved = solved.filter(solved.solved_at.notnull() | solved.updated_at.notnull())
    solved = solved.mutate(
        source_record_id=solved.ticket.concat(":solved:", solved.reopens.cast("string")),
        event=ibis.literal("ticket_solved"),
        event_at=ibis.coalesce(solved.solved_at, solved.updated_at),
        known_at=solved.solved_at.isnull().ifelse(solved.generated_at, None),
    )
    reopened = good.filter((good.reopens > 0) & ~good.is_solved & good.reopened_at.notnull())
    reopened = reopened.mutate(
        source_record_id=reopened.ticket.concat(":reopened:", reopened.reopens.cast("string")),
        event=ibis.literal("ticket_reopened"),
        event_at=reopened.reopened_at,
        known_at=reopened.generated_at,
    )
    rated = good.filter(good.rating.isin(("good", "bad")))
    rated = rated.filter(rated.rated_at.notnull() | rated.updated_at.notnull())
    rated = rated.mutate(
        source_record_id=rated.ticket.concat(":rated:", rated.rating),
        event=ibis.literal("satisfaction_rated_").concat(rated.rating),
        event_at=ibis.coalesce(rated.rated_at, rated.updated_at),
        known_at=rated.generated_at,
        score=(rated.rating == "good").ifelse(1.0, 0.0),
        text=rated.comment,
    )
    return ibis.union(*(conform(outcome) for outcome in (created, solved, reopened, rated)))
