"""Stripe: Event objects, one JSON object a line."""

from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.lines import Shape, field, read_documents
from journeys.sources.personal import json_text
from journeys.sources.record import ATTRIBUTES, Reading, conform, identifiers
from journeys.sources.stripe_money import units_in_one
from journeys.sources.stripe_tables import TABLES
from journeys.sources.table_names import is_table
from journeys.sources.values import first_problem, instant, instant_problem, number, present
from journeys.sources.vendor_tables import read_vendor_table

_MONEY = (
    "invoice.paid",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
    "invoice.payment_succeeded",
)
"""Events by which money came in. One payment causes several of them; the first of these that a file holds counts it."""

_TEXT = "VARCHAR"
_PERSON: Shape = dict.fromkeys(("email", "phone"), _TEXT)
_PRICE: Shape = dict.fromkeys(("id", "nickname", "lookup_key"), _TEXT)
_EVENT: Shape = {
    **dict.fromkeys(("id", "type", "created"), _TEXT),
    "data": {
        "object": {
            **dict.fromkeys(("id", "object", "customer", "customer_email", "receipt_email", "email", "phone"), _TEXT),
            **dict.fromkeys(("amount", "amount_paid", "amount_total", "amount_refunded", "amount_received"), _TEXT),
            **dict.fromkeys(("currency", "status", "payment_intent", "charge", "billing_reason"), _TEXT),
            **dict.fromkeys(("attempt_count", "failure_code", "cancel_at_period_end", "payment_status"), _TEXT),
            "cancellation_details": dict.fromkeys(("reason", "feedback", "comment"), _TEXT),
            "billing_details": _PERSON,
            "customer_details": _PERSON,
            "metadata": {"user_id": _TEXT},
            "plan": _PRICE,
            "items": {"data": [{"price": _PRICE}]},
        },
        "previous_attributes": {"amount_refunded": _TEXT},
    },
}


def read_stripe(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return Stripe events as records: one an event, named by its type.

    An amount is money that came in, counted once however many events one payment causes; a refund's is
    negative; an event that moved no money has none. Subscriptions bring the attributes `plan` and
    `subscription_status`.
    """
    if is_table(path):
        return read_vendor_table(connection, path, source, "Stripe", TABLES)
    documents = read_documents(connection, path, _EVENT)

    def value(path: str) -> Any:
        return present(field(documents.document, path))

    def own(path: str) -> Any:
        return value(f"data.object.{path}")

    kind = value("type")
    at = instant(value("created"), source.time_zone)
    price = field(documents.document, "data.object.items.data")[0]["price"]
    plan = ibis.coalesce(
        *(present(part) for part in (price["lookup_key"], price["nickname"], price["id"])),
        own("plan.nickname"),
        own("plan.id"),
    )
    events = documents.mutate(
        source_record_id=value("id"),
        event=kind,
        event_at=at,
        minor=_minor(kind, own, number(value("data.previous_attributes.amount_refunded"))),
        payment=ibis.coalesce(_id(own("payment_intent")), _id(own("charge")), own("id")),
        currency=own("currency").upper(),
        identifiers=identifiers(
            stripe_customer_id=(own("object") == "customer").ifelse(own("id"), _id(own("customer"))),
            user_id=own("metadata.user_id"),
            email=ibis.coalesce(
                *(own(key) for key in ("customer_email", "receipt_email", "email")),
                *(own(f"{key}.email") for key in ("customer_details", "billing_details")),
            ),
            phone=ibis.coalesce(own("phone"), own("customer_details.phone"), own("billing_details.phone")),
        ),
        attributes=kind.startswith("customer.subscription.").ifelse(
            ibis.array(
                [
                    ibis.struct({"attribute": "plan", "value": plan, "valid_from": at}),
                    ibis.struct({"attribute": "subscription_status", "value": own("status"), "valid_from": at}),
                ]
            )
            .cast(ATTRIBUTES)
            .filter(lambda pair: pair["value"].notnull()),
            ibis.null(ATTRIBUTES),
        ),
        text=own("cancellation_details.comment"),
        properties=ibis.struct(
            {
                "object": own("object"),
                "status": own("status"),
                "plan": plan,
                "billing_reason": own("billing_reason"),
                "attempt_count": number(own("attempt_count")),
                "failure_code": own("failure_code"),
                "cancel_at_period_end": own("cancel_at_period_end"),
                "cancellation_reason": own("cancellation_details.reason"),
                "cancellation_feedback": own("cancellation_details.feedback"),
            }
        )
        .cast("json")
        .cast("string"),
    )
    problems = [
        (kind.isnull(), "missing_event", "The line has no event type; export Event objects."),
        *instant_problem(value("created"), events.event_at),
    ]
    events = _count_money_once(first_problem(events, problems))
    return Reading(
        conform(events.mutate(amount=events.minor / units_in_one(events.currency))), int(documents.count().execute())
    )


def _minor(kind: Any, own: Any, refunded_before: Any) -> Any:
    """Return the money that an event moved, in the currency's smallest unit."""
    refunded = number(own("amount_refunded")) - ibis.coalesce(refunded_before, 0.0)
    is_session_paid = own("payment_status").isnull() | (own("payment_status") == "paid")
    return ibis.cases(
        (kind.isin(("invoice.paid", "invoice.payment_succeeded")), number(own("amount_paid"))),
        (kind == "charge.succeeded", number(own("amount"))),
        (kind == "payment_intent.succeeded", number(ibis.coalesce(own("amount_received"), own("amount")))),
        ((kind == "checkout.session.completed") & is_session_paid, number(own("amount_total"))),
        (kind == "charge.refunded", -refunded),
    )


def _count_money_once(events: ibis.Table) -> ibis.Table:
    is_money = events.event.isin(_MONEY) & events.minor.notnull()
    rank = ibis.cases(*((events.event == event, position) for position, event in enumerate(_MONEY)))
    order = ibis.window(group_by=[is_money, events.payment], order_by=[rank, events.line])
    # The same event delivered twice is one event: its copies keep the amount and meet the rule for duplicates.
    first = events.source_record_id.first().over(order)
    counts = is_money & events.payment.notnull() & (events.source_record_id != first)
    return events.mutate(minor=counts.ifelse(ibis.null("float64"), events.minor))


def _id(reference: Any) -> Any:
    """Return the id of an object that is given by its id or, expanded, whole."""
    return reference.startswith("{").ifelse(json_text(reference, "$.id"), reference)
