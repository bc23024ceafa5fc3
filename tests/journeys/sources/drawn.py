"""Files drawn in a few lines, and what a reader makes of them."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import fastavro
import ibis
import pyarrow as pa

from journeys.config.sources import Source
from journeys.sources.registry import READERS


def json_lines(folder: Path, *rows: Any, name: str = "drawn.jsonl") -> Path:
    """Write rows as JSON, one a line; a text is written as it stands."""
    path = folder / name
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return path


def avro_file(path: Path, columns: dict[str, Any], *rows: dict[str, Any], codec: str = "null") -> Path:
    """Write rows as an Avro file; `columns` is name to Avro type."""
    fields = [{"name": name, "type": kind} for name, kind in columns.items()]
    with path.open("wb") as stream:
        fastavro.writer(stream, {"type": "record", "name": "row", "fields": fields}, rows, codec=codec)
    return path


def source_of(vendor: str, **settings: Any) -> Source:
    """Return the settings of a source."""
    return Source.model_validate({"vendor": vendor, "files": "*", **settings})


def tabular(**settings: Any) -> Source:
    """Return a tabular source with the columns what, at, id and client, changed by `settings`."""
    columns = {"event": "what", "event_at": "at", "record_id": "id"}
    return source_of("tabular", **{"columns": columns, "identifiers": {"user_id": "client"}, **settings})


def read(connection: Any, path: Path, source: Source) -> list[dict[str, Any]]:
    """Return a file's records by line; rows counted and lines of records agree."""
    reading = READERS[source.vendor](connection, path, "drawn", source)
    found = reading.records.order_by("line", "event_at", "source_record_id").to_pyarrow().to_pylist()
    assert len({record["line"] for record in found}) == reading.count_rows
    return list(found)


class ReadAtOnce:
    """Many drawn objects, read as one file since reading takes longer to plan than to do; each has its records."""

    def __init__(self, connection: Any, folder: Path, source: Source, rows: list[dict[str, Any]]) -> None:
        self._records: dict[str, list[dict[str, Any]]] = {json.dumps(row): [] for row in rows}
        self._keys = list(self._records)
        for record in read(connection, json_lines(folder, *self._keys), source):
            self._records[self._keys[record["line"] - 1]].append(record)

    def records(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the records of one object."""
        return self._records[json.dumps(row)]

    def one(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the only record of one object."""
        (record,) = self.records(row)
        return record


def table(folder: Path, name: str, *rows: dict[str, Any]) -> Path:
    """Write rows as a CSV file with the columns of all of them."""
    path = folder / name
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def told(
    connection: Any, folder: Path, vendor: str, name: str, row: dict[str, Any]
) -> dict[str | None, dict[str, Any]]:
    """Return what one row of a vendor's table tells: event to record, None for what is said of somebody."""
    records = read(connection, table(folder, name, row), source_of(vendor))
    found = {record["event"]: record for record in records}
    assert len(found) == len(records)
    return found


def check_told(
    connection: Any, folder: Path, vendor: str, name: str, row: dict[str, Any], expected: dict[str | None, Any]
) -> None:
    """Check of a row of a vendor's table what it tells: event to the identifiers and attributes told with it."""
    found = told(connection, folder, vendor, f"{name}.csv", row)
    assert {event: (identifiers_of(record), attributes_of(record)) for event, record in found.items()} == expected
    assert {record["problem_rule"] for record in found.values()} == {None}


def identifiers_of(record: dict[str, Any]) -> dict[str, str]:
    """Return a record's identifiers by type."""
    return {pair["type"]: pair["value"] for pair in record["identifiers"]}


def attributes_of(record: dict[str, Any]) -> dict[str, str]:
    """Return a record's attributes by name."""
    return {entry["attribute"]: entry["value"] for entry in record["attributes"] or []}


def evaluate(connection: Any, values: list[Any], expression: Any) -> list[Any]:
    """Return what `expression` (of a string column) makes of texts."""
    table = ibis.memtable(pa.table({"text": pa.array(values, pa.string()), "place": list(range(len(values)))}))
    computed = table.select("place", found=expression(table.text))
    return list(connection.to_pyarrow(computed.order_by("place"))["found"].to_pylist())


def cut_off(path: Path, content: bytes) -> Path:
    """Write the first half of `content` compressed, as a download that broke off."""
    whole = gzip.compress(content)
    path.write_bytes(whole[: len(whole) // 2])
    return path
