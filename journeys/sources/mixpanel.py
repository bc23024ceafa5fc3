"""Mixpanel: events, as a loader lands them or as the raw export gives them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words


def read_mixpanel(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return Mixpanel's events as records.

    Its export repeats events: name, person, time and insert id together are the key.
    """
    return read_vendor_table(connection, path, source, "Mixpanel", TABLES)


def _mixpanel(cell: Cell) -> list[Telling]:
    person, at, event = (
        cell("distinct_id", "properties.distinct_id"),
        cell("time", "properties.time"),
        cell("name", "event"),
    )
    insert = cell("insert_id", "properties.$insert_id", "event_id", "_fivetran_id")
    is_page = cell("current_url", "properties.$current_url").notnull()
    return [
        Telling(
            words(event, ":", person, ":", at, ":", insert),
            at,
            event=event,
            known_at=cell("mp_processing_time_ms", "properties.mp_processing_time_ms"),
            identifiers={
                "user_id": cell("user_id", "properties.$user_id"),
                "mixpanel_distinct_id": person,
                "device_id": cell("device_id", "properties.$device_id"),
            },
            channel=is_page.ifelse("website", None),
            properties={
                "os": cell("os", "properties.$os"),
                "app_version": cell("app_version"),
                "page": cell("current_url", "properties.$current_url"),
                "model": cell("model"),
            },
        )
    ]


TABLES: Mapping[str, VendorTable] = {"event": _mixpanel, "events": _mixpanel}
"""The table that is read, by the names under which loaders land it."""
