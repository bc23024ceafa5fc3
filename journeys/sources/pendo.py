"""Pendo: events of pages, features, guides and polls, and visitors, as a loader lands them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words


def read_pendo(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return Pendo's events and visitors as records."""
    return read_vendor_table(connection, path, source, "Pendo", TABLES)


def _pendo_event(kind: str) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        visitor, at = cell("visitor_id"), cell("timestamp")
        thing = cell("guide_id" if kind in {"guide", "poll"} else f"{kind}_id", "page_id", "feature_id")
        key = cell("_fivetran_id", "event_id")
        drawn = words(visitor, ":", at, ":", thing.fill_null(""), ":", cell("app_id").fill_null(""))
        event = cell("type") if kind in {"guide", "poll"} else words(f"{kind}_used: ", thing)
        return [
            Telling(
                key.fill_null(drawn),
                at,
                event=event,
                identifiers={"pendo_visitor_id": visitor},
                properties={"guide": cell("guide_id"), "step": cell("guide_step_id"), "account": cell("account_id")},
            )
        ]

    return told


def _visitor(cell: Cell) -> list[Telling]:
    key, since = cell("id"), cell("last_updated_at", "first_visit")
    who = {"pendo_visitor_id": key, "email": cell("agent_email", "pendo_lastemail")}
    said = {"role": cell("agent_role"), "account": cell("account_id"), "language": cell("agent_language")}
    return [Telling(words(key, ":", since), since, identifiers=who, attributes=said)]


TABLES: Mapping[str, VendorTable] = {
    "event": _pendo_event("page"),
    "page_event": _pendo_event("page"),
    "feature_event": _pendo_event("feature"),
    "guide_event": _pendo_event("guide"),
    "poll_event": _pendo_event("poll"),
    "visitor": _visitor,
    "visitor_history": _visitor,
}
"""Tables that are read, by the names under which loaders land them."""
