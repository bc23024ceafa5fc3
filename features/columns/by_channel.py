"""Two columns for each channel of `journey.yaml`: how often it was used in the journey, and how long ago."""

import ibis


def count_channel_touchpoints(seen: ibis.Table, channel: str) -> ibis.Value:
    """Touchpoints of the current journey through the channel {channel}."""
    return (seen.is_current & (seen.channel == channel)).sum()


def days_since_channel(seen: ibis.Table, channel: str) -> ibis.Value:
    """Days since the last touchpoint of the current journey through the channel {channel}; missing without one."""
    return seen.age_days.min(where=seen.is_current & (seen.channel == channel))
