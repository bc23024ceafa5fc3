"""Channel mix: where the customer is met."""

import ibis


def count_channels_90d(seen: ibis.Table) -> ibis.Value:
    """Different channels in the last 90 days."""
    return seen.channel.nunique(where=seen.age_days <= 90)


def share_website_90d(seen: ibis.Table) -> ibis.Value:
    """Share of the website among the last 90 days' touchpoints; missing where there were none."""
    return _share(seen, "website")


def share_product_90d(seen: ibis.Table) -> ibis.Value:
    """Share of the product among the last 90 days' touchpoints; missing where there were none."""
    return _share(seen, "product")


def share_communication_90d(seen: ibis.Table) -> ibis.Value:
    """Share of communication among the last 90 days' touchpoints; missing where there were none."""
    return _share(seen, "communication")


def _share(seen: ibis.Table, category: str) -> ibis.Value:
    return (seen.category == category).cast("float64").mean(where=seen.age_days <= 90)
