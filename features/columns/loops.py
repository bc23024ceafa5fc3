"""Loops: coming back to the same thing."""

import ibis


def count_loops(seen: ibis.Table) -> ibis.Value:
    """Returns, within the current journey, to a touchpoint met before with something else between."""
    return (seen.is_current & seen.is_loop).sum()


def count_repeats(seen: ibis.Table) -> ibis.Value:
    """Touchpoints of the current journey that are the same as the one before."""
    return (seen.is_current & seen.is_repeat).sum()


def count_distinct_touchpoints(seen: ibis.Table) -> ibis.Value:
    """Different touchpoints of the current journey."""
    return seen.touchpoint.nunique(where=seen.is_current)
