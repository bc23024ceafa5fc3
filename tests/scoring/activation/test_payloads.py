"""What leaves: identifiers by strength, contents without them."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from journeys.config.identifiers import IdentifierType, Identities
from scoring.activation.payloads import identifier_per_customer, rows_to_deliver, wanted_rows

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
IDENTIFIERS = pd.DataFrame(
    [
        ("a", "1", "email", "old@example.com", EARLY),
        ("a", "2", "email", "new@example.com", LATE),
        ("a", "3", "user_id", "U1", EARLY),
        ("b", "4", "device_id", "D1", EARLY),
        ("b", "5", "loyalty_card", "L1", EARLY),
        ("c", "6", "anonymous_id", "X1", EARLY),
    ],
    columns=["customer_id", "identifier_id", "type", "value", "known_at"],
)


@pytest.mark.parametrize(
    ("wanted_type", "identities", "expected"),
    [
        (None, Identities(), {"a": "U1", "b": "D1", "c": "X1"}),
        (None, Identities(types={"loyalty_card": IdentifierType(priority=1)}), {"a": "U1", "b": "L1", "c": "X1"}),
        ("email", Identities(), {"a": "new@example.com"}),
        ("fax", Identities(), {}),
    ],
)
def test_identifier_per_customer(wanted_type: str | None, identities: Identities, expected: dict[str, str]) -> None:
    """The destination's type, else the strongest, latest value first; one row a customer."""
    found = identifier_per_customer(IDENTIFIERS, identities, wanted_type)
    assert dict(zip(found.customer_id, found.identifier, strict=True)) == expected


def test_rows_to_deliver() -> None:
    """Only treating decisions leave, nothing about the held-out, best first."""
    decisions = pd.DataFrame({"customer_id": list("abcd"), "arm": ["treated", "holdout", "none", "treated"]})
    decisions = decisions.assign(priority=[1.0, 2.0, None, 3.0], decision_id=list("wxyz"))
    assert list(rows_to_deliver("decisions", decisions, {"d"}).customer_id) == ["a"]
    listed = pd.DataFrame({"customer_id": list("abcd"), "target": "churn", "rank": [2, 1, 3, 4]})
    assert list(rows_to_deliver("at_risk", listed, {"d"}).customer_id) == ["b", "a", "c"]


def test_contents_hold_no_personal_data_and_no_noise() -> None:
    """A list's content names the identifier by hash, and is the same at another rank and snapshot."""
    row = {
        "customer_id": "a",
        "target": "churn",
        "value": 0.51234,
        "percentile": 0.9,
        "tier": "high",
        "stage": "use",
        "value_at_risk_amount": float("nan"),
        "reasons": '[{"sentence": "No touchpoint for 12 days"}]',
        "owner": None,
        "suggested_action": "Call.",
        "score_basis": "model",
        "rank": 1,
        "snapshot_key": "x",
        "identifier_id": "2",
        "identifier_type": "email",
        "identifier": "new@example.com",
    }
    first, second = wanted_rows(
        "at_risk", pd.DataFrame([row, {**row, "rank": 7, "snapshot_key": "y", "value": 0.51201}]), currency="EUR"
    )
    assert first == second
    assert first.delivery_key == "at_risk:churn:a"
    assert first.payload == {
        "customer_id": "a",
        "identifier_id": "2",
        "target": "churn",
        "score": 0.512,
        "unit": "probability",
        "tier": "high",
        "stage": "use",
        "value_at_risk_amount": None,
        "currency": "EUR",
        "reasons": [{"sentence": "No touchpoint for 12 days"}],
        "owner": None,
        "suggested_action": "Call.",
        "score_basis": "model",
    }
