"""Consents: what each customer had agreed to, as known at an instant."""

from datetime import datetime

import ibis


def latest_consents(consents: ibis.Table, owners: ibis.Table, at: datetime) -> ibis.Table:
    """Return customer_id, purpose, channel, is_granted, valid_from, source: the last that was known of each at an instant.

    Whatever identifier of the customer it was said of, the statement with the latest `valid_from` holds,
    then the one known last; of two that hold from the same instant and were known at once, the refusal.
    There is no row where nothing was said, or a refusal was only taken back: that is no refusal, and no consent.

    Args:
        consents: rows of the table of that name.
        owners: identifier_id and customer_id: whose identifiers they are.
        at: the instant.
    """
    instant = ibis.literal(at).cast("timestamp('UTC', 6)")
    told = consents.filter(consents.valid_from <= instant, consents.known_at <= instant)
    rows = told.join(owners.select("identifier_id", "customer_id"), "identifier_id")
    order = ibis.window(
        group_by=["customer_id", "purpose", "channel"],
        order_by=[rows.valid_from.desc(), rows.known_at.desc(), rows.is_granted, rows.source],
    )
    placed = rows.mutate(place=ibis.row_number().over(order))
    return placed.filter((placed.place == 0) & placed.is_granted.notnull()).select(
        "customer_id", "purpose", "channel", "is_granted", "valid_from", "source"
    )


def refusals(latest: ibis.Table, purpose: str, channel: str) -> ibis.Table:
    """Return customer_id of those who refuse a purpose on a channel.

    What is said of one purpose or channel goes before what is said of all ('*'); of two that are as
    near, the refusal holds.

    Args:
        latest: `latest_consents`.
        purpose: as sources call it, as in marketing.
        channel: as in email.
    """
    near = latest.filter(latest.purpose.isin([purpose, "*"]), latest.channel.isin([channel, "*"]))
    nearness = (near.purpose == purpose).cast("int8") + (near.channel == channel).cast("int8")
    order = ibis.window(group_by="customer_id", order_by=[nearness.desc(), near.is_granted])
    placed = near.mutate(place=ibis.row_number().over(order))
    return placed.filter((placed.place == 0) & ~placed.is_granted).select("customer_id")
