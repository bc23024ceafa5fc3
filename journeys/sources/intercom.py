"""Intercom: contacts and conversations with their parts, as a loader lands their histories."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.values import number
from journeys.sources.vendor_tables import SINCE_EVER, Cell, Telling, VendorTable, read_vendor_table


def read_intercom(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of Intercom's tables as records; a conversation finds its contacts by the link table."""
    return read_vendor_table(connection, path, source, "Intercom", TABLES)


def _contact(cell: Cell) -> list[Telling]:
    key, since = cell("id"), cell("_fivetran_start", "updated_at", "created_at")
    who = {
        "intercom_contact_id": key,
        "user_id": cell("external_id", "user_id"),
        "email": cell("email"),
        "phone": cell("phone"),
    }
    said = {"role": cell("role"), "language": cell("browser_language", "language_override")}
    created_at = cell("created_at")
    return [
        Telling(key.concat(":", since), since, identifiers=who, attributes=said),
        Telling(key, created_at, event="contact_created", identifiers=who, where=created_at.notnull()),
    ]


def _conversation(cell: Cell) -> list[Telling]:
    key = cell("id", "conversation_id")
    who = {"intercom_conversation_id": key}
    rated_at, rating = cell("conversation_rating_created_at"), cell("conversation_rating_value")
    closed_at, state = cell("updated_at", "_fivetran_start"), cell("state").lower()
    return [
        Telling(
            key,
            cell("created_at"),
            event="conversation_started",
            identifiers=who,
            text=cell("source_body", "source_subject"),
            properties={"source": cell("source_type"), "priority": cell("priority"), "by": cell("source_author_type")},
        ),
        Telling(
            key.concat(":", closed_at), closed_at, event="conversation_closed", identifiers=who, where=state == "closed"
        ),
        Telling(
            key,
            rated_at,
            event="conversation_rated",
            identifiers=who,
            score=rating,
            text=cell("conversation_rating_remark"),
            where=rated_at.notnull() & number(rating).notnull(),
        ),
    ]


def _part(cell: Cell) -> list[Telling]:
    author, kind = cell("author_type").lower(), cell("part_type").lower()
    is_customer = author.isin(("user", "lead", "contact")).fill_null(False)
    who = {
        "intercom_conversation_id": cell("conversation_id"),
        "intercom_contact_id": is_customer.ifelse(cell("author_id"), None),
    }
    return [
        Telling(
            cell("id"),
            cell("created_at"),
            event=is_customer.ifelse("customer_", "team_").concat(kind.fill_null("part")),
            identifiers=who,
            text=cell("body"),
        )
    ]


def _link(cell: Cell) -> list[Telling]:
    conversation, contact = cell("conversation_id"), cell("contact_id")
    who = {"intercom_contact_id": contact, "intercom_conversation_id": conversation}
    return [Telling(conversation.concat(":", contact), SINCE_EVER, identifiers=who)]


TABLES: Mapping[str, VendorTable] = {
    "contact": _contact,
    "contact_history": _contact,
    "conversation": _conversation,
    "conversation_history": _conversation,
    "conversation_part": _part,
    "conversation_part_history": _part,
    "conversation_contact": _link,
    "conversation_contact_history": _link,
}
"""Tables that are read, by the names under which loaders land them."""
