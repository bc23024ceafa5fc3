"""Ad spend of Google, Meta and LinkedIn, as a loader lands their reports of a day.

Each platform reports the same money at several levels (account, campaign, ad group, ad); one table of each is read,
so that nothing is spent twice. Columns by Fivetran's own models of these tables (its packages dbt_google_ads_source,
dbt_facebook_ads_source and dbt_linkedin_source, 2026).
"""

from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.spend_columns import SPENT, at_midnight, spend_problems, spend_properties
from journeys.sources.values import number
from journeys.sources.vendor_tables import Cell, Telling, read_vendor_table

_MICROS = 1e6


def read_google_ads(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return Google's `campaign_stats` as records; the cost is in millionths of the account's currency."""
    return read_vendor_table(connection, path, source, "Google Ads", {"campaign_stats": _google})


def read_meta_ads(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return Meta's `basic_ad` (its campaign where the report has one) as records."""
    return read_vendor_table(connection, path, source, "Meta Ads", {"basic_ad": _meta})


def read_linkedin_ads(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return LinkedIn's `ad_analytics_by_campaign` as records, in the account's currency, else in dollars."""
    return read_vendor_table(connection, path, source, "LinkedIn Ads", {"ad_analytics_by_campaign": _linkedin})


def _google(cell: Cell) -> list[Telling]:
    micros = cell("cost_micros")
    millionths = micros.try_cast("float64")
    return _spent(
        cell,
        cell("date"),
        [cell("customer_id"), cell("id"), cell("device"), cell("ad_network_type")],
        campaign=cell("campaign_name", "name", "id"),
        amount=millionths.notnull().ifelse((millionths / _MICROS).cast("string"), micros),
        clicks=cell("clicks"),
    )


def _meta(cell: Cell) -> list[Telling]:
    return _spent(
        cell,
        cell("date", "date_start"),
        [cell("account_id"), cell("ad_id")],
        campaign=cell("campaign_name", "campaign_id"),
        amount=cell("spend"),
        clicks=cell("inline_link_clicks", "clicks"),
        currency=cell("account_currency"),
    )


def _linkedin(cell: Cell) -> list[Telling]:
    local, dollars = cell("cost_in_local_currency"), cell("cost_in_usd")
    in_dollars = local.isnull() & dollars.notnull()
    return _spent(
        cell,
        cell("day", "date_start"),
        [cell("campaign_id")],
        campaign=cell("campaign_name", "campaign_id"),
        amount=ibis.coalesce(local, dollars, ibis.literal("0")),
        clicks=cell("clicks"),
        currency=in_dollars.ifelse("USD", None),
    )


def _spent(
    cell: Cell, day: Any, apart: list[Any], *, campaign: Any, amount: Any, clicks: Any, currency: Any = None
) -> list[Telling]:
    """Return what a row tells; `apart` are the columns that tell the rows of a day apart."""
    key = ibis.array([day, *apart]).map(lambda part: part.fill_null("")).join(":")
    return [
        Telling(
            key,
            at_midnight(day),
            event=SPENT,
            amount=amount,
            currency=currency,
            properties=spend_properties(day, campaign, cell("impressions"), clicks),
            problems=spend_problems(day, amount, number(amount)),
        )
    ]
