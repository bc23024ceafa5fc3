"""Iterable: events and users, as a loader lands them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words


def read_iterable(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of Iterable's tables as records."""
    return read_vendor_table(connection, path, source, "Iterable", TABLES)


def _event(cell: Cell) -> list[Telling]:
    return [
        Telling(
            cell("_fivetran_id", "message_id", "event_id"),
            cell("created_at"),
            event=cell("event_name"),
            identifiers={"email": cell("email"), "iterable_user_id": cell("_fivetran_user_id", "iterable_user_id")},
            properties={
                "campaign": cell("campaign_id"),
                "message": cell("message_id"),
                "unsubscribe_source": cell("unsub_source"),
            },
        )
    ]


def _user(cell: Cell) -> list[Telling]:
    address, since = cell("email"), cell("updated_at", "signup_date")
    key = cell("iterable_user_id", "user_id", "_fivetran_id").fill_null(address)
    who = {
        "email": address,
        "user_id": cell("user_id"),
        "phone": cell("phone_number"),
        "iterable_user_id": cell("iterable_user_id"),
    }
    signed_up_at = cell("signup_date")
    return [
        Telling(words(key, ":", since), since, identifiers=who, attributes={"signup_source": cell("signup_source")}),
        Telling(key, signed_up_at, event="signed_up", identifiers=who, where=signed_up_at.notnull()),
    ]


def _unsubscribed(what: str) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        at, thing, who = cell("updated_at"), cell(f"{what}_id"), {"email": cell("email")}
        return [
            Telling(
                words(thing, ":", cell("email"), ":", at),
                at,
                event=f"unsubscribed_{what}",
                identifiers=who,
                properties={what: thing},
            )
        ]

    return told


TABLES: Mapping[str, VendorTable] = {
    "event": _event,
    "user": _user,
    "user_history": _user,
    "user_unsubscribed_channel_history": _unsubscribed("channel"),
    "user_unsubscribed_message_type_history": _unsubscribed("message_type"),
}
"""Tables that are read, by the names under which loaders land them."""
