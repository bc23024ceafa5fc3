"""Files of columns (CSV, Parquet, JSONL) as text: the wanted columns, and each row as it stood."""

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from journeys.config.errors import ConfigError, DataError, nearest
from journeys.sources.lines import decode, kind_of, open_file, read_documents, store
from journeys.sources.personal import json_text, keys_of

_DELIMITERS = ",;\t|"
_BLOCK = 16 * 2**20
_START = 2**16
_LINES_LOOKED_AT = 1000
_DEPTH_LOOKED_AT = 3
_FIXED = [("line", pa.int64()), ("raw", pa.string()), ("problem_rule", pa.string()), ("problem_reason", pa.string())]


def read_columns(connection: Any, path: Path, wanted: dict[str, str]) -> ibis.Table:
    """Return a file's rows: line, raw, problem_rule, problem_reason and the wanted columns as text.

    Args:
        connection: an Ibis connection to DuckDB.
        path: a CSV, JSONL or Parquet file; CSV and JSONL may be compressed (.gz, .zst, .zip).
        wanted: column of the file to the setting that names it, for the error sentence. The columns of
            the result are called `column_0`, `column_1` ... in this order.

    Raises:
        ConfigError: when the file has no such column.
        DataError: when the file is missing, empty, without rows, cut off or of an unknown kind.
    """
    kinds: dict[str, Callable[[Any, Path, dict[str, str]], ibis.Table]] = {
        ".csv": _read_csv,
        ".tsv": _read_csv,
        ".txt": _read_csv,
        ".jsonl": _read_json,
        ".ndjson": _read_json,
        ".json": _read_json,
        ".parquet": _read_parquet,
    }
    suffix = kind_of(path)
    if suffix not in kinds:
        raise DataError(f"{path.name} is of no known kind; name it .csv, .jsonl or .parquet (with .gz, .zst or .zip).")
    return kinds[suffix](connection, path, wanted)


def column_names(path: Path) -> list[str]:
    """Return the columns of a file in its order; of JSON lines, the keys of the first thousand.

    A key of an object inside another is named with a point, as in `properties.time`.

    Raises:
        DataError: when the file is missing, empty, without rows, cut off or of an unknown kind.
    """
    suffix = kind_of(path)
    if suffix == ".parquet":
        with open_file(path) as stream:
            try:
                return list(pyarrow.parquet.read_schema(stream).names)
            except pa.ArrowInvalid as error:
                raise DataError(f"{path.name} is cut off or no Parquet file; fetch it again.") from error
    if suffix in {".jsonl", ".ndjson", ".json"}:
        with open_file(path) as stream:
            return list(
                dict.fromkeys(key for line in itertools.islice(stream, _LINES_LOOKED_AT) for key in _keys(line))
            )
    return _header(path)[0]


def _paths(document: dict[str, Any], depth: int) -> Iterator[str]:
    yield from document
    if depth > 1:
        for key, value in document.items():
            if isinstance(value, dict):
                yield from (f"{key}.{inner}" for inner in _paths(value, depth - 1))


def _keys(line: bytes) -> list[str]:
    try:
        document = json.loads(line)
    except ValueError:
        return []  # the line is refused with its reason when it is read
    if not isinstance(document, dict):
        return []
    return list(_paths(document, _DEPTH_LOOKED_AT))


def _schema(wanted: dict[str, str]) -> pa.Schema:
    return pa.schema([*_FIXED, *((f"column_{position}", pa.string()) for position in range(len(wanted)))])


def _check_columns(path: Path, wanted: dict[str, str], found: list[str]) -> None:
    absent = [
        f"{setting}: {path.name} has no column '{column}'; {nearest(column, found)}"
        for column, setting in wanted.items()
        if column not in found
    ]
    if absent:
        raise ConfigError("\n".join(absent))
    for column in wanted:
        if found.count(column) > 1:
            raise DataError(f"{path.name} has {found.count(column)} columns named '{column}'; rename all but one.")


def _read_csv(connection: Any, path: Path, wanted: dict[str, str]) -> ibis.Table:
    header, delimiter, encoding = _header(path)
    _check_columns(path, wanted, header)
    refused: list[Any] = []

    def refuse(row: Any) -> str:
        refused.append(row)
        return "skip"

    positions = [header.index(column) for column in wanted]
    # Header names may repeat or be empty where nobody asked for them, so columns go by position.
    names = [f"c{position}" for position in range(len(header))]
    with open_file(path) as stream:
        try:
            reader = pyarrow.csv.open_csv(
                stream,
                read_options=pyarrow.csv.ReadOptions(
                    column_names=names, skip_rows_after_names=1, use_threads=False, encoding=encoding, block_size=_BLOCK
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.binary()), strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid as error:
            raise DataError(f"{path.name} is not readable as CSV ({_plain(error)}); export it again.") from error
        table = store(connection, _schema(wanted), _csv_chunks(reader, refused, positions, delimiter))
    if not table.count().execute():
        raise DataError(f"{path.name} has a header and no rows; export it again or remove it.")
    return table


def _csv_chunks(reader: Any, refused: list[Any], positions: list[int], delimiter: str) -> Iterator[pa.Table]:
    done, written, count_refused = 0, 0, 0
    batches = iter(reader)
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            break
        texts, valid = zip(*(decode(column) for column in batch.columns), strict=True)
        is_text = pa.array(np.logical_and.reduce([np.asarray(flags) for flags in valid]))
        # A refused row's number counts the header and all rows before it; good rows take the numbers between.
        numbers = np.arange(done + 1, done + 1 + batch.num_rows + len(refused) - count_refused) + 1
        bad = refused[count_refused:]
        numbers = np.setdiff1d(numbers, [row.number for row in bad], assume_unique=True)[: batch.num_rows]
        done, count_refused = done + batch.num_rows + len(bad), len(refused)
        rule = pc.if_else(is_text, None, "not_utf8")
        reason = pc.if_else(is_text, None, "The row is not UTF-8 text; export it as UTF-8.")
        yield _chunk(numbers, _row_text(texts, delimiter), rule, reason, [texts[position] for position in positions])
        if bad:
            yield _ragged(bad, len(positions))
            written += len(bad)
    if len(refused) > written:
        yield _ragged(refused[written:], len(positions))


def _ragged(rows: list[Any], width: int) -> pa.Table:
    reasons = [
        f"The row has {row.actual_columns} cells where the header has {row.expected_columns}; quote cells that hold the separator."
        for row in rows
    ]
    empty = [pa.nulls(len(rows), pa.string())] * width
    rules = pa.array(["ragged_row"] * len(rows))
    numbers = np.array([row.number for row in rows])
    return _chunk(numbers, pa.array([row.text for row in rows]), rules, pa.array(reasons), empty)


def _chunk(numbers: Any, raw: Any, rule: Any, reason: Any, columns: list[pa.Array]) -> pa.Table:
    names = [name for name, _ in _FIXED] + [f"column_{position}" for position in range(len(columns))]
    return pa.table([pa.array(numbers, pa.int64()), raw, rule, reason, *columns], names=names)


def _row_text(columns: tuple[pa.Array, ...], delimiter: str) -> pa.Array:
    """Return each row as a line of CSV, quoted where it must be."""
    special = '["\\r\\n' + ("|" if delimiter == "|" else delimiter) + "]"
    cells = []
    for column in columns:
        must_quote = pc.match_substring_regex(column, special)
        if pc.any(must_quote).as_py():
            quoted = pc.binary_join_element_wise('"', pc.replace_substring(column, '"', '""'), '"', "")
            cells.append(pc.if_else(must_quote, quoted, column))
        else:
            cells.append(column)
    return pc.binary_join_element_wise(*cells, delimiter)


def _header(path: Path) -> tuple[list[str], str, str]:
    """Return the header's cells, the separator (the one that it holds most often) and the encoding."""
    with open_file(path) as stream:
        start = stream.read(_START)
    encoding = "utf-16" if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    text = start.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
    line = text.splitlines()[0] if text.strip() else ""
    if not line.strip():
        raise DataError(f"{path.name} has no header line; export it again with one.")
    if text.strip() == line.strip() and len(start) < _START:
        raise DataError(f"{path.name} has a header and no rows; export it again or remove it.")
    delimiter = max(_DELIMITERS, key=line.count)
    cells = next(csv.reader(io.StringIO(text), delimiter=delimiter))
    return [cell.strip() for cell in cells], delimiter, encoding


def _read_parquet(connection: Any, path: Path, wanted: dict[str, str]) -> ibis.Table:
    with open_file(path) as stream:
        try:
            file = pyarrow.parquet.ParquetFile(stream)
        except pa.ArrowInvalid as error:
            raise DataError(f"{path.name} is cut off or no Parquet file; fetch it again.") from error
        found = file.schema_arrow.names
        _check_columns(path, wanted, found)
        if file.metadata.num_rows == 0:
            raise DataError(f"{path.name} has columns and no rows; export it again or remove it.")
        rows = store(connection, file.schema_arrow, (pa.Table.from_batches([b]) for b in file.iter_batches()))
    whole = ibis.struct({name: rows[name] for name in found}).cast("json").cast("string")
    texts = {f"column_{position}": rows[column].cast("string") for position, column in enumerate(wanted)}
    problems = {name: ibis.null("string") for name in ("problem_rule", "problem_reason")}
    return rows.select(line=ibis.row_number() + 1, raw=whole, **problems, **texts)


def _read_json(connection: Any, path: Path, wanted: dict[str, str]) -> ibis.Table:
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
        _check_columns(path, {column: wanted[column] for column in absent}, found)
    return table


def _json_value(raw: Any, column: str) -> Any:
    """Return the value of a key or, where a point stands in it, of a key of an object."""
    top = json_text(raw, _pointer(column))
    return ibis.coalesce(top, json_text(raw, _pointer(*column.split(".")))) if "." in column else top


def _pointer(*keys: str) -> str:
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def _plain(error: BaseException) -> str:
    # Arrow quotes the row that it stumbled over, which may hold personal data: keep what stands before it.
    return str(error).splitlines()[0].split(":")[0][:60]
