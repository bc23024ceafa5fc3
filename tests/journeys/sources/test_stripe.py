import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.journeys.sources.drawn import ReadAtOnce, attributes_of, identifiers_of, json_lines, read, source_of

FIXTURES = Path(__file__).parents[3] / "../shared/data/vendor_fixtures/stripe_openapi/fixtures3.json"
AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
STRIPE = source_of("stripe")


def event(kind, previous=None, /, *, event_id="e1", created=1772330400, **own):
    """Return an Event object about an object of Stripe, whose id follows from what it is."""
    data = {"object": {"customer": "cus_1", "currency": "eur", **own}}
    data["object"].setdefault("id", f"o_{kind}_{json.dumps(own)}_{previous}")
    if previous:
        data["previous_attributes"] = previous
    return {"id": event_id, "type": kind, "created": created, "data": data}


INVOICE = event(
    "invoice.paid", amount_paid=1250, customer_email="ann@example.org", status="paid", metadata={"user_id": "u1"}
)
AMOUNTS = [
    (event("charge.succeeded", amount=1999), 19.99),
    (event("charge.succeeded", amount=1999, currency="jpy"), 1999.0),
    (event("charge.succeeded", amount=1999, currency="kwd"), 1.999),
    (event("payment_intent.succeeded", amount=2000, amount_received=1500), 15.0),
    (event("checkout.session.completed", amount_total=2000, payment_status="paid"), 20.0),
    (event("checkout.session.completed", amount_total=2000, payment_status="unpaid"), None),
    (event("charge.refunded", amount_refunded=500), -5.0),
    (event("charge.refunded", {"amount_refunded": 200}, amount_refunded=500), -3.0),
    (event("invoice.payment_failed", amount_due=500, amount_paid=0), None),
    (event("charge.failed", amount=500), None),
]
ONE_PAYMENT = [
    (event("charge.succeeded", event_id="e1", id="ch_1", amount=1000, payment_intent="pi_1"), None),
    (event("payment_intent.succeeded", event_id="e2", id="pi_1", amount_received=1000), None),
    (event("invoice.paid", event_id="e3", id="in_1", amount_paid=1000, payment_intent={"id": "pi_1"}), 10.0),
    (event("charge.succeeded", event_id="e4", id="ch_2", amount=700, payment_intent="pi_2"), 7.0),
    (event("charge.succeeded", event_id="e4", id="ch_2", amount=700, payment_intent="pi_2", status="again"), 7.0),
]
PRICE = {"id": "p", "nickname": "Pro", "lookup_key": "pro"}
PLANS = [
    (event("customer.subscription.updated", status="active", items={"data": [{"price": PRICE}]}), "pro"),
    (
        event(
            "customer.subscription.updated", status="active", items={"data": [{"price": PRICE | {"lookup_key": ""}}]}
        ),
        "Pro",
    ),
    (event("customer.subscription.updated", status="active", items={"data": []}, plan={"id": "old"}), "old"),
]
PEOPLE = [
    (
        event("customer.updated", object="customer", id="cus_9", email="ann@example.org"),
        {"stripe_customer_id": "cus_9", "email": "ann@example.org"},
    ),
    (event("customer.updated", customer={"id": "cus_2", "object": "customer"}), {"stripe_customer_id": "cus_2"}),
    (
        event("customer.updated", customer=None, billing_details={"email": "ann@example.org", "phone": "+4930123456"}),
        {"email": "ann@example.org", "phone": "+4930123456"},
    ),
]
REFUSED = [
    (event(None), "missing_event"),
    (event("invoice.paid", created=None), "missing_time"),
    (event("invoice.paid", created="soon"), "unreadable_time"),
]


@pytest.fixture(scope="module")
def read_event(connection, tmp_path_factory):
    """Return a function from an event to its record."""
    tables = (AMOUNTS, ONE_PAYMENT, PLANS, PEOPLE, REFUSED)
    events = [INVOICE, *(drawn for table in tables for drawn, _ in table)]
    return ReadAtOnce(connection, tmp_path_factory.mktemp("events"), STRIPE, events).one


def test_an_event(read_event):
    """An event is named by its type, at its second, with who it is about."""
    record = read_event(INVOICE)
    assert (record["source_record_id"], record["event"], record["event_at"]) == ("e1", "invoice.paid", AT)
    assert (record["amount"], record["currency"], record["known_at"]) == (12.5, "EUR", None)
    assert identifiers_of(record) == {"stripe_customer_id": "cus_1", "user_id": "u1", "email": "ann@example.org"}
    assert json.loads(record["properties"])["status"] == "paid"
    assert record["attributes"] is None


@pytest.mark.parametrize(("drawn", "amount"), AMOUNTS)
def test_amounts(read_event, drawn, amount):
    """Money that came in counts in the currency's own unit, what is refunded is negative, and nothing else counts."""
    assert read_event(drawn)["amount"] == amount


def test_one_payment_counts_once(read_event):
    """Of the events that one payment causes only one has the amount; an event delivered twice keeps it."""
    assert [read_event(drawn)["amount"] for drawn, _ in ONE_PAYMENT] == [amount for _, amount in ONE_PAYMENT]


@pytest.mark.parametrize(("drawn", "plan"), PLANS)
def test_subscriptions_bring_attributes(read_event, drawn, plan):
    """A subscription says plan and status from then on."""
    record = read_event(drawn)
    assert attributes_of(record) == {"plan": plan, "subscription_status": "active"}
    assert record["attributes"][0]["valid_from"] == AT


@pytest.mark.parametrize(("drawn", "expected"), PEOPLE)
def test_who_it_is_about(read_event, drawn, expected):
    """A customer is named by id, expanded or not, and by the addresses that the object holds."""
    assert identifiers_of(read_event(drawn)) == expected


@pytest.mark.parametrize(("drawn", "rule"), REFUSED)
def test_events_that_are_refused(read_event, drawn, rule):
    """A line without type or time is refused with a sentence."""
    record = read_event(drawn)
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
