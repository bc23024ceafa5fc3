"""Columns of each channel."""

from typing import Any

from features.columns import by_channel
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch


def test_of_one_channel(engine: Any) -> None:
    """Touchpoints of the current journey through the channel are counted, with the days since the last."""
    touches = [
        Touch("a", "buy", 0, channel="helpdesk"),
        Touch("a", "use", 24, channel="helpdesk"),
        Touch("a", "use", 36, channel="website"),
    ]

    def of_channel(channel: str) -> list[Any]:
        functions = (by_channel.count_channel_touchpoints, by_channel.days_since_channel)
        return values_of(engine, touches, 72, *((function, channel) for function in functions))

    assert of_channel("helpdesk") == [1, 2.0]
    assert of_channel("website") == [1, 1.5]
    assert of_channel("phone") == [0, None]
