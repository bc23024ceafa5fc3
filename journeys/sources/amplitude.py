"""Amplitude: events, as a loader lands them or as the zip archives of the export API."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table


def read_amplitude(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return Amplitude's events as records; `uuid` is their key and the server's time when they were known."""
    return read_vendor_table(connection, path, source, "Amplitude", TABLES)


def _amplitude(cell: Cell) -> list[Telling]:
    key = cell("uuid", "$insert_id", "_insert_id", "id")
    return [
        Telling(
            key,
            cell("event_time", "client_event_time"),
            event=cell("event_type", "amplitude_event_type"),
            known_at=cell("server_upload_time", "server_received_time"),
            identifiers={
                "user_id": cell("user_id"),
                "device_id": cell("device_id"),
                "amplitude_id": cell("amplitude_id"),
            },
            properties={
                "platform": cell("platform"),
                "os": cell("os_name"),
                "version": cell("version_name"),
                "country": cell("country"),
            },
        )
    ]


TABLES: Mapping[str, VendorTable] = {"event": _amplitude, "events": _amplitude}
"""The table that is read, by the names under which loaders land it."""
