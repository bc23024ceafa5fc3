"""Which segments a customer is in."""

import ibis

from journeys.config.journey_yaml import JourneyConfig

ALL = "all"
"""The segment of everybody, and the period of all time."""


def customer_segments(journeys: ibis.Table, attributes: ibis.Table, config: JourneyConfig) -> ibis.Table:
    """Return columns customer_id and segment: everybody in 'all', and once in each '<name>=<value>'.

    A customer of whom a segment's attribute is not known is in none of that segment's values.
    """
    customers = journeys.select("customer_id").distinct()
    parts = [customers.mutate(segment=ibis.literal(ALL))]
    for segment in config.segments:
        rows = attributes.filter(attributes.attribute == segment.attribute, attributes.value.notnull())
        labelled = rows.select("customer_id", segment=ibis.literal(f"{segment.name}=") + rows.value)
        parts.append(labelled.semi_join(customers, "customer_id").distinct())
    return parts[0] if len(parts) == 1 else ibis.union(*parts)
