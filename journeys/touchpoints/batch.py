"""One batch: the files of a source that are read, decided and written together."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from journeys.config.sources import Source
from journeys.engine import connect, materialize
from journeys.lake.workspace import Workspace
from journeys.sources.record import INSTANT
from journeys.touchpoints.accounting import FileCount, check_reconciles, count_files, refusals_by_file
from journeys.touchpoints.files import SourceFile
from journeys.touchpoints.judge import accepted_records, judged_records, refused_lines
from journeys.touchpoints.mapping import as_table, map_events
from journeys.touchpoints.outputs import Existing, about, build_outputs, keyed, quarantine_rows
from journeys.touchpoints.reading import ReadFile, read_files, rejection
from journeys.touchpoints.spend import spend_outputs

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

SPEND_WRITE_ORDER = ("channel_spend", "quarantine")
"""The same for a source of spend."""

_TOLD_BY_NOW = ("raw", "identifiers", "problem_rule", "problem_reason")
"""Columns of records that are no longer needed once they are accepted; they are most of a row's size."""


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
        profiles, judged = judged_records(
            connection,
            records,
            source,
            config.identities,
            workspace.identifier_key,
            now=workspace.now,
            frontier=frontier,
        )
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
        others = _Others(workspace, connection, source_name, [one.file.load_id for one in read])
        currency = source.currency or config.currency
        if profiles is None:
            outputs = spend_outputs(
                connection,
                accepted,
                others.scan("channel_spend"),
                source_name=source_name,
                channel=source.channel,
                currency=currency,
                now=workspace.now,
            )
        else:
            outputs = build_outputs(
                connection,
                accepted,
                profiles,
                about(connection, others.existing(), accepted, profiles),
                source_name=source_name,
                channel=source.channel,
                currency=currency,
                config=config,
            )
        names = {one.file.load_id: one.file.name for one in read}
        rows = {**outputs.rows, "quarantine": quarantine_rows(refused, names, source_name)}
        consumed = [one for one in read if one.file.load_id not in rejected]
        counts = count_files(
            {one.file.load_id: (one.file.name, one.count_rows) for one in consumed},
            outputs.verdicts,
            rows.get("touchpoints"),
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


def _mapped(connection: Any, records: ibis.Table, source: Source) -> tuple[ibis.Table, tuple[tuple[str, int], ...]]:
    """Return records with touchpoint, category and rule_channel, and the event names that no rule matches."""
    named = records.filter(records.event.notnull()).group_by("event").agg(rows=lambda t: t.count())
    counts = named.order_by(ibis.desc("rows"), "event").to_pyarrow().to_pylist()
    mapping = map_events([row["event"] for row in counts], source)
    unmatched = set(mapping.loc[~mapping["is_matched"], "event"])
    table = as_table(mapping).drop("is_matched").rename(rule_channel="channel")
    joined = records.left_join(table, "event").drop("event_right")
    return joined, tuple((row["event"], row["rows"]) for row in counts if row["event"] in unmatched)


@dataclass(frozen=True)
class _Others:
    """What the lake holds from other files of the source.

    Not from those of the batch: a run that was killed is done again, not added to itself. Nor from other
    sources: they are loaded at the same time, and what a load writes must not depend on who was first.
    """

    workspace: Workspace
    connection: Any
    source_name: str
    load_ids: Sequence[str]

    def scan(self, name: str) -> ibis.Table:
        """Return a table's rows."""
        table = self.workspace.lake.scan(self.connection, name)
        return table.filter(table.source == self.source_name, ~table.load_id.isin(list(self.load_ids)))

    def existing(self) -> Existing:
        """Return what is compared with records about customers."""
        of_accounts = self.scan("account_attributes").rename(identifier_id="account_id")
        return Existing(
            touchpoints=self.scan("touchpoints"),
            vault=self.scan("identifier_vault"),
            attributes=ibis.union(self.scan("customer_attributes"), of_accounts),
            consents=self.scan("consents"),
            links=self.scan("identifier_links"),
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
    for name in WRITE_ORDER if "touchpoints" in rows else SPEND_WRITE_ORDER:
        table = rows[name]
        if "loaded_at" in workspace.lake.table(name).columns:
            table = table.mutate(loaded_at=ibis.literal(workspace.now).cast(INSTANT))
        workspace.lake.replace(name, table.to_pyarrow(), run_id=workspace.run_id, where={"load_id": load_ids})
    if loads.num_rows:
        workspace.lake.add_new("loads", loads, run_id=workspace.run_id)
