"""Telephone calls as Twilio, Aircall and Zoom Phone record them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.elements import elements, value_of
from journeys.sources.record import LEG, Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table

_NUMBER = r"^\+?[\d\s().\-]{5,}$"
_UNANSWERED = (
    *("no-answer", "busy", "failed", "canceled"),
    *("missed", "call missed", "no answer", "no_answer", "voicemail", "abandoned", "rejected", "call failed"),
    *("call cancel", "call canceled", "canceled_by_caller", "not_answered", "voicemail_left"),
)


def read_calls(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return calls as records: `call_received`, `call_missed` or, of what the business dialled, `call_made`.

    The number of the customer's side is the identifier: who called, or was called. A leg that Twilio
    records beside its call is refused with that reason, and is no fault: the call itself is told.
    """
    return read_vendor_table(connection, path, source, "calls", TABLES)


def _call(cell: Cell) -> list[Telling]:
    parent = cell("parent_call_sid")
    direction = cell("direction").lower()
    is_inbound = direction.startswith("inbound") | (direction == "trunking-originating")
    # Aircall names the other side's number whatever the direction.
    customer = ibis.coalesce(
        cell("raw_digits"),
        is_inbound.ifelse(
            cell("from", "caller_number", "caller_did_number"), cell("to", "callee_number", "callee_did_number")
        ),
    )
    outcome = cell("status", "result", "call_result").lower()
    is_aircall = cell("raw_digits", "missed_call_reason").notnull()
    is_missed = outcome.isin(_UNANSWERED).fill_null(False) | cell("missed_call_reason").notnull()
    is_missed |= is_aircall & cell("answered_at").isnull()
    missed = is_missed.ifelse("call_missed", "call_received")
    return [
        Telling(
            cell("sid", "id", "call_id"),
            cell("start_time", "started_at", "date_time", "date_created"),
            event=is_inbound.ifelse(missed, "call_made"),
            known_at=cell("end_time", "ended_at"),
            identifiers={
                "phone": customer.re_search(_NUMBER).ifelse(customer, None),
                "email": value_of(elements(cell("contact.emails"))[0], "value"),
            },
            channel="phone",
            text=value_of(elements(cell("comments"))[0], "content"),
            properties={
                "duration": cell("duration"),
                "outcome": outcome,
                "reason": cell("missed_call_reason"),
                "queue": cell("number.name"),
            },
            problems=[
                (
                    direction.isnull(),
                    "missing_direction",
                    "The call does not say who called whom; export its direction.",
                ),
                (parent.notnull(), LEG, "The row is a leg of another call, which is told itself."),
            ],
        )
    ]


TABLES: Mapping[str, VendorTable] = dict.fromkeys(("call", "calls", "call_log", "call_logs", "call_history"), _call)
"""Tables that are read, by the names under which they are exported."""
