"""Support: how much help was needed."""

import ibis

from journeys.engine import exact_mean


def count_support_30d(seen: ibis.Table) -> ibis.Value:
    """Support touchpoints in the last 30 days."""
    return ((seen.category == "support") & (seen.age_days <= 30)).sum()


def count_support_90d(seen: ibis.Table) -> ibis.Value:
    """Support touchpoints in the last 90 days."""
    return ((seen.category == "support") & (seen.age_days <= 90)).sum()


def mean_score_90d(seen: ibis.Table) -> ibis.Value:
    """Mean of the scores given in the last 90 days (ratings, surveys); missing where there were none."""
    return exact_mean(seen.score, where=seen.age_days <= 90)
