"""Google Analytics 4: events, as BigQuery's export nests them or a loader lands it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.elements import elements, texts_of
from journeys.sources.personal import json_text
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, Text, VendorTable, read_vendor_table, words

_VALUES = tuple(f"$.value.{kind}_value" for kind in ("string", "int", "float", "double"))


def read_ga4(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return the events of Google Analytics 4 as records.

    GA4 has no key of an event: person, name, time and the three places in its batch together are one. So a
    daily table that is restated, or has its events from the table of the day before, brings only what is new.
    """
    return read_vendor_table(connection, path, source, "GA4", TABLES)


def _ga4(cell: Cell) -> list[Telling]:
    person, at, event = (
        cell("user_pseudo_id", "user_id"),
        cell("event_timestamp", "timestamp"),
        cell("event_name", "name"),
    )
    places = [cell(name).fill_null("") for name in ("batch_page_id", "batch_ordering_id", "batch_event_index")]
    given = _parameters(cell("event_params"))

    def parameter(name: str) -> Text:
        return ibis.coalesce(cell(f"param_{name}"), given(name))

    revenue = cell("ecommerce.purchase_revenue", "ecommerce_purchase_revenue")
    dollars = cell(
        *(
            "ecommerce.purchase_revenue_in_usd",
            "ecommerce_purchase_revenue_in_usd",
            "event_value_in_usd",
            "value_in_usd",
        )
    )
    return [
        Telling(
            words(person, ":", event, ":", at, *(part for place in places for part in (":", place))),
            at,
            event=event,
            identifiers={"user_id": cell("user_id"), "anonymous_id": cell("user_pseudo_id")},
            amount=ibis.coalesce(revenue, dollars),
            # Revenue is in the currency that the event names, where it names one; else in the project's.
            currency=revenue.notnull().ifelse(parameter("currency"), dollars.notnull().ifelse("USD", None)),
            properties={
                "page": parameter("page_location"),
                "page_title": parameter("page_title"),
                "session": parameter("ga_session_id"),
                "source": ibis.coalesce(parameter("source"), cell("traffic_source.source", "traffic_source_source")),
                "medium": ibis.coalesce(parameter("medium"), cell("traffic_source.medium", "traffic_source_medium")),
                "campaign": ibis.coalesce(parameter("campaign"), cell("traffic_source.name", "traffic_source_name")),
                "device": cell("device.category", "device_category"),
                "country": cell("geo.country", "geo_country"),
                "transaction": cell("ecommerce.transaction_id", "ecommerce_transaction_id"),
                "items": _items(cell("items")),
            },
        )
    ]


def _parameters(nested: Text) -> Callable[[str], Text]:
    """Return the values of nested parameters by name: whichever of their four kinds of value is set."""
    pairs = elements(nested)

    def parameter(name: str) -> Text:
        named = pairs.filter(lambda pair: json_text(pair, "$.key") == name)
        return named.map(lambda pair: ibis.coalesce(*(json_text(pair, path) for path in _VALUES)))[0].nullif("")

    return parameter


def _items(nested: Text) -> Text:
    """Return the names of the items, one after the other."""
    return texts_of(elements(nested), "item_name").replace("\n", "; ")


TABLES: Mapping[str, VendorTable] = dict.fromkeys(("event", "events", "events_intraday", "events_fresh"), _ga4)
"""The table that is read, by the names under which BigQuery or loaders land it."""
