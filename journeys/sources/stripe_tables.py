"""Stripe: customers, subscriptions, invoices, charges, refunds and disputes, as a loader lands its tables."""

from collections.abc import Mapping
from typing import Any

from journeys.sources.stripe_money import units_in_one
from journeys.sources.values import number
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, words


def _money(value: Any, currency: Any, sign: float = 1.0) -> Any:
    """Return an amount in the currency's unit, as text; loaders keep Stripe's smallest units."""
    return (number(value) / units_in_one(currency) * sign).cast("string")


def _customer(cell: Cell) -> list[Telling]:
    key = cell("id")
    who = {"stripe_customer_id": key, "email": cell("email"), "phone": cell("phone")}
    said = {"currency": cell("currency"), "is_delinquent": cell("delinquent")}
    created_at = cell("created")
    return [Telling(key, created_at, event="customer_created", identifiers=who, attributes=said)]


def _subscription(cell: Cell) -> list[Telling]:
    key, status = cell("id"), cell("status").lower()
    who = {"stripe_subscription_id": key, "stripe_customer_id": cell("customer_id")}
    said = {"subscription_status": status, "plan": cell("plan_id", "price_id")}
    since = cell("_fivetran_start", "start_date", "created")
    canceled_at, ended_at = cell("canceled_at"), cell("ended_at")
    state = {"status": status, "cancel_at_period_end": cell("cancel_at_period_end")}
    return [
        Telling(words(key, ":", since), since, identifiers=who, attributes=said),
        Telling(key, cell("created", "start_date"), event="subscription_created", identifiers=who, properties=state),
        Telling(key, canceled_at, event="subscription_canceled", identifiers=who, where=canceled_at.notnull()),
        Telling(key, ended_at, event="subscription_ended", identifiers=who, where=ended_at.notnull()),
    ]


def _invoice(cell: Cell) -> list[Telling]:
    key, currency = cell("id"), cell("currency")
    who = {"stripe_customer_id": cell("customer_id"), "stripe_subscription_id": cell("subscription_id")}
    about = {"status": cell("status"), "billing_reason": cell("billing_reason"), "attempt_count": cell("attempt_count")}
    at = cell("created", "status_transitions_finalized_at", "period_start")
    is_paid = (cell("paid").lower() == "true").fill_null(False) | (cell("status").lower() == "paid").fill_null(False)
    paid_at = cell("status_transitions_paid_at", "created", "period_start")
    return [
        Telling(key, at, event="invoice_created", identifiers=who, properties=about),
        # What came in is counted by the charge; an invoice without one was paid otherwise.
        Telling(
            key,
            paid_at,
            event="invoice_paid",
            identifiers=who,
            properties=about,
            currency=currency,
            amount=cell("charge_id").isnull().ifelse(_money(cell("amount_paid"), currency), None),
            where=is_paid,
        ),
    ]


def _charge(cell: Cell) -> list[Telling]:
    key, currency = cell("id"), cell("currency")
    who = {"stripe_charge_id": key, "stripe_customer_id": cell("customer_id"), "email": cell("receipt_email")}
    is_paid = (cell("status").lower() == "succeeded").fill_null(False)
    about = {"failure_code": cell("failure_code"), "outcome": cell("outcome_reason")}
    return [
        Telling(
            key,
            cell("created"),
            event=words("charge_", cell("status").lower().fill_null("created")),
            identifiers=who,
            amount=is_paid.ifelse(_money(cell("amount"), currency), None),
            currency=currency,
            properties=about,
        )
    ]


def _refund(cell: Cell) -> list[Telling]:
    who, currency = {"stripe_charge_id": cell("charge_id")}, cell("currency")
    is_done = (cell("status").lower() == "succeeded").fill_null(False)
    return [
        Telling(
            cell("id"),
            cell("created"),
            event="refund_created",
            identifiers=who,
            currency=currency,
            amount=is_done.ifelse(_money(cell("amount"), currency, -1.0), None),
            properties={"reason": cell("reason")},
        )
    ]


def _dispute(cell: Cell) -> list[Telling]:
    about = {"reason": cell("reason"), "status": cell("status")}
    who = {"stripe_charge_id": cell("charge_id")}
    return [Telling(cell("id"), cell("created"), event="dispute_created", identifiers=who, properties=about)]


TABLES: Mapping[str, VendorTable] = {
    "customer": _customer,
    "subscription": _subscription,
    "subscription_history": _subscription,
    "invoice": _invoice,
    "charge": _charge,
    "refund": _refund,
    "dispute": _dispute,
}
"""Tables that are read, by the names under which loaders land them."""
