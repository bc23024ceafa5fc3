"""Stage and dwell: how far the current journey has come, and since when it stands there."""

import ibis


def stage(seen: ibis.Table) -> ibis.Value:
    """Stage in force at the snapshot."""
    return seen.stage.max(where=seen.is_last)


def stage_number(seen: ibis.Table) -> ibis.Value:
    """Position of the stage in force, counted from 0."""
    return seen.stage_number.max(where=seen.is_last)


def days_in_stage(seen: ibis.Table) -> ibis.Value:
    """Days since the current journey entered the stage in force."""
    return seen.age_days.min(where=seen.is_current & seen.enters)


def days_to_stage(seen: ibis.Table) -> ibis.Value:
    """Days from the start of the current journey until it entered the stage in force."""
    return seen.age_days.max(where=seen.is_current) - seen.age_days.min(where=seen.is_current & seen.enters)


def is_journey_open(seen: ibis.Table) -> ibis.Value:
    """Whether no outcome has ended the current journey."""
    return ~(seen.is_current & seen.ends_journey).any()


def last_touchpoint(seen: ibis.Table) -> ibis.Value:
    """Name of the last touchpoint."""
    return seen.touchpoint.max(where=seen.is_last)


def previous_touchpoint(seen: ibis.Table) -> ibis.Value:
    """Name of the touchpoint before the last one of the current journey; missing where it is the first."""
    return seen.previous_touchpoint.max(where=seen.is_last)
