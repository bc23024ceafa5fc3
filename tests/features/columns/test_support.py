"""How much help was needed."""

from typing import Any

from features.columns import support
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch


def test_support_and_scores(engine: Any) -> None:
    """Support touchpoints and scores count within their windows; no score is missing, not 0."""
    touches = [
        Touch("a", "ticket", 24 * (100 - age), score=score)
        for age, score in [(95, 1.0), (60, 2.0), (30, 5.0), (5, None)]
    ]
    functions = (support.count_support_30d, support.count_support_90d, support.mean_score_90d)
    assert values_of(engine, touches, 2_400, *functions) == [2, 3, 3.5]
    assert values_of(engine, touches[-1:], 2_400, *functions) == [1, 1, None]
