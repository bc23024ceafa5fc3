"""Amounts in the project's currency, by the rate of their day."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa

from journeys.config.currencies import Rate
from journeys.engine import local_time

_SCHEMA = pa.schema(
    [("rate_currency", pa.string()), ("rate", pa.float64()), ("begins", pa.date32()), ("ends", pa.date32())]
)


def in_currency(touchpoints: ibis.Table, rates: Sequence[Rate], currency: str, zone: ZoneInfo) -> ibis.Table:
    """Return `touchpoints` with every amount in the project's currency, null where there is no rate for it.

    The rate of an amount is the last one dated on or before its day; without a date before, the first there is.

    Args:
        touchpoints: the table of that name.
        rates: all rates of the project.
        currency: the project's currency.
        zone: the business's time zone, in which days are counted.
    """
    table = ibis.memtable(pa.Table.from_pylist(_spans(rates), schema=_SCHEMA))
    day = local_time(str(zone), touchpoints.event_at).date()
    foreign = touchpoints.amount.notnull() & (touchpoints.currency != currency)
    asked = touchpoints.mutate(asked_currency=ibis.ifelse(foreign, touchpoints.currency, ibis.null("string")), day=day)
    joined = asked.left_join(
        table,
        [
            asked.asked_currency == table.rate_currency,
            asked.day >= table.begins,
            table.ends.isnull() | (asked.day < table.ends),
        ],
    )
    is_foreign = joined.asked_currency.notnull()
    converted = joined.mutate(
        amount=ibis.ifelse(is_foreign, joined.amount * joined.rate, joined.amount),
        currency=ibis.ifelse(is_foreign, ibis.literal(currency), joined.currency),
    )
    return converted.select(*touchpoints.columns)


def _spans(rates: Sequence[Rate]) -> list[dict[str, object]]:
    """Return since when until when each rate holds; the first of a currency holds since ever."""
    spans: list[dict[str, object]] = []
    for name in sorted({rate.currency for rate in rates}):
        own = sorted({rate.day: rate for rate in rates if rate.currency == name}.values())
        for place, rate in enumerate(own):
            begins = date.min if place == 0 else rate.day
            ends = own[place + 1].day if place + 1 < len(own) else None
            spans.append({"rate_currency": name, "rate": rate.rate, "begins": begins, "ends": ends})
    return spans
