"""Marketo: leads and their activities, as a loader lands them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.consents import MARKETING, REFUSED, opted_out
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words

_ACTIVITIES = (
    *("click_email", "email_bounced", "email_delivered", "open_email", "send_email", "unsubscribe_email"),
    *("change_data_value", "delete_lead", "fill_out_form", "visit_webpage", "click_link", "new_lead"),
)


def read_marketo(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of Marketo's tables as records."""
    return read_vendor_table(connection, path, source, "Marketo", TABLES)


def _activity(kind: str) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        return [
            Telling(
                cell("id"),
                cell("activity_date"),
                event=kind,
                identifiers={"marketo_lead_id": cell("lead_id")},
                consents={(MARKETING, "email"): ibis.literal(REFUSED)} if kind == "unsubscribe_email" else {},
                properties={"campaign": cell("campaign_id"), "reason": cell("reason"), "device": cell("device")},
            )
        ]

    return told


def _merge(cell: Cell) -> list[Telling]:
    kept, gone = cell("lead_id"), cell("merge_ids")
    # Several leads merged at once stand in brackets; the first is joined here, the others by their own rows.
    first = gone.re_extract(r"(\d+)", 1).nullif("")
    who = {"marketo_lead_id": kept, "marketo_merged_lead_id": first}
    return [Telling(cell("id"), cell("activity_date"), event="merge_leads", identifiers=who)]


def _lead(cell: Cell) -> list[Telling]:
    key, since = cell("id"), cell("updated_at", "created_at")
    who = {"marketo_lead_id": key, "email": cell("email"), "phone": cell("phone", "mobile_phone")}
    said = {"lead_status": cell("lead_status"), "lead_source": cell("lead_source")}
    created_at = cell("created_at")
    return [
        Telling(
            words(key, ":", since),
            since,
            identifiers=who,
            attributes=said,
            consents={(MARKETING, "email"): opted_out(cell("unsubscribed"))},
        ),
        Telling(key, created_at, event="lead_created", identifiers=who, where=created_at.notnull()),
    ]


TABLES: Mapping[str, VendorTable] = {
    **{f"activity_{kind}": _activity(kind) for kind in _ACTIVITIES},
    "activity_merge_leads": _merge,
    "lead": _lead,
}
"""Tables that are read, by the names under which loaders land them."""
