"""Recency: how long ago."""

import ibis

from journeys.config.base import CATEGORIES


def days_since_last_touchpoint(seen: ibis.Table) -> ibis.Value:
    """Days since the customer's last touchpoint."""
    return seen.age_days.min()


def days_since_first_touchpoint(seen: ibis.Table) -> ibis.Value:
    """Days since the customer's first touchpoint ever."""
    return seen.age_days.max()


def days_since_journey_start(seen: ibis.Table) -> ibis.Value:
    """Days since the current journey began."""
    return seen.age_days.max(where=seen.is_current)


def days_since_last_website(seen: ibis.Table) -> ibis.Value:
    """Days since the last touchpoint of the category website; missing where there was none."""
    return _since(seen, CATEGORIES[0])


def days_since_last_product(seen: ibis.Table) -> ibis.Value:
    """Days since the last use of the product; missing where there was none."""
    return _since(seen, CATEGORIES[1])


def days_since_last_communication(seen: ibis.Table) -> ibis.Value:
    """Days since the last touchpoint of the category communication; missing where there was none."""
    return _since(seen, CATEGORIES[2])


def days_since_last_support(seen: ibis.Table) -> ibis.Value:
    """Days since the last support touchpoint; missing where there was none."""
    return _since(seen, CATEGORIES[3])


def days_since_last_transaction(seen: ibis.Table) -> ibis.Value:
    """Days since the last transaction; missing where there was none."""
    return _since(seen, CATEGORIES[4])


def days_since_last_feedback(seen: ibis.Table) -> ibis.Value:
    """Days since the last feedback; missing where there was none."""
    return _since(seen, CATEGORIES[5])


def _since(seen: ibis.Table, category: str) -> ibis.Value:
    return seen.age_days.min(where=seen.category == category)
