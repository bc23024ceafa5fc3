"""Subscriptions and payments as Stripe's events: one Event object a line."""

import json

import numpy as np

from simulator.calendar_time import DAY, MINUTE, MONTH, SECOND
from simulator.delivery import Line
from simulator.events import NAMES
from simulator.lives import Lives
from simulator.people import PLAN_PRICE_CENTS, PLANS, People
from simulator.randomness import Integers, hex_ids, stream
from simulator.visits import Visits

NEVER = np.iinfo(np.int64).max
RETRY_AFTER = 3 * DAY
Event = tuple[int, str, dict[str, object], dict[str, object]]
"""Instant, type, data.object and data.previous_attributes."""


def stripe_lines(people: People, lives: Lives, visits: Visits, *, seed: int) -> list[Line]:
    """Return the events in the order in which they were sent."""
    amounts = monthly_amount_cents(lives)
    left_at = next_leave_at(lives)
    events = [
        *_beginnings(people, lives, amounts, seed),
        *_invoices(people, lives, amounts, left_at, seed),
        *_upgrades(people, lives, visits),
        *_endings(people, lives, amounts, seed),
    ]
    events.sort(key=lambda event: (event[0], event[1], str(event[2]["id"])))
    ids = hex_ids(seed, "stripe.event_id", len(events), 24)
    return [Line(event[0] + 2 * SECOND, _text(event, event_id)) for event, event_id in zip(events, ids, strict=True)]


def monthly_amount_cents(lives: Lives) -> Integers:
    """Return what a month costs each person in each week: the plan's price and a tenth more for each added seat."""
    seats = np.cumsum(lives.seats_added, axis=1)
    result: Integers = PLAN_PRICE_CENTS[lives.plan] * (10 + seats) // 10
    return result


def next_leave_at(lives: Lives) -> Integers:
    """Return the first instant of leaving from each week on, or the largest integer."""
    leaves = np.where(lives.leaves, lives.changed_at, NEVER)
    result: Integers = np.minimum.accumulate(leaves[:, ::-1], axis=1)[:, ::-1]
    return result


def _text(event: Event, event_id: str) -> str:
    at, kind, data, previous = event
    return json.dumps(
        {
            "id": f"evt_{event_id}",
            "object": "event",
            "api_version": "2025-03-31.basil",
            "created": at // SECOND,
            "data": {"object": data, **({"previous_attributes": previous} if previous else {})},
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        },
        separators=(",", ":"),
    )


def _subscription(people: People, person: int, started_at: int, plan: int, status: str) -> dict[str, object]:
    price = {
        "id": f"price_{PLANS[plan]}",
        "object": "price",
        "lookup_key": PLANS[plan],
        "unit_amount": int(PLAN_PRICE_CENTS[plan]),
        "currency": "eur",
    }
    return {
        "id": f"sub_{people.stripe_id[person][4:]}{started_at // DAY}",
        "object": "subscription",
        "customer": people.stripe_id[person],
        "status": status,
        "currency": "eur",
        "created": started_at // SECOND,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "items": {"object": "list", "data": [{"object": "subscription_item", "quantity": 1, "price": price}]},
    }


def _invoice(
    people: People, person: int, number: str, at: int, cents: int, attempt: int, paid: bool
) -> dict[str, object]:
    email = people.email[person]
    return {
        "id": f"in_{number}",
        "object": "invoice",
        "customer": people.stripe_id[person],
        # Some typed their address with capitals when they paid.
        "customer_email": email.title() if person % 20 == 0 else email,
        "amount_due": cents,
        "amount_paid": cents if paid else 0,
        "amount_remaining": 0 if paid else cents,
        "attempt_count": attempt,
        "billing_reason": "subscription_cycle",
        "currency": "eur",
        "created": at // SECOND,
        "status": "paid" if paid else "open",
    }


def _beginnings(people: People, lives: Lives, amounts: Integers, seed: int) -> list[Event]:
    """A subscription and its first invoice."""
    persons, weeks = np.nonzero(lives.joins)
    numbers = hex_ids(seed, "stripe.first_invoice_id", len(persons), 20)
    events: list[Event] = []
    for person, week, number in zip(persons.tolist(), weeks.tolist(), numbers, strict=True):
        at, plan = int(lives.changed_at[person, week]), int(lives.plan[person, week])
        events.append((at, "customer.subscription.created", _subscription(people, person, at, plan, "active"), {}))
        invoice = _invoice(people, person, number, at, int(amounts[person, week]), 1, True)
        events.append((at + 2 * SECOND, "invoice.paid", {**invoice, "billing_reason": "subscription_create"}, {}))
    return events


def _invoices(people: People, lives: Lives, amounts: Integers, left_at: Integers, seed: int) -> list[Event]:
    """The monthly invoices: paid at once, after a retry, or after a reminder, unless the person left before."""
    persons, weeks = np.nonzero(lives.invoice_number)
    numbers = hex_ids(seed, "stripe.invoice_id", len(persons), 20)
    settles = stream(seed, "stripe.settles").random(len(persons)) < 0.7
    events: list[Event] = []
    for index, (person, week) in enumerate(zip(persons.tolist(), weeks.tolist(), strict=True)):
        started_at, until = int(lives.subscribed_at[person, week]), int(left_at[person, week])
        due_at = started_at + int(lives.invoice_number[person, week]) * MONTH
        failed, lost = bool(lives.is_payment_failed[person, week]), bool(lives.is_payment_lost[person, week])
        attempts = [(due_at, not failed)]
        if failed:
            attempts.append((due_at + RETRY_AFTER, not lost))
        if lost and settles[index]:
            attempts.append((due_at + 3 * RETRY_AFTER, True))
        plan, cents = int(lives.plan[person, week]), int(amounts[person, week])
        for attempt, (at, paid) in enumerate(attempts, start=1):
            if at >= until:
                break
            invoice = _invoice(people, person, numbers[index], due_at, cents, attempt, paid)
            events.append((at, "invoice.paid" if paid else "invoice.payment_failed", invoice, {}))
            status = "active" if paid else "past_due"
            if failed and (paid or attempt == 1):
                subscription = _subscription(people, person, started_at, plan, status)
                previous: dict[str, object] = {"status": "past_due" if paid else "active"}
                events.append((at + SECOND, "customer.subscription.updated", subscription, previous))
    return events


def _upgrades(people: People, lives: Lives, visits: Visits) -> list[Event]:
    """The change of plan that follows an upgrade in the product."""
    events: list[Event] = []
    for index in np.flatnonzero(visits.code == NAMES.index("Plan Upgraded")).tolist():
        person, at = int(visits.person[index]), int(visits.at[index])
        week = int(np.searchsorted(lives.week_start[person], at, side="right")) - 1
        plan = int(lives.plan[person, week]) + 1
        subscription = _subscription(people, person, int(lives.subscribed_at[person, week]), plan, "active")
        previous: dict[str, object] = {"items": {"data": [{"price": {"id": f"price_{PLANS[plan - 1]}"}}]}}
        events.append((at + 5 * SECOND, "customer.subscription.updated", subscription, previous))
    return events


def _endings(people: People, lives: Lives, amounts: Integers, seed: int) -> list[Event]:
    """A subscription's end; some get their last payment back first."""
    persons, weeks = np.nonzero(lives.leaves)
    numbers = hex_ids(seed, "stripe.charge_id", len(persons), 20)
    refunds = stream(seed, "stripe.refunds").random(len(persons)) < 0.12
    events: list[Event] = []
    for index, (person, week) in enumerate(zip(persons.tolist(), weeks.tolist(), strict=True)):
        at, plan = int(lives.changed_at[person, week]), int(lives.plan[person, week])
        subscription = _subscription(people, person, int(lives.subscribed_at[person, week]), plan, "canceled")
        subscription |= {"canceled_at": at // SECOND, "ended_at": at // SECOND}
        events.append((at, "customer.subscription.deleted", subscription, {}))
        if refunds[index]:
            cents = int(amounts[person, week])
            charge: dict[str, object] = {
                "id": f"ch_{numbers[index]}",
                "object": "charge",
                "customer": people.stripe_id[person],
                "billing_details": {"email": people.email[person]},
                "amount": cents,
                "amount_refunded": cents,
                "currency": "eur",
                "paid": True,
                "refunded": True,
                "created": at // SECOND,
            }
            events.append((at - 30 * MINUTE, "charge.refunded", charge, {"amount_refunded": 0}))
    return events
