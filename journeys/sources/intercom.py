"""Intercom: contacts and conversations with their parts, as the API gives them or a loader lands their histories."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.consents import MARKETING, REFUSED, opted_out
from journeys.sources.elements import elements, value_of
from journeys.sources.record import SINCE_EVER, Reading
from journeys.sources.values import number, without_tags
from journeys.sources.vendor_tables import Cell, Each, Telling, Text, VendorTable, read_vendor_table, words


def read_intercom(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of Intercom's tables as records; a conversation finds its contacts by itself or by the link table."""
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
    # To mark a message as spam is to want no more of them, and is never taken back.
    is_spam = cell("marked_email_as_spam").lower() == "true"
    refused = {(MARKETING, "email"): is_spam.ifelse(REFUSED, opted_out(cell("unsubscribed_from_emails")))}
    created_at = cell("created_at")
    return [
        Telling(key.concat(":", since), since, identifiers=who, attributes=said, consents=refused),
        Telling(key, created_at, event="contact_created", identifiers=who, where=created_at.notnull()),
    ]


def _company(cell: Cell) -> list[Telling]:
    key, since = cell("id"), cell("_fivetran_start", "updated_at", "created_at")
    said = {
        "industry": cell("industry"),
        "size": cell("size"),
        "plan": cell("plan_name", "plan.name"),
        "monthly_spend": cell("monthly_spend"),
        "count_users": cell("user_count"),
    }
    return [Telling(words(key, ":", since), since, identifiers={"intercom_company_id": key}, attributes=said)]


def _company_link(cell: Cell) -> list[Telling]:
    company, contact = cell("company_id"), cell("contact_id")
    since = cell("_fivetran_start", "contact_updated_at").fill_null(SINCE_EVER)
    who = {"intercom_contact_id": contact, "intercom_company_id": company}
    return [Telling(words(company, ":", contact, ":", since), since, identifiers=who)]


def _conversation(cell: Cell) -> list[Telling | Each]:
    key = cell("id", "conversation_id")
    contacts, parts = elements(cell("contacts.contacts")), cell("conversation_parts.conversation_parts")
    # A record of the API names its contacts itself; of several, those who joined later have parts of their own.
    who = {
        "intercom_conversation_id": key,
        "intercom_contact_id": value_of(contacts[0], "id"),
        "user_id": value_of(contacts[0], "external_id"),
    }
    rated_at = cell("conversation_rating_created_at", "conversation_rating.created_at")
    rating = cell("conversation_rating_value", "conversation_rating.rating")
    closed_at, state = cell("statistics.last_close_at", "updated_at", "_fivetran_start"), cell("state").lower()
    about = {
        "source": cell("source_type", "source.type"),
        "priority": cell("priority"),
        "by": cell("source_author_type", "source.author.type"),
    }
    took = {
        "seconds_to_reply": cell("statistics.time_to_admin_reply"),
        "seconds_handled": cell("statistics.handling_time"),
        "count_reopens": cell("statistics.count_reopens"),
    }
    return [
        Telling(
            key,
            cell("created_at"),
            event="conversation_started",
            identifiers=who,
            text=without_tags(cell("source_body", "source.body", "source_subject", "source.subject")),
            properties=about,
        ),
        Telling(
            key.concat(":", closed_at),
            closed_at,
            event="conversation_closed",
            identifiers=who,
            properties=took,
            where=state == "closed",
        ),
        Telling(
            key,
            rated_at,
            event="conversation_rated",
            identifiers=who,
            score=rating,
            text=cell("conversation_rating_remark", "conversation_rating.remark"),
            where=rated_at.notnull() & number(rating).notnull(),
        ),
        Each(parts, lambda part: _part_of(part, key)),
    ]


def _part(cell: Cell) -> list[Telling]:
    return _part_of(cell, cell("conversation_id"))


def _part_of(cell: Cell, conversation: Text) -> list[Telling]:
    author, kind = cell("author_type", "author.type").lower(), cell("part_type").lower()
    is_customer = author.isin(("user", "lead", "contact")).fill_null(False)
    who = {
        "intercom_conversation_id": conversation,
        "intercom_contact_id": is_customer.ifelse(cell("author_id", "author.id"), None),
        "email": is_customer.ifelse(cell("author.email"), None),
    }
    return [
        Telling(
            cell("id"),
            cell("created_at"),
            event=is_customer.ifelse("customer_", "team_").concat(kind.fill_null("part")),
            identifiers=who,
            of=ibis.literal("conversation_part"),
            text=without_tags(cell("body")),
        )
    ]


def _link(cell: Cell) -> list[Telling]:
    conversation, contact = cell("conversation_id"), cell("contact_id")
    who = {"intercom_contact_id": contact, "intercom_conversation_id": conversation}
    return [Telling(conversation.concat(":", contact), SINCE_EVER, identifiers=who)]


TABLES: Mapping[str, VendorTable] = {
    "contact": _contact,
    "contacts": _contact,
    "contact_history": _contact,
    "company": _company,
    "companies": _company,
    "company_history": _company,
    "contact_company": _company_link,
    "contact_company_history": _company_link,
    "conversation": _conversation,
    "conversations": _conversation,
    "conversation_history": _conversation,
    "conversation_part": _part,
    "conversation_part_history": _part,
    "conversation_contact": _link,
    "conversation_contact_history": _link,
}
"""Tables that are read, by the names under which loaders land them; records of the API go by the same names."""
