"""Spend in records: a day's row is a record about nobody, with its day and figures among the properties."""

from typing import Any

import ibis

from journeys.sources.personal import json_text
from journeys.sources.values import number

SPENT = "spent"
"""The event of records of spend."""

SPEND_DATE, CAMPAIGN, IMPRESSIONS, CLICKS = "spend_date", "campaign", "impressions", "clicks"

_DATE = r"^\d{4}-\d{2}-\d{2}"


def spend_date(text: Any) -> Any:
    """Return the day that a text begins with, null where it begins with none.

    Days of platforms are those of the ad account: a time of day or a zone beside them says nothing more.
    """
    return text.re_extract(_DATE, 0).try_cast("date")


def spend_properties(day: Any, campaign: Any, impressions: Any, clicks: Any) -> dict[str, Any]:
    """Return the properties of a record of spend."""
    return {
        SPEND_DATE: spend_date(day).cast("string"),
        CAMPAIGN: campaign,
        IMPRESSIONS: number(impressions).cast("string"),
        CLICKS: number(clicks).cast("string"),
    }


def spend_detail(properties: Any, name: str) -> Any:
    """Return a detail of a record of spend as text."""
    return json_text(properties, f"$.{name}")


def spend_problems(day: Any, amount_text: Any, amount: Any) -> list[tuple[Any, str, str]]:
    """Return what can be wrong with a row of spend: condition, rule and reason."""
    return [
        (
            spend_date(day).isnull(),
            "unreadable_date",
            "The row has no day that can be read; write it as in 2026-03-01.",
        ),
        (amount_text.isnull(), "missing_amount", "The row does not say what was spent; write 0 where it was nothing."),
        (
            amount.isnull(),
            "not_a_number",
            "What was spent is no number; write it with digits and a point, as in 1234.50.",
        ),
    ]


def at_midnight(day: Any) -> Any:
    """Return the text of the day's first instant."""
    return spend_date(day).cast("string").concat(ibis.literal("T00:00:00Z"))
