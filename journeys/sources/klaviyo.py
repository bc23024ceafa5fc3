"""Klaviyo: events and persons, as a loader lands them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.consents import GIVEN, MARKETING, REFUSED
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, Text, VendorTable, read_vendor_table, words


def read_klaviyo(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of Klaviyo's tables as records."""
    return read_vendor_table(connection, path, source, "Klaviyo", TABLES)


_REFUSED = {
    "email": ("unsubscribed", "unsubscribed from email marketing", "marked email as spam"),
    "sms": ("unsubscribed from sms", "unsubscribed from sms marketing"),
}
_GIVEN = {
    "email": ("subscribed to email marketing",),
    "sms": ("subscribed to sms marketing", "consented to receive sms"),
}


def _said(event: Text, channel: str) -> Text:
    return ibis.cases((event.isin(_GIVEN[channel]), GIVEN), (event.isin(_REFUSED[channel]), REFUSED))


def _event(cell: Cell) -> list[Telling]:
    what = cell("type", "metric_name", "metric_id").lower()
    return [
        Telling(
            cell("uuid", "id"),
            cell("datetime", "timestamp"),
            event=cell("type", "metric_name", "metric_id"),
            identifiers={"klaviyo_profile_id": cell("person_id", "profile_id")},
            consents={
                (MARKETING, "email"): _said(what, "email"),
                (MARKETING, "sms"): _said(what, "sms"),
            },
            amount=cell("property_value", "propertyvalue"),
            currency=cell("property_currency_code", "propertycurrencycode"),
            properties={
                "campaign": cell("campaign_id"),
                "flow": cell("flow_id"),
                "variation": cell("_variation"),
                "url": cell("property_url", "propertyurl"),
            },
        )
    ]


def _person(cell: Cell) -> list[Telling]:
    key, since = cell("id"), cell("updated", "created")
    who = {
        "klaviyo_profile_id": key,
        "email": cell("email"),
        "phone": cell("phone_number"),
        "user_id": cell("external_id"),
    }
    said = {
        "time_zone": cell("timezone"),
        "country": cell("country"),
        "consent": cell("custom_consent"),
        "source": cell("custom_source"),
    }
    created_at = cell("created")
    return [
        Telling(words(key, ":", since), since, identifiers=who, attributes=said),
        Telling(key, created_at, event="profile_created", identifiers=who, where=created_at.notnull()),
    ]


TABLES: Mapping[str, VendorTable] = {"event": _event, "event_norename": _event, "person": _person, "profile": _person}
"""Tables that are read, by the names under which loaders land them."""
