"""The rule against its formula."""

import pandas as pd
import pytest

from scoring.rule_score import rule_points

FEATURES = pd.DataFrame(
    [
        # days, trend, churn points at a median of 10 days
        (10.0, 0.5, 0.5),
        (30.0, 0.0, (0.75 + 1.0) / 2),
        (0.0, 1.0, 0.0),
        (10.0, None, 0.5),
        (None, 0.5, 0.5),
    ],
    columns=["days_since_last_touchpoint", "trend_touchpoints_30d", "expected"],
)


def test_points() -> None:
    """Recency beside the median and trend count half each; conversion is the complement of churn."""
    churn, parts = rule_points(FEATURES, "churn")
    assert churn.tolist() == pytest.approx(FEATURES.expected.tolist())
    conversion, _ = rule_points(FEATURES, "conversion")
    assert (churn + conversion).tolist() == pytest.approx([1.0] * 5)
    assert (parts.sum(axis=1) + 0.5).tolist() == pytest.approx(churn.tolist())


def test_nothing_known_or_nobody() -> None:
    """Where all were just seen, or nobody was, the points stay finite."""
    just_seen = FEATURES.assign(days_since_last_touchpoint=0.0)
    assert rule_points(just_seen, "churn")[0].tolist() == pytest.approx([0.5, 0.75, 0.25, 0.5, 0.5])
    assert len(rule_points(FEATURES.iloc[:0], "churn")[0]) == 0
