"""Zendesk: tickets, their comments and status changes, and users, as a loader lands its tables."""

from collections.abc import Mapping

from journeys.sources.record import SINCE_EVER
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, words


def _ticket(cell: Cell) -> list[Telling]:
    key, updated_at = cell("id"), cell("updated_at")
    who = {"zendesk_ticket_id": key, "zendesk_user_id": cell("requester_id", "submitter_id")}
    status = cell("status").lower()
    state = {"priority": cell("priority"), "type": cell("type"), "via": cell("via_channel")}
    text = cell("description", "subject")
    is_solved = status.isin(("solved", "closed")).fill_null(False)
    return [
        Telling(key, cell("created_at"), event="ticket_created", identifiers=who, properties=state, text=text),
        Telling(
            key,
            updated_at,
            event="ticket_solved",
            known_at=updated_at,
            identifiers=who,
            properties=state,
            where=is_solved,
        ),
    ]


def _comment(cell: Cell) -> list[Telling]:
    # Who wrote it, customer or agent, stands in the table of users alone; the ticket says whose it is.
    is_public = (cell("public").lower() != "false").fill_null(True)
    return [
        Telling(
            cell("id"),
            cell("created", "created_at"),
            event=is_public.ifelse("ticket_comment", "ticket_internal_note"),
            identifiers={"zendesk_ticket_id": cell("ticket_id")},
            text=cell("body"),
        )
    ]


def _field(cell: Cell) -> list[Telling]:
    ticket, what, at, value = cell("ticket_id"), cell("field_name").lower(), cell("updated"), cell("value")
    key, who = words(ticket, ":", what, ":", at), {"zendesk_ticket_id": ticket}
    is_status = (what == "status").fill_null(False) & value.notnull()
    return [
        Telling(key, at, identifiers=who),
        Telling(key, at, event=words("ticket_status: ", value), identifiers=who, where=is_status),
    ]


def _chat(cell: Cell) -> list[Telling]:
    ticket = cell("ticket_id")
    who = {"zendesk_ticket_id": ticket, "zendesk_visitor_id": cell("visitor_id")}
    return [Telling(cell("chat_id"), SINCE_EVER, identifiers=who)]


def _user(cell: Cell) -> list[Telling]:
    key, since = cell("id"), cell("updated_at", "created_at")
    role = cell("role").lower()
    is_agent = role.isin(("agent", "admin")).fill_null(False)
    # Agents answer tickets; their own addresses are no customers'.
    who = {
        "zendesk_user_id": key,
        "user_id": is_agent.ifelse(None, cell("external_id")),
        "email": is_agent.ifelse(None, cell("email")),
        "phone": is_agent.ifelse(None, cell("phone")),
    }
    said = {"zendesk_role": role, "language": cell("locale"), "time_zone": cell("time_zone")}
    return [Telling(words(key, ":", since), since, identifiers=who, attributes=said)]


TABLES: Mapping[str, VendorTable] = {
    "ticket": _ticket,
    "ticket_comment": _comment,
    "ticket_field_history": _field,
    "ticket_chat": _chat,
    "user": _user,
}
"""Tables that are read, by the names under which loaders land them."""
