"""Spend: what was paid for a channel and campaign on a day, as the ad platforms and a business's own tables tell it.

A row of spend is about nobody. Platforms restate their last days: a row that comes again with other figures
is kept beside the earlier one, each from when it was known.
"""

from datetime import datetime
from typing import Any

import ibis

from journeys.engine import exact_sum, materialize
from journeys.sources.personal import mask_identifiers
from journeys.sources.record import INSTANT
from journeys.sources.spend_columns import CAMPAIGN, CLICKS, IMPRESSIONS, SPEND_DATE, spend_detail
from journeys.touchpoints.outputs import Outputs
from journeys.touchpoints.statements import new_statements

_FIGURES = ("spend_amount", "currency", "count_impressions", "count_clicks")


def spend_outputs(
    connection: Any,
    accepted: ibis.Table,
    stored: ibis.Table,
    *,
    source_name: str,
    channel: str,
    currency: str,
    now: datetime,
) -> Outputs:
    """Return the new rows of `channel_spend` that accepted records bring.

    Args:
        connection: where to compute.
        accepted: accepted records with source_record_id, `file_rank` and `position`.
        stored: rows of `channel_spend` of the source from other files.
        source_name: the source.
        channel: the source's channel, where a record has none.
        currency: of amounts that carry none.
        now: the clock: a day that is not over is known as far as it goes.
    """
    # Rows of a file that are the same in all that tells them apart are parts of one sum, as spend by device.
    same = ibis.window(group_by=["load_id", "source_record_id"], order_by="position")
    numbered = accepted.mutate(part=ibis.row_number().over(same))
    rows = numbered.select(
        *("load_id", "line", "file_rank", "position", "has_own_known_at"),
        spend_id=ibis.literal(f"{source_name}\n")
        .concat(numbered.source_record_id, "\n", numbered.part.cast("string"))
        .hexdigest("sha256")
        .substr(0, 32),
        known_at=ibis.least(numbered.known_at, ibis.literal(now).cast(INSTANT)),
        channel=ibis.coalesce(mask_identifiers(numbered.channel), ibis.literal(channel)),
        campaign=spend_detail(numbered.properties, CAMPAIGN).fill_null(""),
        spend_date=spend_detail(numbered.properties, SPEND_DATE).cast("date"),
        spend_amount=numbered.amount,
        currency=numbered.currency.fill_null(currency),
        count_impressions=spend_detail(numbered.properties, IMPRESSIONS).try_cast("float64").cast("int64"),
        count_clicks=spend_detail(numbered.properties, CLICKS).try_cast("float64").cast("int64"),
    )
    rows = materialize(connection, rows.mutate(figures=_figures(rows)), "spend")
    said = rows.select("spend_id", "known_at", "figures", "load_id", "file_rank", "position", "has_own_known_at")
    told = stored.mutate(figures=_figures(stored)).select("spend_id", "known_at", "figures")
    new = materialize(connection, new_statements(said, told, ("spend_id",), "figures"), "new_spend")
    details = rows.drop("known_at", "spend_id", "figures", "line", "file_rank", "has_own_known_at")
    spend = new.drop("figures").join(details, ["load_id", "position"]).drop("position")
    is_new = new.select("load_id", "position", is_new=ibis.literal(True))
    judged = rows.left_join(is_new, ["load_id", "position"])
    verdicts = judged.select(
        "load_id", "line", is_touchpoint=ibis.literal(False), is_new=judged.is_new.fill_null(False)
    )
    return Outputs({"channel_spend": spend.mutate(source=ibis.literal(source_name))}, verdicts)


def _figures(rows: ibis.Table) -> Any:
    """Return all that is told of a row as one text, by which a restatement is known."""
    cells = [rows[name].cast("string").fill_null("") for name in ("spend_date", "channel", "campaign", *_FIGURES)]
    return ibis.array(cells).join("\n")


def spend_as_known(spend: ibis.Table, at: datetime) -> ibis.Table:
    """Return source, channel, campaign, spend_date, currency, spend_amount, count_impressions, count_clicks as known.

    One row for each source, channel, campaign, day and currency; the latest that was known of each row counts.

    Args:
        spend: rows of `channel_spend`.
        at: the instant.
    """
    known = spend.filter(spend.known_at <= ibis.literal(at).cast(INSTANT))
    line = ibis.window(group_by="spend_id", order_by=known.known_at.desc())
    placed = known.mutate(place=ibis.row_number().over(line))
    last = placed.filter(placed.place == 0)
    return last.group_by("source", "channel", "campaign", "spend_date", "currency").agg(
        spend_amount=exact_sum(last.spend_amount),
        count_impressions=last.count_impressions.sum(),
        count_clicks=last.count_clicks.sum(),
    )
