"""Files of columns (CSV, JSONL, Parquet, Avro) as text: the wanted columns, and each row as it stood."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet

from journeys.config.errors import DataError
from journeys.sources.avro import avro_schema, read_avro
from journeys.sources.csv_files import read_csv
from journeys.sources.headers import ONE_ROW, Layout, read_header
from journeys.sources.lines import kind_of, open_file, open_lines, read_documents, store
from journeys.sources.personal import json_text, keys_of
from journeys.sources.rows import check_columns

_LINES_LOOKED_AT = 1000
_DEPTH_LOOKED_AT = 3


def read_columns(connection: Any, path: Path, wanted: dict[str, str], layout: Layout = ONE_ROW) -> ibis.Table:
    """Return a file's rows: line, raw, problem_rule, problem_reason and the wanted columns as text.

    What is nested (an object or a list) is JSON text.

    Args:
        connection: an Ibis connection to DuckDB.
        path: a CSV, JSONL, Parquet or Avro file; CSV and JSONL may be compressed (.gz, .zst, .zip).
        wanted: column of the file to the setting that names it, for the error sentence. The columns of
            the result are called `column_0`, `column_1` ... in this order.
        layout: where a CSV file's header is.

    Raises:
        ConfigError: when the file has no such column.
        DataError: when the file is missing, empty, without rows, cut off or of an unknown kind.
    """
    kinds: dict[str, Callable[[Any, Path, dict[str, str], Layout], ibis.Table]] = {
        ".csv": read_csv,
        ".tsv": read_csv,
        ".txt": read_csv,
        ".jsonl": _read_json,
        ".ndjson": _read_json,
        ".json": _read_json,
        ".parquet": _read_parquet,
        ".avro": _read_avro,
    }
    suffix = kind_of(path)
    if suffix not in kinds:
        raise DataError(
            f"{path.name} is of no known kind; name it .csv, .jsonl, .parquet or .avro (with .gz, .zst or .zip)."
        )
    return kinds[suffix](connection, path, wanted, layout)


def column_names(path: Path, layout: Layout = ONE_ROW) -> list[str]:
    """Return the columns of a file in its order; of JSON lines, the keys of the first thousand.

    A key of an object inside another is named with a point, as in `properties.time`.

    Raises:
        DataError: when the file is missing, empty, without rows, cut off or of an unknown kind.
    """
    suffix = kind_of(path)
    if suffix == ".parquet":
        with open_file(path) as stream:
            try:
                return _field_names(pyarrow.parquet.read_schema(stream))
            except pa.ArrowInvalid as error:
                raise DataError(f"{path.name} is cut off or no Parquet file; fetch it again.") from error
    if suffix == ".avro":
        return _field_names(avro_schema(path))
    if suffix in {".jsonl", ".ndjson", ".json"}:
        with open_lines(path) as stream:
            return list(
                dict.fromkeys(key for line in itertools.islice(stream, _LINES_LOOKED_AT) for key in _keys(line))
            )
    return read_header(path, layout).names


def _paths(document: dict[str, Any], depth: int) -> Iterator[str]:
    yield from document
    if depth > 1:
        for key, value in document.items():
            if isinstance(value, dict):
                yield from (f"{key}.{inner}" for inner in _paths(value, depth - 1))


def _keys(line: bytes) -> list[str]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return []  # the line is refused with its reason when it is read
    if not isinstance(document, dict):
        return []
    return list(_paths(document, _DEPTH_LOOKED_AT))


def _read_parquet(connection: Any, path: Path, wanted: dict[str, str], layout: Layout) -> ibis.Table:
    with open_file(path) as stream:
        try:
            file = pyarrow.parquet.ParquetFile(stream)
        except pa.ArrowInvalid as error:
            raise DataError(f"{path.name} is cut off or no Parquet file; fetch it again.") from error
        if file.metadata.num_rows == 0:
            raise DataError(f"{path.name} has columns and no rows; export it again or remove it.")
        check_columns(path.name, wanted, _field_names(file.schema_arrow))
        schema = pa.schema([(field.name, _storable(field.type)) for field in file.schema_arrow])
        rows = store(connection, schema, (pa.Table.from_batches([b]).cast(schema) for b in file.iter_batches()))
    return _typed_rows(rows, wanted)


def _storable(kind: Any) -> Any:
    """Return a type for which DuckDB has a column: what has no type of its own, being empty, is text."""
    if pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _storable(field.type)) for field in kind])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_storable(kind.value_type))
    return kind


def _read_avro(connection: Any, path: Path, wanted: dict[str, str], layout: Layout) -> ibis.Table:
    schema = avro_schema(path)
    check_columns(path.name, wanted, _field_names(schema))
    rows = store(connection, schema, read_avro(path))
    if not rows.count().execute():
        raise DataError(f"{path.name} has columns and no rows; export it again or remove it.")
    return _typed_rows(rows, wanted)


def _typed_rows(rows: ibis.Table, wanted: dict[str, str]) -> ibis.Table:
    """Return the rows of a table that has types as those of a file of text."""
    whole = ibis.struct({name: rows[name] for name in rows.columns}).cast("json").cast("string")
    texts = {f"column_{position}": _typed_text(rows, column) for position, column in enumerate(wanted)}
    problems = {name: ibis.null("string") for name in ("problem_rule", "problem_reason")}
    return rows.select(line=ibis.row_number() + 1, raw=whole, **problems, **texts)


def _typed_text(rows: ibis.Table, column: str) -> Any:
    first, *inner = [column] if column in rows.columns else column.split(".")
    value = rows[first]
    for key in inner:
        value = value[key]
    return (value.cast("json") if value.type().is_nested() else value).cast("string")


def _field_names(schema: Any) -> list[str]:
    """Return the names of columns, and with points those of the fields of structs."""
    names = []
    for field in schema:
        names.append(field.name)
        if pa.types.is_struct(field.type):
            names += [f"{field.name}.{inner}" for inner in _field_names(field.type)]
    return names


def _read_json(connection: Any, path: Path, wanted: dict[str, str], layout: Layout) -> ibis.Table:
    documents = read_documents(connection, path, {})
    good = documents.problem_rule.isnull()
    texts = {
        f"column_{position}": good.ifelse(_json_value(documents.raw, column), ibis.null("string"))
        for position, column in enumerate(wanted)
    }
    table = documents.select("line", "raw", "problem_rule", "problem_reason", **texts)
    counts = (
        table.aggregate(**{name: table[name].count() for name in texts}, rows_=good.sum()).to_pyarrow().to_pylist()[0]
    )
    # Keys inside objects are asked for by those who saw them; an empty one is no mistake.
    absent = [name for place, name in enumerate(wanted) if not counts[f"column_{place}"] and "." not in name]
    if absent and counts["rows_"]:
        found = sorted(documents.filter(good).select(key=keys_of(documents.raw).unnest()).distinct().key.execute())
        check_columns(path.name, {column: wanted[column] for column in absent}, found)
    return table


def _json_value(raw: Any, column: str) -> Any:
    """Return the value of a key or, where a point stands in it, of a key of an object."""
    top = json_text(raw, _pointer(column))
    return ibis.coalesce(top, json_text(raw, _pointer(*column.split(".")))) if "." in column else top


def _pointer(*keys: str) -> str:
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
