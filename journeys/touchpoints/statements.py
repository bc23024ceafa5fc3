"""Statements: what a source newly says of customers and accounts, their attributes and their consents.

A statement holds from `valid_from` on, and was known at `known_at`. Saying again what was last known is
nothing new.
"""

from collections.abc import Sequence

import ibis

from journeys.sources.personal import mask_identifiers

_LONGEST_CONTEST = ibis.interval(seconds=1)
"""Values known so soon after one another were said of the same instant."""

ATTRIBUTE_KEY = ("identifier_id", "attribute", "valid_from")
CONSENT_KEY = ("identifier_id", "purpose", "channel", "valid_from")


def new_attributes(first: ibis.Table, stored: ibis.Table) -> ibis.Table:
    """Return identifier_id, attribute, valid_from, known_at, value, load_id, position of what is newly said.

    Args:
        first: records that are new, with identifier_ids (strongest first), attributes, known_at and their place.
        stored: what the lake holds of the source: identifier_id, attribute, valid_from, known_at, value.
    """
    said = _said(first, "attributes")
    rows = said.mutate(
        attribute=said.entry["attribute"],
        valid_from=ibis.coalesce(said.entry["valid_from"], said.event_at),
        value=mask_identifiers(said.entry["value"]),
    )
    return new_statements(rows, stored, ATTRIBUTE_KEY, "value")


def new_consents(first: ibis.Table, stored: ibis.Table) -> ibis.Table:
    """Return identifier_id, purpose, channel, valid_from, known_at, is_granted, load_id, position of what is newly said.

    Args:
        first: records that are new, as for `new_attributes`, with consents.
        stored: what the lake holds of the source: identifier_id, purpose, channel, valid_from, known_at, is_granted.
    """
    said = _said(first, "consents")
    rows = said.mutate(
        purpose=said.entry["purpose"],
        channel=said.entry["channel"],
        valid_from=ibis.coalesce(said.entry["valid_from"], said.event_at),
        is_granted=said.entry["is_granted"],
    )
    return new_statements(rows, stored, CONSENT_KEY, "is_granted")


def _said(first: ibis.Table, what: str) -> ibis.Table:
    said = first.filter(first[what].length() > 0)
    return said.select(
        *("load_id", "file_rank", "position", "event_at", "known_at", "has_own_known_at"),
        identifier_id=said.identifier_ids[0],
        entry=said[what].unnest(),
    )


def new_statements(rows: ibis.Table, stored: ibis.Table, key: Sequence[str], value: str) -> ibis.Table:
    """Return the rows that say something else of their key than was known before them: key, known_at, value and place.

    Of two values that claim the same instants, as in two exports without dates, the later row or file
    is taken to be known a tick after the earlier, so that it is the one in force.

    Args:
        rows: what is said: the key, the value, known_at, has_own_known_at, load_id, file_rank and position.
        stored: what the lake holds of it: the key, the value and known_at.
        key: columns that say of what it is said.
        value: the column that is said.
    """
    columns = list(key)
    last = stored.group_by(columns).agg(
        last_value=stored[value].last(order_by=stored.known_at), last_known_at=stored.known_at.max()
    )
    rows = rows.left_join(last, columns).drop(*(f"{name}_right" for name in columns))
    in_turn = ibis.window(group_by=columns, order_by=["known_at", "file_rank", "position"])
    is_first = ibis.row_number().over(in_turn) == 0
    rows = rows.mutate(
        before=is_first.ifelse(rows.last_value, rows[value].lag().over(in_turn)),
        has_before=~is_first | rows.last_known_at.notnull(),
    )
    # Null is a statement like others: a refusal that was taken back.
    rows = rows.filter(~(rows.has_before & rows[value].identical_to(rows.before)))
    # Where the source says since when it knew, its word stands.
    is_contested = rows.last_known_at.between(rows.known_at, rows.known_at + _LONGEST_CONTEST).fill_null(False)
    is_contested &= ~rows.has_own_known_at
    since = is_contested.ifelse(rows.last_known_at + ibis.interval(microseconds=1), rows.known_at)
    rows = rows.mutate(since=since)
    at_once = ibis.window(group_by=[*columns, "since"], order_by=["file_rank", "position"])
    rows = rows.mutate(ticks=ibis.row_number().over(at_once))
    rows = rows.mutate(known_at=rows.since + rows.ticks.as_interval("us"))
    known = stored.select(*columns, "known_at").distinct()
    return rows.select(*columns, "known_at", value, "load_id", "position").anti_join(known, [*columns, "known_at"])
