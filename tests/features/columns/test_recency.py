"""How long ago."""

from typing import Any

from features.columns import recency
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch


def test_days_since(engine: Any) -> None:
    """Days are counted from the snapshot back, of the category asked for alone, and missing where there was none."""
    touches = [
        Touch("a", "visit home", 0),
        Touch("a", "ticket", 480),
        Touch("a", "use", 492),
        Touch("a", "mail sent", 498),
    ]
    found = values_of(
        engine,
        touches,
        504,
        recency.days_since_last_touchpoint,
        recency.days_since_first_touchpoint,
        recency.days_since_journey_start,
        recency.days_since_last_website,
        recency.days_since_last_product,
        recency.days_since_last_communication,
        recency.days_since_last_support,
        recency.days_since_last_transaction,
        recency.days_since_last_feedback,
    )
    assert found == [0.25, 21.0, 1.0, 21.0, 0.5, 0.25, 1.0, None, None]
