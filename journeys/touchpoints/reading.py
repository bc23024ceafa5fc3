"""Reading: the files of a batch as records, and sentences on those that cannot be read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from journeys.config.errors import DesireLinesError, UnsupportedTableError
from journeys.config.sources import Source
from journeys.engine import materialize
from journeys.sources.columns_told import Kind, columns_told
from journeys.sources.personal import mask_identifiers
from journeys.sources.registry import READERS
from journeys.touchpoints.accounting import Refusals
from journeys.touchpoints.drift import check_contract
from journeys.touchpoints.files import SourceFile


@dataclass(frozen=True)
class ReadFile:
    """A file that was read, how many rows it has, and its columns with the kind of their values."""

    file: SourceFile
    count_rows: int
    columns: Mapping[str, Kind]


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


def rejection(source_name: str, source: Source, file: str, rows: int, refusals: Refusals) -> str:
    """Return why a file of which too many rows are refused is not loaded."""
    return (
        f"sources.{source_name}: {file} cannot be loaded: {refusals.count} of {rows} rows ({refusals.count / rows:.1%}) "
        f"are refused, more than max_reject_share {source.max_reject_share:.1%} allows; "
        f"line {refusals.first_line}: {refusals.first_reason}"
    )
