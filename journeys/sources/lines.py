"""Files of lines: read as text with their numbers, so that one broken line is refused alone."""

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

import ibis
import numpy as np
import pyarrow as pa

from journeys.config.errors import DataError
from journeys.engine import materialize
from journeys.sources.archives import open_archive
from journeys.sources.pages import records_of_pages
from journeys.sources.values import present

Shape: TypeAlias = Mapping[str, "str | Shape | list[Shape]"]
"""The fields wanted of a JSON document: name to an SQL type, or to the shape of a nested object."""

_CHUNK = 16 * 2**20
_COMPRESSIONS = (".gz", ".zst", ".zip")
_LINES = pa.schema([("line", pa.int64()), ("raw", pa.string()), ("is_text", pa.bool_())])


@contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading bytes, decompressed where its name ends in .gz, .zst or .zip.

    Raises:
        DataError: when it is missing, empty, unreadable, or its compression is damaged; also while
            it is read inside the `with`.
    """
    try:
        if path.stat().st_size == 0:
            raise DataError(f"{path.name} is empty; export it again or remove it.")
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                yield cast(BinaryIO, stream)
        elif path.suffix == ".zip":
            with open_archive(path) as stream:
                yield stream
        elif path.suffix == ".zst":
            with pa.input_stream(str(path), compression="zstd") as stream:
                yield cast(BinaryIO, io.BufferedReader(stream))
        else:
            with path.open("rb") as stream:
                yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error, pa.ArrowInvalid) as error:
        raise DataError(f"{path.name} is cut off or damaged ({_plain(error)}); fetch it again.") from error
    except OSError as error:
        if "compressed stream" in str(error) or "zstd" in str(error).lower():
            raise DataError(f"{path.name} is cut off or damaged; fetch it again.") from error
        raise DataError(
            f"{path.name} cannot be read ({error.strerror or 'unknown cause'}); check its rights."
        ) from error


@contextmanager
def open_lines(path: Path) -> Iterator[BinaryIO]:
    """Open a file of JSON as lines, each a record: those of a page of an API are taken out of their list.

    Raises:
        DataError: as `open_file`.
    """
    with open_file(path) as stream:
        records = records_of_pages(stream)
    if records is not None:
        yield io.BytesIO(records)
        return
    with open_file(path) as stream:
        yield stream


def store(connection: Any, schema: pa.Schema, chunks: Iterable[pa.Table]) -> ibis.Table:
    """Put Arrow tables, one after the other, into a temporary table and return it."""
    name = ibis.util.gen_name("rows")
    table = connection.create_table(name, schema=ibis.schema(schema), temp=True)
    for chunk in chunks:
        connection.con.register("chunk_to_store", chunk)
        connection.raw_sql(f'INSERT INTO "{name}" SELECT * FROM chunk_to_store')  # noqa: S608 - a name of ours
        connection.con.unregister("chunk_to_store")
    return table


def decode(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return bytes as text, and whether each was valid UTF-8; what was not has replacement characters."""
    try:
        return values.cast(pa.string()), pa.array(np.ones(len(values), bool))
    except pa.ArrowInvalid:
        texts = [value.decode("utf-8", "replace") for value in values.to_pylist()]
        valid = [text.encode() == value for text, value in zip(texts, values.to_pylist(), strict=True)]
        return pa.array(texts, pa.string()), pa.array(valid)


def read_lines(connection: Any, path: Path) -> ibis.Table:
    """Return the lines of a file that are not blank: line (from 1), raw, is_text (valid UTF-8).

    Raises:
        DataError: when the file cannot be read to its end, or has no line.
    """
    with open_lines(path) as stream:
        table = store(connection, _LINES, _chunks(stream))
    if not table.count().execute():
        raise DataError(f"{path.name} has no rows; export it again or remove it.")
    return table


def read_documents(connection: Any, path: Path, shape: Shape) -> ibis.Table:
    """Return the JSON objects of a file, one a line: line, raw, problem_rule, problem_reason, document.

    `document` is a struct of the given shape, null where the line is no JSON object; what is absent or
    of another kind is null in it. Objects inside a field declared VARCHAR stay JSON text.
    """
    lines = read_lines(connection, path)
    name = ibis.util.gen_name("documents")
    document = f"CASE WHEN rule IS NULL THEN json_transform(raw, '{json.dumps(shape)}') END" if shape else "NULL"
    # The only SQL here: DuckDB's parser for vendor JSON. The shape is a constant of the vendor's module.
    connection.raw_sql(
        f"""CREATE TEMP TABLE "{name}" AS
        SELECT line, raw, rule AS problem_rule,
            CASE rule WHEN 'not_utf8' THEN 'The line is not UTF-8 text; export it as UTF-8.'
                WHEN 'broken_json' THEN 'The line is not valid JSON; it may be cut off.'
                WHEN 'not_an_object' THEN 'The line is JSON but no object; each line must be one record.' END AS problem_reason,
            {document} AS document
        FROM (SELECT line, raw, CASE WHEN NOT is_text THEN 'not_utf8' WHEN NOT json_valid(raw) THEN 'broken_json'
            WHEN json_type(raw) <> 'OBJECT' THEN 'not_an_object' END AS rule FROM "{lines.op().name}")"""  # noqa: S608
    )
    return connection.table(name)


def read_texts(connection: Any, path: Path, shape: Shape) -> ibis.Table:
    """Return the JSON objects of a file as `read_documents` does, with a column for each of the shape's texts, named `json.` and its path.

    A text that says nothing is null. The columns are computed once: where each is a long expression that others of a vendor are
    made of, what has to be planned would grow with every use.
    """
    documents = read_documents(connection, path, shape)
    texts = {f"json.{name}": present(field(documents.document, name)) for name in _paths(shape)}
    return materialize(connection, documents.mutate(**texts).drop("document"), "texts")


def _paths(shape: Shape, before: str = "") -> Iterator[str]:
    for name, kind in shape.items():
        if isinstance(kind, dict):
            yield from _paths(kind, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def field(document: Any, path: str) -> Any:
    """Return the field of a struct at a path with points, as in `data.object.id`."""
    for part in path.split("."):
        document = document[part]
    return document


def _chunks(stream: BinaryIO) -> Iterator[pa.Table]:
    first = 1
    while lines := stream.readlines(_CHUNK):
        if first == 1:
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        count = len(lines)
        numbered = [(number, text) for number, line in enumerate(lines, first) if (text := line.strip())]
        raw, is_text = decode(pa.array([text for _, text in numbered], pa.binary()))
        numbers = pa.array([number for number, _ in numbered], pa.int64())
        yield pa.table([numbers, raw, is_text], schema=_LINES)
        first += count


def kind_of(path: Path) -> str:
    """Return the ending of a file's name that says its kind, whatever compresses it; an archive of nothing said is lines.

    >>> kind_of(Path("a.csv.gz")), kind_of(Path("export.zip"))
    ('.csv', '.jsonl')
    """
    if path.suffix not in _COMPRESSIONS:
        return path.suffix
    return path.with_suffix("").suffix or (".jsonl" if path.suffix == ".zip" else "")


def _plain(error: BaseException) -> str:
    # Messages of the decompressors name no content, but may name a path or several lines.
    first, *_ = str(error).splitlines() or ["it ends too early"]
    return first[:80].rstrip(".")
