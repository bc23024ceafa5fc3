"""Tables of a business's own: CSV, JSONL or Parquet, with columns mapped in `journey.yaml`."""

from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import AttributeColumns, ConsentColumns, EventColumns, Source, SpendColumns
from journeys.sources.columns import read_columns
from journeys.sources.consents import ALL, consent_said, is_granted
from journeys.sources.headers import Layout
from journeys.sources.personal import impersonal_columns, mask_identifiers
from journeys.sources.record import ATTRIBUTES, CONSENTS, INSTANT, SINCE_EVER, Reading, conform, identifiers
from journeys.sources.spend_columns import SPENT, at_midnight, spend_problems, spend_properties
from journeys.sources.values import first_problem, instant, instant_problem, number, number_problem, present


def read_tabular(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return the rows of a table as records: one a row.

    Raises:
        ConfigError: when a mapped column is not in the file; the nearest names are listed.
        DataError: when the file is empty, without rows, cut off or unreadable.
    """
    columns = source.columns
    assert columns is not None
    wanted = _wanted(name, source)
    positions = {column: f"column_{position}" for position, column in enumerate(wanted)}
    rows = read_columns(connection, path, wanted, Layout(encoding=source.encoding))
    rows = rows.mutate(**{position: present(rows[position]) for position in positions.values()})

    def cell(column: str | None) -> Any:
        return ibis.null("string") if column is None else rows[positions[column]]

    found = identifiers(**{kind: cell(column) for kind, column in source.identifiers.items()})
    if isinstance(columns, EventColumns):
        records = _events(rows, columns, source, cell)
    elif isinstance(columns, AttributeColumns):
        records = _attributes(rows, columns, source, cell)
    elif isinstance(columns, ConsentColumns):
        records = _consents(rows, columns, source, cell)
    else:
        records = _spend(rows, columns, source, cell)
    return Reading(conform(records.mutate(identifiers=found)), int(rows.count().execute()))


def _wanted(name: str, source: Source) -> dict[str, str]:
    """Return each column that the settings name, with the first setting that names it."""
    columns = source.columns
    assert columns is not None
    settings: list[tuple[str, str | list[str] | None]] = [
        (f"sources.{name}.columns.{key}", getattr(columns, key)) for key in type(columns).model_fields
    ]
    settings += [(f"sources.{name}.identifiers.{kind}", column) for kind, column in source.identifiers.items()]
    wanted: dict[str, str] = {}
    for setting, value in settings:
        for column in [value] if isinstance(value, str) else value or []:
            wanted.setdefault(column, setting)
    return wanted


def _events(rows: ibis.Table, columns: EventColumns, source: Source, cell: Any) -> ibis.Table:
    names = [columns.event] if isinstance(columns.event, str) else columns.event
    event = ibis.array([cell(column) for column in names]).filter(lambda part: part.notnull()).join(":")
    kept = {column: mask_identifiers(cell(column)) for column in columns.properties}
    properties = ibis.struct(kept).cast("json").cast("string") if kept else ibis.null("string")
    records = rows.mutate(
        source_record_id=cell(columns.record_id),
        event=event,
        event_at=instant(cell(columns.event_at), source.time_zone),
        known_at=instant(cell(columns.known_at), source.time_zone),
        amount=number(cell(columns.amount)),
        currency=cell(columns.currency).upper(),
        score=number(cell(columns.score)),
        channel=cell(columns.channel),
        case_id=cell(columns.case_id),
        text=cell(columns.text),
        user_agent=cell(columns.user_agent),
        properties=properties,
    )
    # The problems are told from what was computed, so that nothing is computed twice.
    problems = [
        (records.event.length() == 0, "missing_event", "The row does not say what happened; every event needs a name."),
        *instant_problem(cell(columns.event_at), records.event_at),
        _unreadable_known_at(cell(columns.known_at), records.known_at),
        number_problem("amount", cell(columns.amount), records.amount),
        number_problem("score", cell(columns.score), records.score),
    ]
    return first_problem(records, problems)


def _consents(rows: ibis.Table, columns: ConsentColumns, source: Source, cell: Any) -> ibis.Table:
    since_ever = ibis.literal(SINCE_EVER).cast(INSTANT)
    records = rows.mutate(
        event_at=since_ever if columns.valid_from is None else instant(cell(columns.valid_from), source.time_zone),
        known_at=instant(cell(columns.known_at), source.time_zone),
        said=consent_said(cell(columns.is_granted)),
    )
    consent = ibis.struct(
        {
            "purpose": mask_identifiers(cell(columns.purpose).lower().fill_null(ALL)),
            "channel": mask_identifiers(cell(columns.channel).lower().fill_null(ALL)),
            "is_granted": is_granted(records.said),
            "valid_from": records.event_at,
        }
    )
    problems = [
        *(instant_problem(cell(columns.valid_from), records.event_at) if columns.valid_from else ()),
        _unreadable_known_at(cell(columns.known_at), records.known_at),
        (
            records.said.isnull(),
            "unreadable_consent",
            "The row does not say whether consent is given; write true or false, yes or no, opt_in or opt_out.",
        ),
    ]
    return first_problem(records.mutate(consents=ibis.array([consent]).cast(CONSENTS)), problems)


def _spend(rows: ibis.Table, columns: SpendColumns, source: Source, cell: Any) -> ibis.Table:
    day, amount = cell(columns.spend_date), cell(columns.spend_amount)
    told_apart = ibis.array([day, cell(columns.channel), cell(columns.campaign)])
    properties = spend_properties(day, cell(columns.campaign), cell(columns.impressions), cell(columns.clicks))
    records = rows.mutate(
        source_record_id=ibis.coalesce(
            cell(columns.record_id), told_apart.map(lambda part: part.fill_null("")).join(":")
        ),
        event=ibis.literal(SPENT),
        event_at=instant(at_midnight(day), None),
        known_at=instant(cell(columns.known_at), source.time_zone),
        amount=number(amount),
        currency=cell(columns.currency).upper(),
        channel=cell(columns.channel),
        properties=impersonal_columns(properties),
    )
    problems = [
        *spend_problems(day, amount, records.amount),
        _unreadable_known_at(cell(columns.known_at), records.known_at),
    ]
    return first_problem(records, problems)


def _unreadable_known_at(text: Any, known_at: Any) -> tuple[Any, str, str]:
    return (
        text.notnull() & known_at.isnull(),
        "unreadable_time",
        "The time at which the source knew the row cannot be read; write it as in 2026-03-01T02:00:00Z.",
    )


def _attributes(rows: ibis.Table, columns: AttributeColumns, source: Source, cell: Any) -> ibis.Table:
    since_ever = ibis.literal(SINCE_EVER).cast(INSTANT)
    valid_from = since_ever if columns.valid_from is None else instant(cell(columns.valid_from), source.time_zone)
    known_at = instant(cell(columns.known_at), source.time_zone)
    values = ibis.array(
        [
            ibis.struct({"attribute": column, "value": cell(column), "valid_from": valid_from})
            for column in columns.attributes
        ]
    ).cast(ATTRIBUTES)
    records = rows.mutate(
        event_at=valid_from, known_at=known_at, attributes=values.filter(lambda pair: pair["value"].notnull())
    )
    problems = [] if columns.valid_from is None else list(instant_problem(cell(columns.valid_from), valid_from))
    problems.append(_unreadable_known_at(cell(columns.known_at), known_at))
    return first_problem(records, problems)
