"""What is said of customers: the value of each attribute that was in force at an instant."""

from datetime import datetime

import ibis


def latest_attributes(attributes: ibis.Table, owners: ibis.Table, at: datetime) -> ibis.Table:
    """Return customer_id, attribute, value: of each attribute the latest value that was known at an instant.

    The value with the latest `valid_from` wins, then the one known last, then the first in the alphabet,
    so that the answer does not depend on the order of the rows.

    Args:
        attributes: rows of `customer_attributes`.
        owners: identifier_id and customer_id: whose identifiers they are.
        at: the instant.
    """
    instant = ibis.literal(at).cast("timestamp('UTC', 6)")
    stated = attributes.filter(
        attributes.valid_from <= instant, attributes.known_at <= instant, attributes["value"].notnull()
    )
    rows = stated.join(owners.select("identifier_id", "customer_id"), "identifier_id")
    order = ibis.window(
        group_by=["customer_id", "attribute"],
        order_by=[rows.valid_from.desc(), rows.known_at.desc(), rows["value"]],
    )
    placed = rows.mutate(place=ibis.row_number().over(order))
    return placed.filter(placed.place == 0).select("customer_id", "attribute", "value")
