"""Reasons: the fast selection against a slow one, and their form."""

import json

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scoring import reasons
from scoring.reason_sentences import sentence
from scoring.reasons import explain

NAMES = ["stage", "count_support_30d", "days_since_last_touchpoint", "share_email"]


def features(rows: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "days_since_last_touchpoint": [float(n % 7) for n in range(rows)],
            "stage": [["use", None, 'start "now"'][n % 3] for n in range(rows)],
            "count_support_30d": [n % 4 for n in range(rows)],
            "share_email": [None if n % 5 == 0 else n / 100 for n in range(rows)],
        }
    )


def slow(table: pd.DataFrame, contributions: pd.DataFrame) -> list[list[str]]:
    found = []
    for position in range(len(table)):
        row = contributions.iloc[position]
        positive = [name for name in contributions.columns if row[name] > 0]
        found.append(sorted(positive, key=lambda name, row=row: (-row[name], name))[:3])
    return found


@settings(deadline=None)
@given(arrays(float, (9, 4), elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0, float("nan")]) | st.floats(-2, 2)))
def test_same_as_the_slow_way(numbers: np.ndarray) -> None:
    """The three strongest above 0, equal ones by name, for each customer."""
    table, contributions = features(9), pd.DataFrame(numbers, columns=NAMES)
    found = [[reason["feature"] for reason in json.loads(text)] for text in explain(table, contributions)]
    assert found == slow(table, contributions.fillna(0.0))


def test_form() -> None:
    """Each reason has the feature, the customer's value, the contribution and the sentence for that value."""
    table = features(3)
    contributions = pd.DataFrame([[0.25, 2.0, 0.5, -1.0]] * 3, columns=NAMES)
    (first, second, third) = [json.loads(text) for text in explain(table, contributions)]
    assert first == [
        {
            "feature": "count_support_30d",
            "value": 0,
            "contribution": 2,
            "sentence": "0 support contacts in the last 30 days (usually 1)",
        },
        {
            "feature": "days_since_last_touchpoint",
            "value": 0,
            "contribution": 0.5,
            "sentence": "Last touchpoint 0 days ago (usually 1)",
        },
        {"feature": "stage", "value": "use", "contribution": 0.25, "sentence": "Now in stage use"},
    ]
    assert second[2] == {"feature": "stage", "value": None, "contribution": 0.25, "sentence": "Stage is not known"}
    assert third[2]["value"] == 'start "now"'
    for row in (first, second, third):
        for reason in row:
            usual = None if reason["feature"] == "stage" else float(table[reason["feature"]].median())
            assert reason["sentence"] == sentence(reason["feature"], reason["value"], usual)


def test_chunks_do_not_show(monkeypatch: object) -> None:
    """The answer is the same however many rows are looked at together."""
    table = features(50)
    contributions = pd.DataFrame(np.random.default_rng(1).normal(size=(50, 4)), columns=NAMES)
    whole = explain(table, contributions)
    monkeypatch.setattr(reasons, "_CHUNK", 7)  # type: ignore[attr-defined]
    assert explain(table, contributions) == whole


def test_nobody_and_nothing() -> None:
    """No customers give no reasons; no positive contribution gives an empty list."""
    assert explain(features(0), pd.DataFrame(columns=NAMES, dtype=float)) == []
    assert explain(features(1), pd.DataFrame([[-1.0, 0.0, -2.0, 0.0]], columns=NAMES)) == ["[]"]
