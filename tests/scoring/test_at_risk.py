"""What customers are worth, and the order of the lists."""

import numpy as np
import pandas as pd
import pytest

from journeys.config.stages import Value
from scoring.at_risk import LIST_COLUMNS, customer_values, list_high_tier

FEATURES = pd.DataFrame(
    [("a", "use", 50.0), ("b", "use", 0.0), ("c", None, None), ("d", "use", 70.0)],
    columns=["customer_id", "stage", "journey_amount"],
)
ATTRIBUTES = pd.DataFrame(
    [("a", "contract", "1200.50"), ("b", "contract", "a lot"), ("d", "contract", "0"), ("c", "owner", "Ines")],
    columns=["customer_id", "attribute", "value"],
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Value(), [50.0, None, None, 70.0]),
        (Value(per_conversion_amount=10), [50.0, 10.0, 10.0, 70.0]),
        (Value(at_risk_attribute="contract"), [1200.5, None, None, 70.0]),
        (Value(at_risk_attribute="contract", per_conversion_amount=10), [1200.5, 10.0, 10.0, 70.0]),
        (Value(at_risk_attribute="missing", per_conversion_amount=0), [50.0, 0.0, 0.0, 70.0]),
    ],
)
def test_worth(value: Value, expected: list[float | None]) -> None:
    """The attribute, else the open journey, else the conversion; what is no amount above 0 is skipped."""
    found = customer_values(FEATURES, ATTRIBUTES, value)
    assert found.to_list() == pytest.approx([np.nan if one is None else one for one in expected], nan_ok=True)


def test_order_of_a_list() -> None:
    """Value at risk first, then the score, those without an amount last; ranks begin anew for each target."""
    scores = pd.DataFrame(
        [
            ("a", "churn", 0.5, "high"),
            ("b", "churn", 0.9, "high"),
            ("c", "churn", 0.8, "high"),
            ("d", "churn", 0.6, "high"),
            ("a", "lapse", 0.5, "high"),
            ("d", "lapse", 0.9, "low"),
        ],
        columns=["customer_id", "target", "value", "tier"],
    ).assign(unit="probability", percentile=0.9, reasons="[]", score_basis="model")
    worth = pd.Series({"a": 100.0, "b": np.nan, "c": np.nan, "d": 80.0})
    suggested = pd.DataFrame([("a", "churn", "Call.")], columns=["customer_id", "target", "text"])
    found = list_high_tier(scores, FEATURES, ATTRIBUTES, worth, suggested)
    assert list(found.columns) == list(LIST_COLUMNS)
    assert list(zip(found.target, found["rank"], found.customer_id, strict=True)) == [
        ("churn", 1, "a"),
        ("churn", 2, "d"),
        ("churn", 3, "b"),
        ("churn", 4, "c"),
        ("lapse", 1, "a"),
    ]
    assert found.value_at_risk_amount.tolist() == pytest.approx([50.0, 48.0, np.nan, np.nan, 50.0], nan_ok=True)
    assert found.owner[3] == "Ines"
    assert found.suggested_action[0] == "Call."


def test_nobody_stands_out() -> None:
    """A list without anybody keeps its columns."""
    scores = pd.DataFrame(
        {
            name: []
            for name in ("customer_id", "target", "value", "tier", "unit", "percentile", "reasons", "score_basis")
        }
    )
    none = pd.DataFrame({"customer_id": [], "target": [], "text": []})
    assert list(list_high_tier(scores, FEATURES, ATTRIBUTES, pd.Series(dtype=float), none).columns) == list(
        LIST_COLUMNS
    )
