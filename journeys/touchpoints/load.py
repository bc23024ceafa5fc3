"""Loading: all files of the sources that were not consumed before, into the lake, with nothing lost."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from journeys.config.errors import ConfigError, DataError, DesireLinesError, nearest
from journeys.config.sources import Source
from journeys.lake.workspace import StepReport, Workspace
from journeys.touchpoints.accounting import FileCount
from journeys.touchpoints.batch import SPEND_WRITE_ORDER, WRITE_ORDER, load_batch
from journeys.touchpoints.drift import drifts
from journeys.touchpoints.files import SourceFile, find_files
from journeys.touchpoints.mapping import unmatched_note
from journeys.touchpoints.reading import in_source

_BATCH_BYTES = 128 * 2**20
"""Files of a source are read and written together until they reach so many bytes."""

_LOADS = ["load_id", "run_id", "source", "file", "mapping_hash", "last_known_at"]

_TABLES = (*dict.fromkeys((*WRITE_ORDER, *SPEND_WRITE_ORDER)), "loads", "first_files")


def load_touchpoints(workspace: Workspace, *, sources: Sequence[str] | None = None) -> StepReport:
    """Load every file of the sources that was not consumed before.

    A file is consumed when each of its rows is loaded, a duplicate or in quarantine. A file that is
    missing, empty, damaged or mostly refused does not keep the others from being loaded.

    Args:
        workspace: project, lake, clock and key.
        sources: names of the sources to load; all of them unless given.

    Raises:
        ConfigError: when a source is unknown, or all that went wrong is in `journey.yaml`.
        DataError: at the end, when files could not be consumed: one sentence each.
    """
    declared = workspace.project.config.sources
    chosen = list(declared) if sources is None else list(sources)
    for name in chosen:
        if name not in declared:
            raise ConfigError(f"There is no source '{name}' in journey.yaml; {nearest(name, declared)}")
    versions_read = workspace.lake.versions(_TABLES)
    failures: list[str] = []
    errors: list[DesireLinesError] = []
    found: dict[str, list[SourceFile]] = {}
    for name in chosen:
        try:
            found[name] = find_files(workspace.project, name, declared[name])
        except DesireLinesError as error:
            errors.append(error)
            failures.append(in_source(name, error))
    loads = workspace.lake.read("loads", columns=_LOADS).to_pylist()
    consumed = {row["load_id"] for row in loads}
    count_files = sum(len(files) for files in found.values())
    counts: list[FileCount] = []
    notes: list[str] = []
    done = count_loaded = 0

    def on_read(_file: SourceFile) -> None:
        nonlocal done
        done += 1
        workspace.progress("ingest", done, count_files)

    for name, files in found.items():
        fresh = [file for file in files if file.load_id not in consumed]
        done += len(files) - len(fresh)
        count_loaded += len(files) - len(fresh)
        unmatched: dict[str, int] = {}
        for batch, frontier in _batches(workspace, name, fresh, [row for row in loads if row["source"] == name]):
            result = load_batch(workspace, name, batch, frontier, on_read)
            counts += result.counts
            failures += result.failures
            notes += result.notes
            for event, rows in result.unmatched:
                unmatched[event] = unmatched.get(event, 0) + rows
        notes += _drift(workspace, name, fresh)
        notes += _changed_mapping(name, declared[name], files, loads)
        by_rows = sorted(unmatched.items(), key=lambda item: (-item[1], item[0]))
        note = unmatched_note(name, declared[name], by_rows)
        notes += [note] if note else []
    if failures:
        only_config = len(errors) == len(failures) and all(isinstance(error, ConfigError) for error in errors)
        raise (ConfigError if only_config else DataError)("\n".join(failures))
    return StepReport(
        step="ingest",
        counts={
            "files": count_files,
            "files_already_loaded": count_loaded,
            "rows_read": sum(count.read for count in counts),
            "rows_loaded": sum(count.loaded for count in counts),
            "rows_duplicate": sum(count.duplicates for count in counts),
            "rows_quarantined": sum(count.quarantined for count in counts),
            "touchpoints": sum(count.touchpoints for count in counts),
        },
        read=versions_read,
        written=workspace.lake.versions(_TABLES) if counts else {},
        notes=tuple(notes),
    )


def _drift(workspace: Workspace, source_name: str, fresh: Sequence[SourceFile]) -> list[str]:
    """Return a sentence for each change of columns in the files that were loaded just now."""
    if not fresh:
        return []
    columns = ["load_id", "source", "file", "loaded_at", "columns"]
    loads = [row for row in workspace.lake.read("loads", columns=columns).to_pylist() if row["source"] == source_name]
    new = {file.load_id for file in fresh}
    return [
        f"sources.{source_name}: the columns changed in {change}."
        for load_id, changes in drifts(loads).get(source_name, {}).items()
        if load_id in new
        for change in changes
    ]


def _changed_mapping(
    source_name: str, source: Source, files: Sequence[SourceFile], loads: Sequence[dict[str, Any]]
) -> list[str]:
    """Return a sentence where files were loaded while the source said something else of them."""
    there = {file.load_id for file in files}
    hashes = [row["mapping_hash"] for row in loads if row["load_id"] in there]
    count = sum(found is not None and found != source.mapping_hash for found in hashes)
    if not count:
        return []
    return [
        f"sources.{source_name}: {count} of its files were loaded before its mapping was changed and keep the old one; "
        "to load them anew, run with another --home."
    ]


def _batches(
    workspace: Workspace, source_name: str, fresh: Sequence[SourceFile], loads: Sequence[dict[str, Any]]
) -> Iterator[tuple[list[SourceFile], datetime | None]]:
    """Yield files to load together, and how far the source had come before: history first, for which it is None.

    The rest is judged by what the source knows once its history is loaded.
    """
    earlier = [row for row in loads if row["run_id"] != workspace.run_id]
    history = _history(workspace, source_name, fresh, loads, is_first_load=_frontier(earlier) is None)
    yield from ((batch, None) for batch in _cut(history))
    past = {file.load_id for file in history}
    rest = [file for file in fresh if file.load_id not in past]
    if rest and history:
        columns = ["load_id", "run_id", "last_known_at"]
        loaded = workspace.lake.read("loads", columns=columns).to_pylist()
        earlier += [row for row in loaded if row["load_id"] in past]
    yield from ((batch, _frontier(earlier)) for batch in _cut(rest))


def _frontier(loads: Sequence[dict[str, Any]]) -> datetime | None:
    return max((row["last_known_at"] for row in loads if row["last_known_at"]), default=None)


def _history(
    workspace: Workspace,
    source_name: str,
    fresh: Sequence[SourceFile],
    loads: Sequence[dict[str, Any]],
    *,
    is_first_load: bool,
) -> list[SourceFile]:
    """Return the files whose rows are history: those that the source's first load found, until they are consumed.

    What a first load found is written down before it is read. So the rest of it, loaded after the first
    load was killed, and a file of it that had to be mended, do not count as late.
    """
    lake = workspace.lake
    if is_first_load:
        found = [
            {
                "load_id": file.load_id,
                "run_id": workspace.run_id,
                "source": source_name,
                "file": file.name,
                "found_at": workspace.now,
            }
            for file in fresh
        ]
        if found:
            rows = pa.Table.from_pylist(found, schema=lake.table("first_files").schema)
            lake.add_new("first_files", rows, run_id=workspace.run_id)
        return list(fresh)
    first = lake.read("first_files", columns=["source", "file"]).to_pylist()
    names = {row["file"] for row in first if row["source"] == source_name} - {row["file"] for row in loads}
    return [file for file in fresh if file.name in names]


def _cut(files: Sequence[SourceFile]) -> Iterator[list[SourceFile]]:
    batch: list[SourceFile] = []
    for file in files:
        if batch and sum(other.size for other in batch) + file.size > _BATCH_BYTES:
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch
