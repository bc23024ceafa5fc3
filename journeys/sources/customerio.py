"""Customer.io: reporting webhooks, one message's or customer's event a line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.consents import ALL, MARKETING, REFUSED, consent_said
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table

_OBJECTS = {
    "customer": "Customer",
    "email": "Email",
    "push": "Push",
    "sms": "SMS",
    "slack": "Slack Message",
    "webhook": "Webhook Message",
    "in_app": "In-App Message",
}
_METRICS = {"clicked": "Link Clicked"}


def read_customerio(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return webhook payloads as records, named as in `Email Link Clicked`; `event_id` is their key."""
    return read_vendor_table(connection, path, source, "Customer.io", TABLES)


def _event(cell: Cell) -> list[Telling]:
    what, metric = cell("object_type").lower(), cell("metric").lower()
    thing = ibis.cases(*((what == name, shown) for name, shown in _OBJECTS.items()), else_=what.capitalize())
    happened = ibis.cases(*((metric == name, shown) for name, shown in _METRICS.items()), else_=metric.capitalize())
    properties = {
        "eventId": "event_id",
        "deliveryId": "data.delivery_id",
        "actionId": "data.action_id",
        "broadcastId": "data.broadcast_id",
        "campaignId": "data.campaign_id",
        "contentId": "data.content_id",
        "newsletterId": "data.newsletter_id",
        "transactionalMessageId": "data.transactional_message_id",
        "emailSubject": "data.subject",
        "reason": "data.failure_message",
        "linkUrl": "data.href",
        "linkId": "data.link_id",
    }
    return [
        Telling(
            cell("event_id"),
            cell("timestamp"),
            event=thing.concat(" ", happened),
            identifiers={
                "user_id": cell("data.identifiers.id", "data.customer_id"),
                "customerio_id": cell("data.identifiers.cio_id"),
                "email": cell("data.identifiers.email", "data.email_address"),
            },
            consents={
                (MARKETING, "email"): ((what == "email") & metric.isin(("unsubscribed", "spammed"))).ifelse(
                    REFUSED, None
                ),
                (MARKETING, ALL): (what == "customer").ifelse(consent_said(metric), None),
            },
            text=cell("data.content"),
            properties={shown: cell(column) for shown, column in properties.items()},
        )
    ]


TABLES: Mapping[str, VendorTable] = {"event": _event}
"""What a line tells."""
