"""Where the customer is met."""

from typing import Any

from features.columns import channels
from tests.features.drawn import values_of
from tests.journeys.made_up import Touch


def test_mix_of_the_last_90_days(engine: Any) -> None:
    """Channels and categories of the last 90 days count; older touchpoints do not."""
    recent = [("visit home", "web"), ("use", "app"), ("use", "app"), ("mail sent", "email")]
    touches = [Touch("a", what, 2_400 + place, channel=channel) for place, (what, channel) in enumerate(recent)]
    touches.append(Touch("a", "ticket", 0, channel="helpdesk"))
    functions = [
        channels.count_channels_90d,
        channels.share_website_90d,
        channels.share_product_90d,
        channels.share_communication_90d,
    ]
    assert values_of(engine, touches, 2_500, *functions) == [3, 0.25, 0.5, 0.25]
    assert values_of(engine, touches[-1:], 2_500, *functions) == [0, None, None, None]
