"""Stripe's tables, as drawn."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import check_told, told

AT = "2026-02-01 10:00:00"
LATER = "2026-02-03 12:30:00.250000"


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        (
            "customer",
            {"id": "cus_1", "email": "ann@example.org", "created": AT, "currency": "eur"},
            {"customer_created": ({"stripe_customer_id": "cus_1", "email": "ann@example.org"}, {"currency": "eur"})},
        ),
        (
            "subscription_history",
            {
                "id": "sub_1",
                "customer_id": "cus_1",
                "created": AT,
                "_fivetran_start": LATER,
                "status": "active",
                "canceled_at": LATER,
            },
            {
                None: (
                    {"stripe_subscription_id": "sub_1", "stripe_customer_id": "cus_1"},
                    {"subscription_status": "active"},
                ),
                "subscription_created": ({"stripe_subscription_id": "sub_1", "stripe_customer_id": "cus_1"}, {}),
                "subscription_canceled": ({"stripe_subscription_id": "sub_1", "stripe_customer_id": "cus_1"}, {}),
            },
        ),
        (
            "invoice",
            {
                "id": "in_1",
                "customer_id": "cus_1",
                "created": AT,
                "status": "paid",
                "amount_paid": "1200",
                "currency": "eur",
            },
            {event: ({"stripe_customer_id": "cus_1"}, {}) for event in ("invoice_created", "invoice_paid")},
        ),
        (
            "charge",
            {
                "id": "ch_1",
                "customer_id": "cus_1",
                "created": AT,
                "status": "succeeded",
                "amount": "1200",
                "currency": "eur",
            },
            {"charge_succeeded": ({"stripe_charge_id": "ch_1", "stripe_customer_id": "cus_1"}, {})},
        ),
        (
            "refund",
            {
                "id": "re_1",
                "charge_id": "ch_1",
                "created": AT,
                "status": "succeeded",
                "amount": "200",
                "currency": "jpy",
            },
            {"refund_created": ({"stripe_charge_id": "ch_1"}, {})},
        ),
        (
            "dispute",
            {"id": "du_1", "charge_id": "ch_1", "created": AT, "amount": "1", "currency": "eur"},
            {"dispute_created": ({"stripe_charge_id": "ch_1"}, {})},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], expected: dict[str | None, Any]
) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "stripe", table, row, expected)


@pytest.mark.parametrize(
    ("table", "row", "amount", "currency"),
    [
        ("charge", {"status": "succeeded", "amount": "1250", "currency": "eur"}, 12.5, "EUR"),
        ("charge", {"status": "failed", "amount": "1250", "currency": "eur"}, None, "EUR"),
        ("charge", {"status": "succeeded", "amount": "1250", "currency": "jpy"}, 1250.0, "JPY"),
        ("charge", {"status": "succeeded", "amount": "1250", "currency": "kwd"}, 1.25, "KWD"),
        ("refund", {"status": "succeeded", "amount": "200", "currency": "eur"}, -2.0, "EUR"),
        ("refund", {"status": "pending", "amount": "200", "currency": "eur"}, None, "EUR"),
    ],
)
def test_money(
    connection: Any, tmp_path: Path, table: str, row: dict[str, str], amount: float | None, currency: str
) -> None:
    """Money is in the currency's unit and counted once it moved; a refund's is negative."""
    (record,) = told(
        connection, tmp_path, "stripe", f"{table}.csv", {"id": "1", "charge_id": "ch", "created": AT, **row}
    ).values()
    assert (record["amount"], record["currency"]) == (amount, currency)
