"""Avro files, block by block, as Arrow tables."""

import lzma
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import fastavro
import pyarrow as pa

from journeys.config.errors import DataError
from journeys.sources.lines import open_file

_KINDS = {
    "null": pa.string(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "string": pa.string(),
    "enum": pa.string(),
    "fixed": pa.binary(),
}
_LOGICAL_KINDS = {
    "date": pa.date32(),
    "time-millis": pa.time64("us"),
    "time-micros": pa.time64("us"),
    "timestamp-millis": pa.timestamp("us", "UTC"),
    "timestamp-micros": pa.timestamp("us", "UTC"),
    "local-timestamp-millis": pa.timestamp("us"),
    "local-timestamp-micros": pa.timestamp("us"),
}


_DAMAGED = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, zlib.error, lzma.LZMAError)
"""What decoding damaged bytes raises."""


def avro_schema(path: Path) -> pa.Schema:
    """Return the columns of an Avro file and their Arrow types.

    Raises:
        DataError: when the file is missing, empty, no Avro file, or has a column of a kind that is not read.
    """
    with open_file(path) as stream:
        return _schema_of(path.name, _opened(path.name, stream).writer_schema)


def read_avro(path: Path) -> Iterator[pa.Table]:
    """Return the records of an Avro file as Arrow tables in the shape of `avro_schema`, one a block.

    Raises:
        DataError: when the file cannot be read to its end; while the tables are taken.
    """
    with open_file(path) as stream:
        blocks = _opened(path.name, stream)
        schema = _schema_of(path.name, blocks.writer_schema)
        try:
            for block in blocks:
                yield pa.Table.from_pylist(list(block), schema=schema)
        except _DAMAGED as error:
            raise DataError(f"{path.name} is cut off or damaged; fetch it again.") from error


def _opened(file: str, stream: Any) -> Any:
    try:
        reader = fastavro.block_reader(stream)
    except (*_DAMAGED, fastavro.schema.SchemaParseException) as error:
        raise DataError(f"{file} is cut off or no Avro file; fetch it again.") from error
    if reader.codec not in {"null", "deflate", "bzip2", "xz"}:
        raise DataError(f"{file} is compressed with {reader.codec}; export it uncompressed or with deflate.")
    return reader


def _schema_of(file: str, schema: Any) -> pa.Schema:
    known: dict[str, Any] = {}
    kind = _type_of(file, file, schema, known)
    if not pa.types.is_struct(kind):
        raise DataError(f"{file} holds no records; export one record a row.")
    return pa.schema(list(kind))


def _type_of(file: str, column: str, schema: Any, known: dict[str, Any]) -> Any:
    """Return the Arrow type of an Avro schema; `known` keeps the types that have names, which later ones use."""
    if isinstance(schema, list):
        kinds = [part for part in schema if part != "null"]
        if len(kinds) > 1:
            raise DataError(f"{file} mixes kinds of values in '{column}'; export it with one kind a column.")
        return _type_of(file, column, kinds[0], known) if kinds else pa.string()
    if isinstance(schema, str):
        kind = known.get(schema) or _KINDS.get(schema)
        if kind is None:
            raise DataError(f"{file} nests '{column}' in itself; export it without that.")
        return kind
    named = cast(Mapping[str, Any], schema)
    kind = _complex_type(file, column, named, known)
    if "name" in named:
        known[named["name"]] = kind
    return kind


def _complex_type(file: str, column: str, schema: Mapping[str, Any], known: dict[str, Any]) -> Any:
    what = schema["type"]
    if what in {"record", "error"}:
        fields = [(field["name"], _type_of(file, field["name"], field["type"], known)) for field in schema["fields"]]
        return pa.struct(fields)
    if what == "array":
        return pa.list_(_type_of(file, column, schema["items"], known))
    if what == "map":
        return pa.map_(pa.string(), _type_of(file, column, schema["values"], known))
    logical = schema.get("logicalType")
    if logical == "uuid":
        raise DataError(f"{file} holds UUIDs as a type of their own in '{column}'; export them as text.")
    if logical == "decimal":
        return pa.decimal128(schema["precision"], schema.get("scale", 0))
    return _LOGICAL_KINDS.get(str(logical)) or _type_of(file, column, what, known)
