"""Which actions fit whom, on drawn tables."""

import numpy as np
import pandas as pd
import pytest

from journeys.config.errors import ConfigError
from journeys.config.playbook import Playbook
from scoring.playbook_rules import fit_actions, suggestions

FEATURES = pd.DataFrame(
    [
        # customer, stage, days, is_vip
        ("a", "use", 20.0, True),
        ("b", "use", 5.0, None),
        ("c", "start", 20.0, False),
        ("d", None, None, True),
    ],
    columns=["customer_id", "stage", "days_since_last_touchpoint", "is_vip"],
)
SCORES = pd.DataFrame(
    [("a", "churn", 0.9), ("b", "churn", 0.2), ("d", "churn", 0.9)], columns=["customer_id", "target", "value"]
)
WORTH = np.array([100.0, 100.0, 100.0, np.nan])


def playbook(**rules: object) -> Playbook:
    action = {
        "name": "call",
        "target": "churn",
        "channel": "phone",
        "text": "Call.",
        "expected_effect": -0.1,
        "effect_source": "pilot",
        **rules,
    }
    return Playbook.model_validate({"actions": [action]})


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, ["", "", "no_score", ""]),
        ({"min_score": 0.5}, ["", "score", "no_score", ""]),
        ({"min_score": 0.9, "stages": ["use"]}, ["", "score", "no_score", "stage"]),
        (
            {"when": [{"feature": "days_since_last_touchpoint", "at_least": 20}]},
            ["", "condition:days_since_last_touchpoint", "no_score", "condition:days_since_last_touchpoint"],
        ),
        (
            {"when": [{"feature": "days_since_last_touchpoint", "at_most": 5}]},
            ["condition:days_since_last_touchpoint", "", "no_score", "condition:days_since_last_touchpoint"],
        ),
        ({"when": [{"feature": "is_vip", "at_least": 1}]}, ["", "condition:is_vip", "no_score", ""]),
        ({"cost_amount": 10}, ["expected_value", "expected_value", "no_score", ""]),
    ],
)
def test_where_an_action_drops_out(rules: dict[str, object], expected: list[str]) -> None:
    """Score, stage, conditions and worth are asked in this order; an unknown worth refuses nothing."""
    (fit,) = fit_actions(playbook(**rules), FEATURES, SCORES, WORTH)
    assert fit.dropped_at.tolist() == expected


def test_expected_value() -> None:
    """The size of the effect times the worth, less the cost."""
    (fit,) = fit_actions(playbook(cost_amount=4), FEATURES, SCORES, WORTH)
    assert fit.expected_value_amount.tolist() == pytest.approx([6.0, 6.0, 6.0, float("nan")], nan_ok=True)


@pytest.mark.parametrize(
    ("feature", "sentence"),
    [
        ("days_since_last_touchpiont", "days_since_last_touchpiont'.*did you mean days_since_last_touchpoint"),
        ("customer", "does not exist"),
        ("stage", "is text"),
    ],
)
def test_conditions_must_name_numbers(feature: str, sentence: str) -> None:
    """An unknown feature is told with the nearest name, one that holds text with the reason."""
    with pytest.raises(ConfigError, match=sentence):
        fit_actions(playbook(when=[{"feature": feature, "at_least": 1}]), FEATURES, SCORES, WORTH)


def test_suggestions() -> None:
    """For each customer and target the most valuable action that fits; nothing where none does."""
    book = Playbook(
        actions=[
            *playbook(name="mail", text="Mail.", expected_effect=-0.05).actions,
            *playbook(min_score=0.5).actions,
        ]
    )
    found = suggestions(fit_actions(book, FEATURES, SCORES, WORTH), FEATURES)
    assert dict(zip(found.customer_id, found.text, strict=True)) == {"a": "Call.", "b": "Mail.", "d": "Call."}
    assert suggestions([], FEATURES).empty
