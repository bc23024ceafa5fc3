import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.journeys.sources.drawn import attributes_of, identifiers_of, json_lines, read, source_of

FIXTURES = Path(__file__).parents[3] / "../shared/data/vendor_fixtures/stripe_openapi/fixtures3.json"
AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
STRIPE = source_of("stripe")


def event(kind, previous=None, /, *, event_id="e1", created=1772330400, **own):
    """Return an Event object about an object of Stripe."""
    data = {"object": {"id": "o1", "customer": "cus_1", "currency": "eur", **own}}
    if previous:
        data["previous_attributes"] = previous
    return {"id": event_id, "type": kind, "created": created, "data": data}


def _one(connection, tmp_path, *arguments, **own):
    (record,) = read(connection, json_lines(tmp_path, event(*arguments, **own)), STRIPE)
    return record


def test_an_event(connection, tmp_path):
    """An event is named by its type, at its second, with who it is about."""
    record = _one(
        connection,
        tmp_path,
        "invoice.paid",
        amount_paid=1250,
        customer_email="ann@example.org",
        status="paid",
        metadata={"user_id": "u1"},
    )
    assert (record["source_record_id"], record["event"], record["event_at"]) == ("e1", "invoice.paid", AT)
    assert (record["amount"], record["currency"], record["known_at"]) == (12.5, "EUR", None)
    assert identifiers_of(record) == {"stripe_customer_id": "cus_1", "user_id": "u1", "email": "ann@example.org"}
    assert json.loads(record["properties"])["status"] == "paid"


@pytest.mark.parametrize(
    ("arguments", "own", "amount"),
    [
        (("charge.succeeded",), {"amount": 1999}, 19.99),
        (("charge.succeeded",), {"amount": 1999, "currency": "jpy"}, 1999.0),
        (("charge.succeeded",), {"amount": 1999, "currency": "kwd"}, 1.999),
        (("payment_intent.succeeded",), {"amount": 2000, "amount_received": 1500}, 15.0),
        (("checkout.session.completed",), {"amount_total": 2000, "payment_status": "paid"}, 20.0),
        (("checkout.session.completed",), {"amount_total": 2000, "payment_status": "unpaid"}, None),
        (("charge.refunded",), {"amount_refunded": 500}, -5.0),
        (("charge.refunded", {"amount_refunded": 200}), {"amount_refunded": 500}, -3.0),
        (("invoice.payment_failed",), {"amount_due": 500, "amount_paid": 0}, None),
        (("charge.failed",), {"amount": 500}, None),
    ],
)
def test_amounts(connection, tmp_path, arguments, own, amount):
    """Money that came in counts in the currency's own unit, what is refunded is negative, and nothing else counts."""
    assert _one(connection, tmp_path, *arguments, **own)["amount"] == amount


def test_one_payment_counts_once(connection, tmp_path):
    """Of the events that one payment causes only one has the amount; another payment has its own."""
    events = [
        event("charge.succeeded", event_id="e1", id="ch_1", amount=1000, payment_intent="pi_1"),
        event("payment_intent.succeeded", event_id="e2", id="pi_1", amount_received=1000),
        event("invoice.paid", event_id="e3", id="in_1", amount_paid=1000, payment_intent={"id": "pi_1"}),
        event("charge.succeeded", event_id="e4", id="ch_2", amount=700, payment_intent="pi_2"),
        event("charge.succeeded", event_id="e4", id="ch_2", amount=700, payment_intent="pi_2"),
    ]
    found = read(connection, json_lines(tmp_path, *events), STRIPE)
    assert [row["amount"] for row in found] == [None, None, 10.0, 7.0, 7.0]


@pytest.mark.parametrize(
    ("own", "plan"),
    [
        ({"items": {"data": [{"price": {"id": "p", "nickname": "Pro", "lookup_key": "pro"}}]}}, "pro"),
        ({"items": {"data": [{"price": {"id": "p", "nickname": "Pro"}}]}}, "Pro"),
        ({"items": {"data": []}, "plan": {"id": "old"}}, "old"),
    ],
)
def test_subscriptions_bring_attributes(connection, tmp_path, own, plan):
    """A subscription says plan and status from then on; other objects say nothing."""
    record = _one(connection, tmp_path, "customer.subscription.updated", status="active", **own)
    assert attributes_of(record) == {"plan": plan, "subscription_status": "active"}
    assert record["attributes"][0]["valid_from"] == AT
    assert attributes_of(_one(connection, tmp_path, "invoice.paid", status="paid")) == {}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (
            {"object": "customer", "id": "cus_9", "email": "ann@example.org"},
            {"stripe_customer_id": "cus_9", "email": "ann@example.org"},
        ),
        ({"customer": {"id": "cus_2", "object": "customer"}}, {"stripe_customer_id": "cus_2"}),
        (
            {"customer": None, "billing_details": {"email": "ann@example.org", "phone": "+4930123456"}},
            {"email": "ann@example.org", "phone": "+4930123456"},
        ),
    ],
)
def test_who_it_is_about(connection, tmp_path, own, expected):
    """A customer is named by id, expanded or not, and by the addresses that the object holds."""
    assert identifiers_of(_one(connection, tmp_path, "customer.updated", **own)) == expected


@pytest.mark.parametrize(
    ("kind", "created", "rule"),
    [
        (None, 1772330400, "missing_event"),
        ("invoice.paid", None, "missing_time"),
        ("invoice.paid", "soon", "unreadable_time"),
    ],
)
def test_events_that_are_refused(connection, tmp_path, kind, created, rule):
    """A line without type or time is refused with a sentence."""
    record = _one(connection, tmp_path, kind, created=created)
    assert record["problem_rule"] == rule
    assert record["problem_reason"]


@pytest.mark.skipif(not FIXTURES.exists(), reason="needs ../shared/data/vendor_fixtures/stripe_openapi")
def test_the_vendors_own_objects(connection, tmp_path):
    """Every object of Stripe's own fixtures is read within an event, and those with a customer name it."""
    resources = json.loads(FIXTURES.read_text())["resources"]
    lines = [
        {"id": f"e{place}", "type": f"{name}.updated", "created": 1772330400, "data": {"object": thing}}
        for place, (name, thing) in enumerate(resources.items())
    ]
    lines.append(resources["event"])
    found = read(connection, json_lines(tmp_path, *lines), STRIPE)
    assert len(found) == len(lines) > 100
    assert {row["problem_rule"] for row in found} == {None}
    by_event = {row["event"]: row for row in found}
    assert identifiers_of(by_event["customer.updated"])["stripe_customer_id"] == resources["customer"]["id"]
    for name in ("charge", "invoice", "subscription"):
        customer = resources[name]["customer"]
        expected = customer["id"] if isinstance(customer, dict) else customer
        assert identifiers_of(by_event[f"{name}.updated"]).get("stripe_customer_id") == expected
    assert by_event[resources["event"]["type"]]["source_record_id"] == resources["event"]["id"]
