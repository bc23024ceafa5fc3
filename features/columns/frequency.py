"""Frequency: how often within a window."""

import ibis


def count_touchpoints_1d(seen: ibis.Table) -> ibis.Value:
    """Touchpoints in the last day."""
    return (seen.age_days <= 1).sum()


def count_touchpoints_3d(seen: ibis.Table) -> ibis.Value:
    """Touchpoints in the last 3 days."""
    return (seen.age_days <= 3).sum()


def count_touchpoints_7d(seen: ibis.Table) -> ibis.Value:
    """Touchpoints in the last 7 days."""
    return (seen.age_days <= 7).sum()


def count_touchpoints_14d(seen: ibis.Table) -> ibis.Value:
    """Touchpoints in the last 14 days."""
    return (seen.age_days <= 14).sum()


def count_touchpoints_30d(seen: ibis.Table) -> ibis.Value:
    """Touchpoints in the last 30 days."""
    return (seen.age_days <= 30).sum()


def count_touchpoints_90d(seen: ibis.Table) -> ibis.Value:
    """Touchpoints in the last 90 days."""
    return (seen.age_days <= 90).sum()


def count_sessions_30d(seen: ibis.Table) -> ibis.Value:
    """Sessions in the last 30 days."""
    return seen.session_id.nunique(where=seen.age_days <= 30)


def count_active_days_7d(seen: ibis.Table) -> ibis.Value:
    """Days of the last 7 with at least one touchpoint, counted backwards from the snapshot."""
    return seen.age_days.floor().nunique(where=seen.age_days <= 7)


def count_active_days_30d(seen: ibis.Table) -> ibis.Value:
    """Days of the last 30 with at least one touchpoint, counted backwards from the snapshot."""
    return seen.age_days.floor().nunique(where=seen.age_days <= 30)


def count_touchpoints_journey(seen: ibis.Table) -> ibis.Value:
    """Touchpoints of the current journey."""
    return seen.is_current.sum()


def count_journeys(seen: ibis.Table) -> ibis.Value:
    """Journeys so far, the current one among them."""
    return seen.journey_id.nunique()
