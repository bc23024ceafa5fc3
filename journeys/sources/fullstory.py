"""FullStory: the data export's events, with the clicks that show frustration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words

_FRUSTRATIONS = {"eventmodfrustrated": "rage_click", "eventmoddead": "dead_click", "eventmoderror": "error_click"}


def read_fullstory(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return the export's events as records; rage, dead and error clicks go by these names.

    The export has no key of an event: session, page, time, kind and target together are one.
    """
    return read_vendor_table(connection, path, source, "FullStory", TABLES)


def _event(cell: Cell) -> list[Telling]:
    at, kind = cell("eventstart", "event_time"), cell("eventtype", "event_type")
    places = [
        cell(*names).fill_null("")
        for names in (
            ("userid", "device_id"),
            ("sessionid", "session_id"),
            ("pageid", "view_id"),
            ("eventtargetselectortok", "eventtargetselector", "event_properties.target.raw_selector"),
        )
    ]
    flagged = [(_is_set(cell(column)), shown) for column, shown in _FRUSTRATIONS.items()]
    return [
        Telling(
            words(*(part for place in places for part in (place, ":")), at, ":", kind),
            at,
            event=ibis.cases(*flagged, else_=kind),
            identifiers={
                "user_id": cell("userappkey", "user_properties.uid"),
                "email": cell("useremail"),
                "fullstory_user_id": cell("userid", "device_id"),
            },
            properties={"page": cell("pageurl", "source_properties.url"), "target": cell("eventtargettext")},
        )
    ]


def _is_set(flag: Any) -> Any:
    return flag.lower().isin(("1", "true")).fill_null(False)


TABLES: Mapping[str, VendorTable] = {"event": _event, "events": _event}
"""The table that is read, by the names under which loaders land it."""
