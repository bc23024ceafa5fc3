"""The canonical record: what every vendor's file becomes before anything of ours is decided about it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import ibis
import ibis.expr.datatypes as dt

from journeys.config.sources import Source

INSTANT = dt.Timestamp(timezone="UTC", scale=6)
IDENTIFIERS = dt.Array(dt.Struct({"type": dt.string, "value": dt.string}))
ATTRIBUTES = dt.Array(dt.Struct({"attribute": dt.string, "value": dt.string, "valid_from": INSTANT}))
CONSENTS = dt.Array(
    dt.Struct({"purpose": dt.string, "channel": dt.string, "is_granted": dt.boolean, "valid_from": INSTANT})
)

RECORD: ibis.Schema = ibis.schema(
    {
        "line": dt.int64,
        "raw": dt.string,
        "problem_rule": dt.string,
        "problem_reason": dt.string,
        "source_record_id": dt.string,
        "event": dt.string,
        "event_at": INSTANT,
        "known_at": INSTANT,
        "amount": dt.float64,
        "currency": dt.string,
        "score": dt.float64,
        "channel": dt.string,
        "case_id": dt.string,
        "identifiers": IDENTIFIERS,
        "attributes": ATTRIBUTES,
        "consents": CONSENTS,
        "user_agent": dt.string,
        "text": dt.string,
        "properties": dt.string,
    }
)
"""One row per outcome of a file's row.

`line` is the row's position in its file, from 1. `raw` is the row as it stood. A row that was refused
has `problem_rule` and `problem_reason`, a sentence without personal data. `event` is the vendor's name
of what happened, null where the row only says something about a customer (then `attributes`, `consents`
or `identifiers` carry it). `known_at` is the source's own received or updated time, null where it says
none. `user_agent` is what the browser or program called itself, by which machines are known; it is not
kept. `properties` is a JSON object without personal data.
"""


SINCE_EVER = "1970-01-01T00:00:00Z"
"""The time of rows that have none, as those of tables that only say what belongs to what."""

WITHDRAWN = "deleted_by_vendor"
"""The rule of rows that their vendor marks as deleted."""

PREVIEW = "preview"
"""The rule of answers with which somebody tried a survey out."""

LEG = "leg_of_a_call"
"""The rule of calls that are a part of another one."""

NO_FAULTS = (WITHDRAWN, PREVIEW, LEG)
"""Rules of rows that are right as they stand and tell nothing of a customer: refused, and no fault of the file."""


@dataclass(frozen=True)
class Reading:
    """A file as records.

    Attributes:
        records: a table in the shape of `RECORD`.
        count_rows: rows in the file, counted while it was read and not from `records`.
    """

    records: ibis.Table
    count_rows: int


Reader: TypeAlias = Callable[[Any, Path, str, Source], Reading]
"""Reads a file: connection, path, name of the source and its settings."""


def conform(table: ibis.Table) -> ibis.Table:
    """Return `table` in the shape of `RECORD`: absent columns null, the others cast and in order."""
    columns = {
        name: table[name].cast(kind) if name in table.columns else ibis.null(kind) for name, kind in RECORD.items()
    }
    return table.select(**columns)


def identifiers(**values: ibis.expr.types.StringValue) -> ibis.expr.types.ArrayValue:
    """Return the identifiers of a record: type to value; those without a value are left out."""
    if not values:
        return ibis.literal([], IDENTIFIERS)
    pairs = [ibis.struct({"type": name, "value": value.cast("string")}) for name, value in values.items()]
    return ibis.array(pairs).cast(IDENTIFIERS).filter(lambda pair: pair["value"].notnull())
