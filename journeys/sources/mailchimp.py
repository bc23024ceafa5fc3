"""Mailchimp: members and what they did with campaigns and automations, as a loader lands them or the API reports it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.consents import MARKETING, REFUSED, consent_said
from journeys.sources.record import SINCE_EVER, Reading
from journeys.sources.vendor_tables import Cell, Each, Telling, VendorTable, read_vendor_table, words


def read_mailchimp(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of Mailchimp's tables as records; a member's id is the MD5 of the address, the same in every list."""
    return read_vendor_table(connection, path, source, "Mailchimp", TABLES)


def _activity(of: str) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        member, at, action = cell("member_id", "email_id"), cell("timestamp"), cell("action").lower()
        sent = cell(f"{of}_id")
        return [
            Telling(
                words(sent, ":", member, ":", action, ":", at, ":", cell("url").fill_null("")),
                at,
                event=words("email_", action),
                identifiers={"mailchimp_member_id": member},
                properties={of: sent, "url": cell("url"), "bounce": cell("bounce_type")},
            )
        ]

    return told


def _email(cell: Cell) -> list[Telling | Each]:
    """Tell what the report of a campaign says of one address: a list of what was done, empty where nothing was."""
    campaign, member = cell("campaign_id"), cell("email_id")
    who = {"mailchimp_member_id": member, "email": cell("email_address")}

    def done(activity: Cell) -> list[Telling]:
        at, action = activity("timestamp"), activity("action").lower()
        return [
            Telling(
                words(campaign, ":", member, ":", action, ":", at, ":", activity("url").fill_null("")),
                at,
                event=words("email_", action),
                identifiers=who,
                of=ibis.literal("campaign_recipient_activity"),
                properties={"campaign": campaign, "url": activity("url"), "bounce": activity("type")},
            )
        ]

    return [Telling(words(campaign, ":", member), SINCE_EVER, identifiers=who), Each(cell("activity"), done)]


def _unsubscribe(cell: Cell) -> list[Telling]:
    member, at = cell("member_id"), cell("timestamp")
    key = words(cell("campaign_id").fill_null(""), ":", member, ":", at)
    who = {"mailchimp_member_id": member}
    refused = {(MARKETING, "email"): ibis.literal(REFUSED)}
    return [Telling(key, at, event="unsubscribed", identifiers=who, text=cell("reason"), consents=refused)]


def _member(cell: Cell) -> list[Telling]:
    key, since = cell("id"), cell("last_changed", "timestamp_opt", "timestamp_signup")
    who = {"mailchimp_member_id": key, "email": cell("email_address")}
    said = {"email_status": cell("status"), "language": cell("language"), "time_zone": cell("timezone")}
    signed_up_at = cell("timestamp_signup", "timestamp_opt")
    return [
        Telling(
            words(cell("list_id"), ":", key, ":", since),
            since,
            identifiers=who,
            attributes=said,
            consents={(MARKETING, "email"): consent_said(cell("status"))},
        ),
        Telling(
            words(cell("list_id"), ":", key),
            signed_up_at,
            event="list_joined",
            identifiers=who,
            where=signed_up_at.notnull(),
        ),
    ]


TABLES: Mapping[str, VendorTable] = {
    "campaign_recipient_activity": _activity("campaign"),
    "automation_recipient_activity": _activity("automation_email"),
    "email_activity": _email,
    "unsubscribe": _unsubscribe,
    "member": _member,
}
"""Tables that are read, by the names under which loaders land them."""
