"""Payment: what was paid, and when last."""

import ibis

from journeys.engine import exact_sum


def count_transactions_90d(seen: ibis.Table) -> ibis.Value:
    """Transaction touchpoints in the last 90 days."""
    return ((seen.category == "transaction") & (seen.age_days <= 90)).sum()


def journey_amount(seen: ibis.Table) -> ibis.Value:
    """Largest amount named by a touchpoint of the current journey; missing where none names one."""
    return seen.amount.max(where=seen.is_current)


def transactions_90d_amount(seen: ibis.Table) -> ibis.Value:
    """Sum of the amounts of the last 90 days' transactions."""
    is_recent = (seen.category == "transaction") & (seen.age_days <= 90)
    return exact_sum(seen.amount, where=is_recent).fill_null(0.0)
