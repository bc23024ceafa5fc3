"""PostHog: events, as a batch export or the API gives them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table


def read_posthog(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return PostHog's events as records; a person who logs in keeps the device of before."""
    return read_vendor_table(connection, path, source, "PostHog", TABLES)


def _event(cell: Cell) -> list[Telling]:
    user, device = cell("properties.$user_id"), cell("properties.$device_id", "device_id")
    return [
        Telling(
            cell("uuid", "id"),
            cell("timestamp"),
            event=cell("event"),
            known_at=cell("inserted_at", "created_at", "_inserted_at"),
            identifiers={
                "user_id": user,
                "posthog_distinct_id": cell("distinct_id"),
                "email": cell("properties.$set.email", "person_properties.email"),
                "device_id": device,
            },
            amount=cell("properties.revenue", "properties.$revenue"),
            currency=cell("properties.currency"),
            properties={
                "page": cell("properties.$current_url"),
                "path": cell("properties.$pathname"),
                "browser": cell("properties.$browser"),
                "session": cell("properties.$session_id"),
            },
        )
    ]


TABLES: Mapping[str, VendorTable] = {"event": _event, "events": _event}
"""The table that is read, by the names under which loaders land it."""
