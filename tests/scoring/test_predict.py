"""Scores, percentiles and tiers."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.config.targets import Target
from scoring.predict import percentiles, predict_scores, rule_scores, tiers
from tests.scoring.conftest import FakeChampion

CHURN = Target(outcome="cancelled", kind="churn", high_risk_share=0.25)


def frame(days: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(len(days))],
            "days_since_last_touchpoint": days,
            "trend_touchpoints_30d": 0.5,
            "count_support_30d": 0,
        },
        index=range(100, 100 + len(days)),
    )


def test_model_scores_are_the_champions() -> None:
    """Values are the champion's probabilities, row for row, whatever the frame's index."""
    features = frame([4, 40, 20, 8])
    scores = predict_scores(features, FakeChampion(), name="churn", target=CHURN)
    assert scores.value.tolist() == FakeChampion().predict(features).tolist()
    assert scores.customer_id.tolist() == ["c0", "c1", "c2", "c3"]
    assert scores.tier.tolist() == ["low", "high", "medium", "medium"]
    assert set(scores.unit) == {"probability"}
    assert set(scores.model_version) == {"7"}
    assert scores["class"].isna().all()
    assert scores.value_low.isna().all()
    assert json.loads(scores.reasons[0]) == []


def test_rule_scores_are_never_probabilities() -> None:
    """A rule gives a class and points, and says that it is a rule."""
    scores = rule_scores(frame([4, 40, 20, 8]), name="churn", target=CHURN)
    assert set(scores.unit) == {"class"}
    assert set(scores.score_basis) == {"rule"}
    assert scores["class"].tolist() == scores.tier.tolist()
    assert scores.customer_id[scores.value.idxmax()] == "c1"


@pytest.mark.parametrize("score", [predict_scores, rule_scores])
def test_nobody_to_score(score: object) -> None:
    """No customers give no scores, in the same columns."""
    if score is predict_scores:
        found = predict_scores(frame([]), FakeChampion(), name="churn", target=CHURN)
    else:
        found = rule_scores(frame([]), name="churn", target=CHURN)
    assert found.empty
    assert "reasons" in found


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0], 0.1, ["high"] + ["medium"] * 2 + ["low"] * 7),
        ([0.1, 0.1, 0.1, 0.1], 0.5, ["medium"] * 4),
        ([0.1, 0.1, 0.1, 0.1], 0.1, ["low"] * 4),
        ([0.1, 0.1, 0.1, 0.1], 1.0, ["high"] * 4),
        ([0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1], 0.25, ["high"] * 2 + ["medium"] * 4 + ["low"] * 2),
        ([0.5], 0.1, ["low"]),
        ([], 0.1, []),
    ],
)
def test_tiers(values: list[float], share: float, expected: list[str]) -> None:
    """The list is as long as its share, equal values are cut by id, and nobody is listed for a common value."""
    ids = np.array([f"c{n:02}" for n in range(len(values))], dtype=object)
    assert tiers(np.array(values, dtype=float), ids, share).tolist() == expected


@given(
    st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.9]) | st.floats(0, 1), max_size=40),
    st.sampled_from([0.05, 0.1, 0.3, 0.5, 1.0]),
    st.randoms(use_true_random=False),
)
def test_tiers_do_not_depend_on_the_order(values: list[float], share: float, rng: object) -> None:
    """A customer's tier is the same in any order of the rows; higher tiers hold no lower values."""
    ids = np.array([f"c{n:02}" for n in range(len(values))], dtype=object)
    numbers = np.array(values, dtype=float)
    found = tiers(numbers, ids, share)
    shuffled = list(range(len(values)))
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tiers(numbers[shuffled], ids[shuffled], share).tolist() == found[shuffled].tolist()
    assert (found == "high").sum() <= np.ceil(share * len(values) + 1e-9)
    if (found == "high").any() and (found != "high").any():
        assert numbers[found == "high"].min() >= numbers[found != "high"].max()


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3]), min_size=1, max_size=30))
def test_percentiles_count_half_of_the_equal(values: list[float]) -> None:
    """The slow way: those below, and half of those equal, as a share."""
    slow = [(sum(v < value for v in values) + sum(v == value for v in values) / 2) / len(values) for value in values]
    assert percentiles(np.array(values)).tolist() == pytest.approx(slow)
