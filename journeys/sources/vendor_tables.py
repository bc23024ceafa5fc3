"""Tables of a vendor as a loader lands them: which table a file holds, and what each of its rows tells."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import ibis
import ibis.expr.datatypes as dt

from journeys.config.errors import UnsupportedTableError
from journeys.config.sources import Source
from journeys.sources.columns import column_names, read_columns
from journeys.sources.consents import consents
from journeys.sources.elements import elements, value_of
from journeys.sources.headers import ONE_ROW, Layout
from journeys.sources.personal import impersonal_columns, mask_identifiers
from journeys.sources.record import ATTRIBUTES, CONSENTS, WITHDRAWN, Reading, conform, identifiers
from journeys.sources.table_names import is_table, plain_name, table_name
from journeys.sources.values import first_problem, instant, instant_problem, number, present

Text: TypeAlias = Any
"""An Ibis string expression (Ibis ships no types)."""

Cell: TypeAlias = Callable[..., Text]
"""Called with names of columns: the first value among those that the file has, null where none has one."""

_DELETED = ("_fivetran_deleted", "is_deleted", "deleted", "archived")


@dataclass(frozen=True)
class Telling:
    """One thing that a row of a table tells.

    Attributes:
        key: the row's own key; rows with the same table, key and event are the same thing.
        event: what happened; None where the row only says something about a customer.
        at: when it happened, or since when it holds.
        known_at: when the vendor knew of it, where that is not the time itself.
        identifiers: type to value.
        attributes: name to value.
        consents: purpose and channel to what is said of it, as `sources.consents` says.
        where: rows that tell it; None for all.
        of: the table of which it is told, where that is not the row's own: two tables tell the same thing.
        problems: what else refuses the row: condition, rule and reason.
        amount, currency, score, channel, text, properties: as in `RECORD`.
    """

    key: Text
    at: Text | str
    event: Text | str | None = None
    known_at: Text | None = None
    identifiers: Mapping[str, Text] = field(default_factory=dict)
    attributes: Mapping[str, Text] = field(default_factory=dict)
    consents: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    where: Any = None
    of: Text | None = None
    problems: Sequence[tuple[Any, str, str]] = ()
    amount: Text | None = None
    currency: Text | None = None
    score: Text | None = None
    channel: Text | str | None = None
    text: Text | None = None
    properties: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True)
class Each:
    """What each element of a list in a row tells.

    Attributes:
        items: the list, as JSON text.
        told: given the cells of an element, returns what it tells.
    """

    items: Text
    told: Callable[[Cell], Sequence[Telling]]


VendorTable: TypeAlias = Callable[[Cell], Sequence[Telling | Each]]
"""Given the cells of a row, returns what it tells; the first telling is of every row."""


def read_vendor_table(
    connection: Any,
    path: Path,
    source: Source,
    vendor: str,
    tables: Mapping[str, VendorTable],
    *,
    table: str | None = None,
    layout: Layout = ONE_ROW,
    zone: str | None = "UTC",
) -> Reading:
    """Return the rows of one table as records.

    A row tells one thing or several; each keeps the row's number. A row that the vendor marks as deleted is
    refused with that reason, for what was withdrawn did not happen.

    Args:
        connection: an Ibis connection to DuckDB.
        path: the file.
        source: its source.
        vendor: the vendor's name, for what is said.
        tables: name of a table to what its rows tell.
        table: the table that the file holds, whatever its name; None where its name or its folder's says so.
        layout: where a CSV file's header is.
        zone: of times that carry none, where the source does not name another. Loaders write UTC. Without
            any such times are refused.

    Raises:
        UnsupportedTableError: when the file holds none of the tables.
        DataError: when the file is empty, without rows, cut off or unreadable.
    """
    name = table or table_name(path, tables, vendor)
    if name is None and not is_table(path) and len(set(tables.values())) == 1:
        name = next(iter(tables))  # the vendor's own export of the only thing it exports
    if name is None:
        raise UnsupportedTableError(
            f"{path.name} holds no table that is read of {vendor}; read are {', '.join(sorted(tables))}."
        )
    # A table that goes by several names is one table: the same row under either is the same thing.
    name = next(same for same in tables if tables[same] is tables[name])
    layout = replace(layout, encoding=source.encoding)
    found = column_names(path, layout)
    places = {plain_name(column): column for column in reversed(found)}
    asked: dict[str, str] = {}

    def note(*names: str) -> Text:
        for wanted in _spellings(names):
            if wanted in places:
                asked.setdefault(places[wanted], wanted)
        return ibis.literal("")

    tables[name](note)  # once to learn which columns are asked for, so that only those are read
    note(*_DELETED)
    rows = read_columns(connection, path, dict.fromkeys(asked, f"table {name}"), layout)
    positions = {column: f"column_{position}" for position, column in enumerate(asked)}

    def cell(*names: str) -> Text:
        there = [present(rows[positions[places[wanted]]]) for wanted in _spellings(names) if wanted in places]
        return ibis.coalesce(*there) if there else ibis.null("string")

    zone = source.time_zone or zone
    is_deleted = cell(*_DELETED).lower().isin(("true", "t", "1")).fill_null(False)
    parts: list[ibis.Table] = []
    for telling in tables[name](cell):
        if isinstance(telling, Each):
            parts += _records_of_elements(rows, telling, name, zone)
        else:
            parts.append(_record(rows, telling, name, zone, is_deleted if not parts else None))
    records = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return Reading(records, int(rows.count().execute()))


def _records_of_elements(rows: ibis.Table, each: Each, table: str, zone: str | None) -> list[ibis.Table]:
    unnested = rows.mutate(element=elements(each.items).unnest())

    def cell(*names: str) -> Text:
        return ibis.coalesce(*(value_of(unnested.element, name) for name in names))

    return [_record(unnested, telling, table, zone, None) for telling in each.told(cell)]


def _spellings(names: Sequence[str]) -> list[str]:
    """Return the names under which columns may be, a loader's `property_x` also as the API's `properties.x`."""
    return [
        spelling
        for name in names
        for spelling in (
            [name, f"properties.{name.removeprefix('property_')}"] if name.startswith("property_") else [name]
        )
    ]


def words(*parts: Text | str) -> Text:
    """Return texts one after the other, null where one of them is."""
    first, *others = (ibis.literal(part) if isinstance(part, str) else part for part in parts)
    return first.concat(*others) if others else first


def _record(rows: ibis.Table, telling: Telling, table: str, zone: str | None, is_deleted: Any) -> ibis.Table:
    at = instant(ibis.literal(telling.at) if isinstance(telling.at, str) else telling.at, zone)
    event = ibis.literal(telling.event) if isinstance(telling.event, str) else telling.event
    event = ibis.null("string") if event is None else event
    of = ibis.literal(table) if telling.of is None else telling.of
    happened = of.concat(":", telling.key, ":", event.fill_null(""))
    made = rows.mutate(
        source_record_id=happened,
        event=event,
        event_at=at,
        known_at=instant(telling.known_at, zone) if telling.known_at is not None else ibis.null("timestamp('UTC', 6)"),
        identifiers=identifiers(**telling.identifiers),
        attributes=_attributes(telling.attributes, at),
        consents=consents(telling.consents, at) if telling.consents else ibis.null(CONSENTS),
        amount=_number(telling.amount),
        currency=telling.currency.upper() if telling.currency is not None else ibis.null("string"),
        score=_number(telling.score),
        channel=ibis.literal(telling.channel) if isinstance(telling.channel, str) else _text(telling.channel),
        text=_text(telling.text),
        properties=_properties(telling.properties),
    )
    problems = [
        (telling.key.isnull(), "missing_id", f"The row of {table} has no key; export the whole table."),
        *(instant_problem(telling.at, made.event_at)[1:2] if zone is None and not isinstance(telling.at, str) else ()),
        (
            made.event_at.isnull(),
            "unreadable_time",
            f"The row of {table} has no time that can be read; export it with its times.",
        ),
    ]
    problems[:0] = telling.problems
    if is_deleted is not None:
        problems.insert(0, (is_deleted, WITHDRAWN, "The vendor marks the row as deleted."))
    made = first_problem(made, problems)
    return conform(made if telling.where is None else made.filter(telling.where))


def _attributes(values: Mapping[str, Text], at: Any) -> Any:
    if not values:
        return ibis.null(ATTRIBUTES)
    pairs = [
        ibis.struct({"attribute": name, "value": value.cast("string"), "valid_from": at})
        for name, value in values.items()
    ]
    return ibis.array(pairs).cast(ATTRIBUTES).filter(lambda pair: pair["value"].notnull())


def _properties(values: Mapping[str, Text]) -> Any:
    if not values:
        return ibis.null("string")
    return impersonal_columns(values)


def _number(value: Text | None) -> Any:
    return ibis.null(dt.float64) if value is None else number(value)


def _text(value: Text | None) -> Any:
    return ibis.null("string") if value is None else mask_identifiers(value)
