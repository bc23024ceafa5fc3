"""Three columns for each stage of `journey.yaml`: how much of it, how long ago, and how long it took to get there."""

import ibis


def count_stage_touchpoints(seen: ibis.Table, stage_number: int) -> ibis.Value:
    """Touchpoints of the current journey that enter the stage {stage}."""
    return (seen.is_current & (seen.enters_stage == stage_number)).sum()


def days_since_stage_touchpoint(seen: ibis.Table, stage_number: int) -> ibis.Value:
    """Days since the last touchpoint of the current journey that enters the stage {stage}; missing without one."""
    return seen.age_days.min(where=seen.is_current & (seen.enters_stage == stage_number))


def hours_to_stage(seen: ibis.Table, stage_number: int) -> ibis.Value:
    """Hours from the start of the current journey to its first touchpoint that enters the stage {stage}."""
    first = seen.age_days.max(where=seen.is_current & (seen.enters_stage == stage_number))
    return (seen.age_days.max(where=seen.is_current) - first) * 24
