"""Waiting: silences within the current journey."""

import ibis

from journeys.engine import exact_mean


def hours_longest_wait(seen: ibis.Table) -> ibis.Value:
    """Longest silence between two touchpoints of the current journey, in hours; missing with fewer than two."""
    return seen.gap_hours.max(where=_inside(seen))


def hours_mean_wait(seen: ibis.Table) -> ibis.Value:
    """Mean silence between touchpoints of the current journey, in hours; missing with fewer than two."""
    return exact_mean(seen.gap_hours, where=_inside(seen))


def count_waits_over_1d(seen: ibis.Table) -> ibis.Value:
    """Silences of more than a day within the current journey."""
    return (_inside(seen) & (seen.gap_hours > 24)).sum()


def count_waits_over_3d(seen: ibis.Table) -> ibis.Value:
    """Silences of more than three days within the current journey."""
    return (_inside(seen) & (seen.gap_hours > 72)).sum()


def hours_longest_silence(seen: ibis.Table) -> ibis.Value:
    """Longest silence of the current journey, the one that lasts at the snapshot among them, in hours."""
    open_silence = seen.age_days.min(where=seen.is_current) * 24
    return ibis.greatest(seen.gap_hours.max(where=_inside(seen)).fill_null(0.0), open_silence)


def hours_last_wait(seen: ibis.Table) -> ibis.Value:
    """Length of the latest silence of more than ten minutes within the current journey, in hours."""
    return seen.gap_hours.argmax(seen.step_number, where=_inside(seen) & (seen.gap_hours > 1 / 6))


def days_unanswered(seen: ibis.Table) -> ibis.Value:
    """Days since communication to which nothing else has followed yet; 0 where it was answered.

    Counted from the first communication of the current journey after its last other touchpoint.
    """
    return seen.age_days.max(where=seen.is_current & seen.is_unanswered).fill_null(0.0)


def _inside(seen: ibis.Table) -> ibis.Value:
    return seen.is_current & (seen.step_number > 1)
