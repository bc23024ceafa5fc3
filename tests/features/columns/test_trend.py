"""More or less than before."""

from typing import Any

from features.columns import trend
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch


def test_shares_of_the_later_half(engine: Any) -> None:
    """A trend is the share of a doubled window's touchpoints that fell in its later half."""
    touches = [Touch("a", what, 24 * (100 - age)) for what, age in [("use", 2), ("use", 5), ("mail", 10), ("use", 45)]]
    found = values_of(
        engine,
        touches,
        2_400,
        trend.trend_touchpoints_3d,
        trend.trend_touchpoints_7d,
        trend.trend_touchpoints_30d,
        trend.trend_product_30d,
    )
    assert found == [1 / 2, 2 / 3, 3 / 4, 2 / 3]


def test_nothing_lately_is_missing(engine: Any) -> None:
    """Without touchpoints in the doubled window there is no share, which is not 0."""
    touches = [Touch("a", "visit home", 0)]
    found = values_of(engine, touches, 7 * 24, trend.trend_touchpoints_3d, trend.trend_product_30d)
    assert found == [None, None]
