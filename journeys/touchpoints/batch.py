"""One batch: the files of a source that are read, decided and written together."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from journeys.config.errors import DesireLinesError, UnsupportedTableError
from journeys.config.sources import Source
from journeys.engine import connect, materialize
from journeys.lake.workspace import Workspace
from journeys.sources.columns_told import Kind, columns_told
from journeys.sources.personal import mask_identifiers
from journeys.sources.record import INSTANT
from journeys.sources.registry import READERS
from journeys.touchpoints.accounting import FileCount, Refusals, check_reconciles, count_files, refusals_by_file
from journeys.touchpoints.drift import check_contract
from journeys.touchpoints.files import SourceFile
from journeys.touchpoints.judge import accepted_records, find_profiles, judge, refused_lines
from journeys.touchpoints.mapping import as_table, map_events
from journeys.touchpoints.outputs import Existing, about, build_outputs, keyed, quarantine_rows

WRITE_ORDER = (
    "identifier_vault",
    "customer_attributes",
    "account_attributes",
    "consents",
    "identifier_links",
    "touchpoint_texts",
    "touchpoint_flags",
    "quarantine",
    "touchpoints",
)
"""Tables in the order in which a batch writes them; `loads`, which says that all is there, comes last."""

_TOLD_BY_NOW = ("raw", "identifiers", "problem_rule", "problem_reason")
"""Columns of records that are no longer needed once they are accepted; they are most of a row's size."""


@dataclass(frozen=True)
class ReadFile:
    """A file that was read, how many rows it has, and its columns with the kind of their values."""

    file: SourceFile
    count_rows: int
    columns: Mapping[str, Kind]


@dataclass(frozen=True)
class BatchResult:
    """What one batch came to.

    Attributes:
        counts: files consumed.
        rejected: files of which nothing was loaded, since too many of their rows were refused.
        failures: sentences on files that could not be read, or were rejected.
        unmatched: event names that no rule matches, with their rows.
        notes: sentences on files that hold nothing that is read.
    """

    counts: tuple[FileCount, ...] = ()
    rejected: tuple[FileCount, ...] = ()
    failures: tuple[str, ...] = ()
    unmatched: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()


def load_batch(
    workspace: Workspace,
    source_name: str,
    files: Sequence[SourceFile],
    frontier: datetime | None,
    on_read: Callable[[SourceFile], None],
) -> BatchResult:
    """Read files of one source, decide what is new in them, and write it: one commit a table.

    Args:
        workspace: project, lake, clock and key.
        source_name: the source.
        files: files that were not consumed before.
        frontier: the latest known_at of the source's files loaded by earlier runs.
        on_read: called after each file is read.

    Raises:
        DataError: when a file's rows do not reconcile, or the lake cannot be written.
    """
    config = workspace.project.config
    source = config.sources[source_name]
    with connect(memory=workspace.memory) as connection:
        records, read, failures, notes = read_files(connection, source_name, source, files, on_read)
        if records is None:
            return BatchResult(failures=tuple(failures), notes=tuple(notes))
        profiles = find_profiles(connection, records, config.identities, workspace.identifier_key)
        judged = judge(records, profiles, now=workspace.now, lag=source.lag, frontier=frontier)
        refused = materialize(connection, refused_lines(judged, config.identities.profile_types), "refused")
        refusals = refusals_by_file(refused)
        rejected = {
            one.file.load_id: FileCount(one.file.name, one.count_rows, 0, 0, refusals[one.file.load_id].count, 0)
            for one in read
            if one.file.load_id in refusals
            and refusals[one.file.load_id].are_too_many(one.count_rows, source.max_reject_share)
        }
        accepted, unmatched = _mapped(connection, accepted_records(judged, refused, list(rejected)), source)
        accepted = keyed(accepted, source_name, workspace.identifier_key).drop(*_TOLD_BY_NOW)
        accepted = materialize(connection, accepted, "accepted")
        existing = _existing(workspace, connection, source_name, [one.file.load_id for one in read])
        outputs = build_outputs(
            connection,
            accepted,
            profiles,
            about(connection, existing, accepted, profiles),
            source_name=source_name,
            channel=source.channel,
            config=config,
        )
        names = {one.file.load_id: one.file.name for one in read}
        rows = {**outputs.rows, "quarantine": quarantine_rows(refused, names, source_name)}
        consumed = [one for one in read if one.file.load_id not in rejected]
        counts = count_files(
            {one.file.load_id: (one.file.name, one.count_rows) for one in consumed},
            outputs.verdicts,
            rows["touchpoints"],
            refusals,
        )
        for count in counts.values():
            check_reconciles(count)
        _write(workspace, rows, list(names), _loads(workspace, source_name, consumed, counts, accepted))
    failures += [
        f"{rejection(source_name, source, count.file, count.read, refusals[load_id])} All refused rows are in quarantine."
        for load_id, count in rejected.items()
    ]
    return BatchResult(tuple(counts.values()), tuple(rejected.values()), tuple(failures), unmatched, tuple(notes))


def read_files(
    connection: Any,
    source_name: str,
    source: Source,
    files: Sequence[SourceFile],
    on_read: Callable[[SourceFile], None],
) -> tuple[ibis.Table | None, list[ReadFile], list[str], list[str]]:
    """Return the records of the files that can be read, those files with their rows, and sentences on the others.

    The first sentences are on files that should have been read; the last on those of which nothing is.
    """
    parts, read, failures, notes = [], [], [], []
    for rank, file in enumerate(files):
        try:
            columns = columns_told(file.path)
            check_contract(file.name, columns, source.contract)
            reading = READERS[source.vendor](connection, file.path, source_name, source)
        except UnsupportedTableError as error:
            notes.append(in_source(source_name, error))
        except DesireLinesError as error:
            failures.append(in_source(source_name, error))
        else:
            records = reading.records
            placed = records.mutate(
                load_id=ibis.literal(file.load_id),
                file_rank=ibis.literal(rank, "int64"),
                profile=records.identifiers.cast("json").cast("string"),
                event=mask_identifiers(records.event),
            )
            parts.append(_in_order(materialize(connection, placed, "placed")))
            read.append(ReadFile(file, reading.count_rows, columns))
        on_read(file)
    return (ibis.union(*parts) if len(parts) > 1 else parts[0]) if parts else None, read, failures, notes


def _in_order(records: ibis.Table) -> ibis.Table:
    """Return a file's records with their position; those of one row are in the order of their times."""
    counts = records.aggregate(records=records.count(), lines=records.line.nunique()).to_pyarrow().to_pylist()[0]
    if counts["records"] == counts["lines"]:
        return records.mutate(position=records.line)  # to number them all is slow
    order = ibis.window(order_by=["line", "event_at", "source_record_id"])
    return records.mutate(position=ibis.row_number().over(order))


def in_source(source_name: str, error: Exception) -> str:
    """Return an error's sentence, beginning with the source that it is about."""
    where = f"sources.{source_name}"
    return "\n".join(line if line.startswith(where) else f"{where}: {line}" for line in str(error).splitlines())


def _mapped(connection: Any, records: ibis.Table, source: Source) -> tuple[ibis.Table, tuple[tuple[str, int], ...]]:
    """Return records with touchpoint, category and rule_channel, and the event names that no rule matches."""
    named = records.filter(records.event.notnull()).group_by("event").agg(rows=lambda t: t.count())
    counts = named.order_by(ibis.desc("rows"), "event").to_pyarrow().to_pylist()
    mapping = map_events([row["event"] for row in counts], source)
    unmatched = set(mapping.loc[~mapping["is_matched"], "event"])
    table = as_table(mapping).drop("is_matched").rename(rule_channel="channel")
    joined = records.left_join(table, "event").drop("event_right")
    return joined, tuple((row["event"], row["rows"]) for row in counts if row["event"] in unmatched)


def _existing(workspace: Workspace, connection: Any, source_name: str, load_ids: Sequence[str]) -> Existing:
    """Return what the lake holds from other files of the source.

    Not from those of the batch: a run that was killed is done again, not added to itself. Nor from other
    sources: they are loaded at the same time, and what a load writes must not depend on who was first.
    """

    def scan(name: str) -> ibis.Table:
        table = workspace.lake.scan(connection, name)
        return table.filter(table.source == source_name, ~table.load_id.isin(list(load_ids)))

    return Existing(
        touchpoints=scan("touchpoints"),
        vault=scan("identifier_vault"),
        attributes=ibis.union(
            scan("customer_attributes"), scan("account_attributes").rename(identifier_id="account_id")
        ),
        consents=scan("consents"),
        links=scan("identifier_links"),
    )


def _loads(
    workspace: Workspace,
    source_name: str,
    consumed: Sequence[ReadFile],
    counts: Mapping[str, FileCount],
    accepted: ibis.Table,
) -> pa.Table:
    """Return the rows of `loads` for the files consumed.

    `last_known_at` is how far the source had come by then: rows that came late do not move it, and
    the source's own known_at only where it gives no other.
    """
    usual = accepted.known_at.max(where=~accepted.is_late & ~accepted.has_own_known_at)
    frontiers = accepted.group_by("load_id").agg(
        last_known_at=ibis.coalesce(usual, accepted.known_at.max(where=~accepted.is_late))
    )
    last = {row["load_id"]: row["last_known_at"] for row in frontiers.to_pyarrow().to_pylist()}
    rows = [
        {
            "load_id": file.load_id,
            "run_id": workspace.run_id,
            "source": source_name,
            "file": file.name,
            "file_hash": file.file_hash,
            "columns": json.dumps(one.columns),
            "mapping_hash": workspace.project.config.sources[source_name].mapping_hash,
            "count_rows_read": counts[file.load_id].read,
            "count_rows_loaded": counts[file.load_id].loaded,
            "count_rows_duplicate": counts[file.load_id].duplicates,
            "count_rows_quarantined": counts[file.load_id].quarantined,
            "count_touchpoints": counts[file.load_id].touchpoints,
            "last_known_at": last.get(file.load_id),
            "loaded_at": workspace.now,
        }
        for one in consumed
        for file in (one.file,)
    ]
    return pa.Table.from_pylist(rows, schema=workspace.lake.table("loads").schema)


def _write(workspace: Workspace, rows: Mapping[str, ibis.Table], load_ids: Sequence[str], loads: pa.Table) -> None:
    for name in WRITE_ORDER:
        table = rows[name]
        if "loaded_at" in workspace.lake.table(name).columns:
            table = table.mutate(loaded_at=ibis.literal(workspace.now).cast(INSTANT))
        workspace.lake.replace(name, table.to_pyarrow(), run_id=workspace.run_id, where={"load_id": load_ids})
    if loads.num_rows:
        workspace.lake.add_new("loads", loads, run_id=workspace.run_id)


def rejection(source_name: str, source: Source, file: str, rows: int, refusals: Refusals) -> str:
    """Return why a file of which too many rows are refused is not loaded."""
    return (
        f"sources.{source_name}: {file} cannot be loaded: {refusals.count} of {rows} rows ({refusals.count / rows:.1%}) "
        f"are refused, more than max_reject_share {source.max_reject_share:.1%} allows; "
        f"line {refusals.first_line}: {refusals.first_reason}"
    )
