"""The step: what is new of every source that says whence its files come, landed in the folder that it reads."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from journeys.config.errors import DataError, DesireLinesError
from journeys.config.extraction import (
    ApiExtraction,
    ApiResource,
    RecipeExtraction,
    SqlExtraction,
    SqlResource,
    landing_folder,
)
from journeys.config.sources import Source
from journeys.lake.workspace import Workspace
from journeys.landing.json_lines import count_lines, field_of, write_lines
from journeys.landing.log import LandingLog, one_at_a_time
from journeys.landing.marks import Mark, latest
from journeys.landing.rest_api import Patience, fetch_pages
from journeys.landing.sql import count_parquet, last_mark, read_blocks, write_parquet

Connections = Callable[[str], str]
"""Called with the name of a connection, returns its secret; raises ConfigError where nobody set it."""

_API_BLOCK_ROWS = 10_000
_SQL_BLOCK_ROWS = 100_000

_CLOCKS_DIFFER = timedelta(days=1)
"""A mark is believed until so much after the run's clock; databases may keep local time without saying so."""


@dataclass
class Extracted:
    """What an extraction came to.

    Attributes:
        count_rows: rows that the sources gave and that were landed.
        count_files: files that appeared.
        failures: one sentence for each resource that could not be read to its end.
        notes: sentences on what a person may want to know.
    """

    count_rows: int = 0
    count_files: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def extract_sources(
    workspace: Workspace, sources: Iterable[str], connections: Connections, *, patience: Patience | None = None
) -> Extracted:
    """Land what is new of the sources that declare `extract`.

    A resource that fails keeps no other from being extracted, and what was landed of it stays.

    Args:
        workspace: project and clock. How far each resource was read is kept in `extraction` below its home.
        sources: names of sources.
        connections: name to secret.
        patience: how long an API is waited for.
    """
    extracted = Extracted()
    for name in sources:
        source = workspace.project.config.sources[name]
        if source.extract is None:
            continue
        state = workspace.project.home / "extraction" / name
        try:
            with one_at_a_time(state, f"sources.{name}"):
                _extract_source(workspace, name, source, state, connections, patience or Patience(), extracted)
        except DesireLinesError as error:
            extracted.failures.append(f"sources.{name}.extract: {error}")
    return extracted


def _extract_source(
    workspace: Workspace,
    name: str,
    source: Source,
    state: Path,
    connections: Connections,
    patience: Patience,
    extracted: Extracted,
) -> None:
    extraction = source.extract
    assert extraction is not None
    folder = workspace.project.data_dir / landing_folder(source.files, extraction)
    if isinstance(extraction, RecipeExtraction):
        extraction = extraction.written_out
    secret = None if extraction.connection is None else connections(extraction.connection)
    resources: Sequence[ApiResource | SqlResource] = extraction.resources
    for place, resource in enumerate(resources):
        workspace.progress(f"extract {name}", place, len(extraction.resources))
        log = LandingLog(
            folder / resource.name,
            state / f"{resource.name}.json",
            question=_question(extraction, resource),
            now=workspace.now,
            suffix=".parquet" if isinstance(resource, SqlResource) else ".jsonl.gz",
        )
        try:
            if isinstance(resource, SqlResource):
                assert secret is not None
                _extract_rows(workspace, secret, resource, log)
            else:
                assert isinstance(extraction, ApiExtraction)
                note = _extract_records(workspace, extraction, resource, secret, patience, log)
                extracted.notes += [f"sources.{name}.extract: {resource.name}: {note}"] if note else []
        except (DesireLinesError, OSError) as error:
            said = f"cannot write ({error.strerror}); make room." if isinstance(error, OSError) else str(error)
            extracted.failures.append(f"sources.{name}.extract: {resource.name}: {_without(said, secret)}")
        extracted.count_rows += log.count_landed
        extracted.count_files += log.count_files
    workspace.progress(f"extract {name}", len(extraction.resources), len(extraction.resources))


def _extract_records(
    workspace: Workspace,
    extraction: ApiExtraction,
    resource: ApiResource,
    secret: str | None,
    patience: Patience,
    log: LandingLog,
) -> str | None:
    """Land the records of an API, and return a note about them.

    Blocks appear as they come, but how far the API was read is kept with the last: nobody knows in which
    order pages come. An extraction that fails begins anew, and lands only what it had not.
    """
    cursor = resource.cursor
    before = log.mark if log.mark is not None or cursor is None else cursor.start
    block: list[Any] = []
    seen: list[Any] = [before] if before is not None else []
    count_without_cursor = count_without_key = 0

    def land(count: int, mark: Mark | None) -> None:
        log.land(count, lambda path: write_lines(path, block[:count]), count_lines, mark)
        del block[:count]

    try:
        for page in fetch_pages(extraction, resource, before, secret, patience):
            block += page
            count_without_key += sum(
                any(field_of(record, key) is None for key in resource.primary_key) for record in page
            )
            if cursor:
                found = [value for record in page if (value := field_of(record, cursor.column)) is not None]
                count_without_cursor += len(page) - len(found)
                seen = [value for value in [_latest(resource, [*seen, *found], workspace)] if value is not None]
            while len(block) >= _API_BLOCK_ROWS:
                land(_API_BLOCK_ROWS, log.mark)
    except DesireLinesError:
        land(len(block), log.mark)
        raise
    land(len(block), seen[0] if seen else None)
    told = [
        (count_without_cursor, f"no {cursor.column if cursor else ''}, by which they are asked for"),
        (count_without_key, f"no {' or '.join(resource.primary_key)}, by which they are known"),
    ]
    return "; ".join(f"{count} records have {what}" for count, what in told if count) or None


def _latest(resource: ApiResource, values: Sequence[Any], workspace: Workspace) -> Any:
    assert resource.cursor is not None
    try:
        return latest(values, until=workspace.now + _CLOCKS_DIFFER)
    except DataError as error:
        raise DataError(f"cursor {resource.cursor.column}: {error}; choose another.") from None


def _extract_rows(workspace: Workspace, url: str, resource: SqlResource, log: LandingLog) -> None:
    """Land the rows of a database. They come in order, so each block keeps how far it goes."""
    watermark = resource.watermark
    mark = log.mark if log.mark is not None or watermark is None else watermark.start
    for block in read_blocks(url, resource, mark, _SQL_BLOCK_ROWS):
        if watermark:
            mark = last_mark(block, watermark.column, until=workspace.now + _CLOCKS_DIFFER) or mark
        log.land(block.num_rows, lambda path, block=block: write_parquet(path, block), count_parquet, mark)  # type: ignore[misc]


def _question(extraction: ApiExtraction | SqlExtraction, resource: ApiResource | SqlResource) -> list[str | None]:
    """Return what is asked for; a resource that asks something else begins anew."""
    if isinstance(resource, SqlResource):
        return [resource.table, resource.query, resource.watermark.column if resource.watermark else None]
    assert isinstance(extraction, ApiExtraction)
    cursor = resource.cursor.column if resource.cursor else None
    return [extraction.base_url, resource.path, resource.data_selector, cursor]


def _without(sentence: str, secret: str | None) -> str:
    """Return a sentence without the secret, whole or as the password of an address."""
    for part in {secret, (secret or "").rpartition("@")[0].rpartition(":")[2], (secret or "").partition(":")[2]}:
        if part:
            sentence = sentence.replace(part, "***")
    return sentence
