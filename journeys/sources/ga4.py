"""Google Analytics 4: events, as a loader lands the BigQuery export."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words


def read_ga4(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return the events of Google Analytics 4 as records.

    GA4 has no key of an event: person, name, time and the three places in its batch together are one.
    """
    return read_vendor_table(connection, path, source, "GA4", TABLES)


def _ga4(cell: Cell) -> list[Telling]:
    person, at, event = cell("user_pseudo_id"), cell("timestamp", "event_timestamp"), cell("name", "event_name")
    places = [cell(name).fill_null("") for name in ("batch_page_id", "batch_ordering_id", "batch_event_index")]
    return [
        Telling(
            words(person, ":", event, ":", at, ":", *places),
            at,
            event=event,
            identifiers={"user_id": cell("user_id"), "anonymous_id": person},
            amount=cell("ecommerce_purchase_revenue", "ecommerce_purchase_revenue_in_usd", "value_in_usd"),
            currency=(cell("ecommerce_purchase_revenue_in_usd", "value_in_usd").notnull()).ifelse("USD", None),
            properties={
                "page": cell("param_page_location"),
                "source": cell("param_source", "traffic_source_source"),
                "medium": cell("param_medium", "traffic_source_medium"),
                "campaign": cell("param_campaign", "traffic_source_name"),
                "device": cell("device_category"),
            },
        )
    ]


TABLES: Mapping[str, VendorTable] = {"event": _ga4, "events": _ga4}
"""The table that is read, by the names under which loaders land it."""
