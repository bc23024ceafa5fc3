"""Stripe's events."""

import json
from collections import Counter
from typing import Any

from simulator.calendar_time import SECOND
from simulator.people import PLAN_PRICE_CENTS
from simulator.stripe import stripe_lines
from tests.simulator.businesses import business


def _events() -> list[dict[str, Any]]:
    one = business()
    return [json.loads(line.text) for line in stripe_lines(one.people, one.lives, one.visits, seed=one.seed)]


def test_every_joining_and_leaving_is_an_event() -> None:
    """Subscriptions begin and end as often as people join and leave, at the same seconds."""
    lives, events = business().lives, _events()
    for kind, flags in (("created", lives.joins), ("deleted", lives.leaves)):
        times = sorted(event["created"] for event in events if event["type"] == f"customer.subscription.{kind}")
        assert times == sorted((lives.changed_at[flags] // SECOND).tolist())


def test_invoices_are_paid_in_the_smallest_unit() -> None:
    """A paid invoice names what was paid, at least a starter's price; a failed one paid nothing."""
    events = _events()
    paid = [event["data"]["object"] for event in events if event["type"] == "invoice.paid"]
    failed = [event["data"]["object"] for event in events if event["type"] == "invoice.payment_failed"]
    assert paid
    assert failed
    assert min(invoice["amount_paid"] for invoice in paid) == PLAN_PRICE_CENTS[0]
    assert {invoice["amount_paid"] for invoice in failed} == {0}
    assert {invoice["currency"] for invoice in paid + failed} == {"eur"}


def test_no_invoice_is_paid_twice_and_none_comes_after_the_end() -> None:
    """An invoice is paid at most once; nothing of a subscription follows its deletion but a new one."""
    events = _events()
    paid = Counter(event["data"]["object"]["id"] for event in events if event["type"] == "invoice.paid")
    assert max(paid.values()) == 1
    ended: dict[str, bool] = {}
    for event in sorted(events, key=lambda event: event["created"]):
        customer = event["data"]["object"]["customer"]
        if event["type"] == "customer.subscription.created":
            ended[customer] = False
        assert ended.get(customer) is False
        if event["type"] == "customer.subscription.deleted":
            ended[customer] = True


def test_event_ids_differ() -> None:
    """Each event has an id of its own."""
    events = _events()
    assert len({event["id"] for event in events}) == len(events)
