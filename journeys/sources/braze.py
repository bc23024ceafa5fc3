"""Braze: the files of Currents, Avro or JSON lines, in a folder for each type of event."""

from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.consents import MARKETING, REFUSED, consent_said
from journeys.sources.personal import impersonal_object
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table

_FOLDER = "event_type="
_CHANNELS = {
    "email": "email",
    "pushnotification": "push",
    "sms": "sms",
    "inappmessage": "in_app",
    "contentcard": "content_card",
    "whatsapp": "whatsapp",
    "webhook": "webhook",
}
_CUSTOM = "users.behaviors.CustomEvent"
_STATE = "users.behaviors.subscription.GlobalStateChange"
_LEAVES = ("users.messages.email.Unsubscribe", "users.messages.email.MarkAsSpam")
_KEPT = {
    "campaign": ("campaign_name", "campaign_id"),
    "canvas": ("canvas_name", "canvas_id"),
    "variation": ("message_variation_id", "canvas_variation_id"),
    "link": ("link_url", "url"),
    "product": ("product_id",),
    "platform": ("platform",),
    "app": ("app_id",),
    "send": ("send_id",),
    "reason": ("bounce_reason", "error"),
}


def read_braze(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return the events of Currents as records; one that Braze writes twice keeps its id and counts once.

    The type of event is the folder's, as in `event_type=users.messages.email.Open`, or stands in a
    column `event_type`. A custom event goes by its own name.
    """
    return read_vendor_table(connection, path, source, "Braze", {"event": _event(event_type(path))})


def event_type(path: Path) -> str | None:
    """Return the type of event that a file's folder names, or None.

    >>> event_type(Path("currents/event_type=users.messages.sms.Send/date=2026-02-01-03/part.avro"))
    'users.messages.sms.Send'
    """
    return next((part.removeprefix(_FOLDER) for part in reversed(path.parts[:-1]) if part.startswith(_FOLDER)), None)


def _state_of(cell: Cell, kind: Any, channel: str) -> Any:
    is_told = (kind == _STATE) & (cell("channel").lower() == channel)
    return is_told.ifelse(consent_said(cell("subscription_status")), None)


def _event(of_folder: str | None) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        kind = cell("event_type") if of_folder is None else ibis.literal(of_folder)
        message = kind.re_extract(r"^users\.messages\.([a-z]+)\.", 1)
        said = cell("properties").try_cast("json").cast("string")
        kept = {shown: cell(*columns) for shown, columns in _KEPT.items()}
        kept["properties"] = impersonal_object(said.startswith("{").ifelse(said, None)).try_cast("json")
        return [
            Telling(
                cell("id"),
                cell("time"),
                event=(kind == _CUSTOM).ifelse(cell("name"), kind),
                identifiers={
                    "user_id": cell("external_user_id"),
                    "email": cell("email_address"),
                    "phone": cell("to_phone_number", "user_phone_number"),
                    "braze_user_id": cell("user_id"),
                    "device_id": cell("device_id"),
                },
                consents={
                    (MARKETING, "email"): kind.isin(_LEAVES).ifelse(REFUSED, _state_of(cell, kind, "email")),
                    (MARKETING, "push"): _state_of(cell, kind, "push"),
                },
                amount=cell("price"),
                currency=cell("currency"),
                channel=ibis.cases(*((message == name, channel) for name, channel in _CHANNELS.items())),
                properties=kept,
                problems=[
                    (
                        kind.isnull(),
                        "missing_event",
                        "The row has no type of event; keep the file in its folder, as in event_type=users.messages.email.Open.",
                    )
                ],
            )
        ]

    return told
