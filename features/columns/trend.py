"""Trend: more or less than before."""

import ibis


def trend_touchpoints_3d(seen: ibis.Table) -> ibis.Value:
    """Share of the last 6 days' touchpoints that fell in the last 3; missing where there were none."""
    return _share(seen, 3)


def trend_touchpoints_7d(seen: ibis.Table) -> ibis.Value:
    """Share of the last 14 days' touchpoints that fell in the last 7; missing where there were none."""
    return _share(seen, 7)


def trend_touchpoints_30d(seen: ibis.Table) -> ibis.Value:
    """Share of the last 60 days' touchpoints that fell in the last 30; missing where there were none."""
    return _share(seen, 30)


def trend_product_30d(seen: ibis.Table) -> ibis.Value:
    """Share of the last 60 days' product use that fell in the last 30; missing where there was none."""
    is_product = seen.category == "product"
    return (seen.age_days <= 30).cast("float64").mean(where=is_product & (seen.age_days <= 60))


def _share(seen: ibis.Table, days: int) -> ibis.Value:
    return (seen.age_days <= days).cast("float64").mean(where=seen.age_days <= 2 * days)
