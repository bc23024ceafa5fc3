"""Reports of ad platforms, as drawn."""

import json
from pathlib import Path
from typing import Any

import pytest

from journeys.config.errors import UnsupportedTableError
from tests.journeys.sources.drawn import read, source_of, table

GOOGLE = {"customer_id": "9", "date": "2026-02-01", "id": "77", "device": "MOBILE", "ad_network_type": "SEARCH"}
META = {"ad_id": "5", "date": "2026-02-01", "account_id": "1"}
LINKEDIN = {"campaign_id": "3", "day": "2026-02-01 00:00:00 UTC"}


@pytest.mark.parametrize(
    ("vendor", "name", "row", "amount", "currency", "details"),
    [
        ("google_ads", "campaign_stats", {**GOOGLE, "cost_micros": "1234567", "clicks": "3", "impressions": "40"}, 1.234567, None, ("77", "40.0", "3.0")),
        ("google_ads", "google_ads_campaign_stats_data", {**GOOGLE, "cost_micros": "0"}, 0.0, None, ("77", None, None)),
        ("meta_ads", "basic_ad", {**META, "spend": "76.53", "inline_link_clicks": "10", "impressions": "4233"}, 76.53, None, (None, "4233.0", "10.0")),
        ("meta_ads", "facebook_ads_basic_ad", {**META, "spend": "5", "campaign_name": "Spring"}, 5.0, None, ("Spring", None, None)),
        ("linkedin_ads", "ad_analytics_by_campaign", {**LINKEDIN, "cost_in_local_currency": "8.5", "cost_in_usd": "9"}, 8.5, None, ("3", None, None)),
        ("linkedin_ads", "ad_analytics_by_campaign", {**LINKEDIN, "cost_in_local_currency": "", "cost_in_usd": "9"}, 9.0, "USD", ("3", None, None)),
        ("linkedin_ads", "ad_analytics_by_campaign", {**LINKEDIN, "cost_in_local_currency": "", "impressions": "7"}, 0.0, None, ("3", "7.0", None)),
    ],
)  # fmt: skip
def test_what_was_spent(
    connection: Any,
    tmp_path: Path,
    vendor: str,
    name: str,
    row: dict[str, str],
    amount: float,
    currency: str | None,
    details: tuple[Any, ...],
) -> None:
    """Money in the account's currency, with its day, campaign, impressions and clicks."""
    (found,) = read(connection, table(tmp_path, f"{name}.csv", row), source_of(vendor))
    assert (found["problem_rule"], found["amount"], found["currency"]) == (None, pytest.approx(amount), currency)
    told = json.loads(found["properties"])
    assert told["spend_date"] == "2026-02-01"
    assert tuple(told[key] for key in ("campaign", "impressions", "clicks")) == details
    assert found["identifiers"] == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"date": "soon"}, "unreadable_date"), ({"spend": ""}, "missing_amount"), ({"spend": "much"}, "not_a_number")],
)
def test_rows_that_are_refused(connection: Any, tmp_path: Path, change: dict[str, str], rule: str) -> None:
    """A row without its day or its money is refused with what to do."""
    row = {**META, "spend": "5", **change}
    (found,) = read(connection, table(tmp_path, "basic_ad.csv", row), source_of("meta_ads"))
    assert found["problem_rule"] == rule


def test_the_same_money_at_another_level(connection: Any, tmp_path: Path) -> None:
    """Other reports of the same platform are not read: they tell the same money again."""
    path = table(tmp_path, "ad_stats.csv", {**GOOGLE, "cost_micros": "5"})
    with pytest.raises(UnsupportedTableError, match=r"read are campaign_stats\.$"):
        read(connection, path, source_of("google_ads"))
