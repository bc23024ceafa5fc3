"""Which columns a file has and what kind of values stand in them: told from its beginning, to notice when they change."""

import csv
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.parquet

from journeys.config.errors import DesireLinesError
from journeys.sources.lines import kind_of, open_file, open_lines

Kind: TypeAlias = Literal["text", "number", "boolean", "time", "object", "empty"]

_ROWS = 1000
_START = 2**18
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)?|\.\d+)([eE][+-]?\d+)?")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?|\d{1,2}[./]\d{1,2}[./]\d{4}.*")


def columns_told(path: Path) -> dict[str, Kind]:
    """Return column to the kind of its values in the first thousand rows; nothing of a file of another form.

    Keys inside objects count as part of the object. A file that cannot be read has no columns: the reader
    says why.
    """
    try:
        suffix = kind_of(path)
        if suffix == ".parquet":
            with open_file(path) as stream:
                schema = pyarrow.parquet.read_schema(stream)
            return {field.name: _arrow_kind(field.type) for field in schema}
        if suffix in {".jsonl", ".ndjson", ".json"}:
            with open_lines(path) as stream:
                return _kinds(_objects(itertools.islice(stream, _ROWS)))
        if suffix in {".csv", ".tsv", ".txt"}:
            with open_file(path) as stream:
                return _kinds(_rows(stream.read(_START)))
    except (DesireLinesError, ValueError, csv.Error, pa.ArrowException):
        return {}
    return {}


def kind_of_value(value: Any) -> Kind:
    """Return what kind of value it is; text is looked into.

    >>> [kind_of_value(value) for value in ("12,5", "2026-01-31", "true", "", 7, {"a": 1}, "soon")]
    ['number', 'time', 'boolean', 'empty', 'number', 'object', 'text']
    """
    if isinstance(value, str):
        return _kind_of_text(value.strip())
    kinds: tuple[tuple[Any, Kind], ...] = (
        (type(None), "empty"),
        (bool, "boolean"),
        (int | float, "number"),
        (dict | list, "object"),
    )
    return next((kind for type_, kind in kinds if isinstance(value, type_)), "text")


def _kind_of_text(text: str) -> Kind:
    if not text:
        return "empty"
    if text.lower() in {"true", "false"}:
        return "boolean"
    if _TIME.fullmatch(text):
        return "time"
    return "number" if _NUMBER.fullmatch(text) else "text"


def _kinds(rows: Iterable[dict[str, Any]]) -> dict[str, Kind]:
    """Return the kind of each column: that of all its values that are not empty, else text."""
    found: dict[str, set[Kind]] = {}
    for row in rows:
        for column, value in row.items():
            found.setdefault(column, set()).add(kind_of_value(value))
    told = {column: kinds - {"empty"} for column, kinds in found.items()}
    return {
        column: next(iter(kinds)) if len(kinds) == 1 else "text" if kinds else "empty" for column, kinds in told.items()
    }


def _objects(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue  # refused with its reason when it is read
        if isinstance(row, dict):
            yield row


def _rows(start: bytes) -> Iterator[dict[str, Any]]:
    encoding = "utf-16" if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = start.decode(encoding, "replace")
    if len(start) == _START:
        text = text[: text.rfind("\n") + 1]  # the last line is cut off
    header = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=max(",;\t|", key=header.count))
    names = [name.strip() for name in next(rows, [])]
    for row in itertools.islice(rows, _ROWS):
        if len(row) == len(names):
            yield dict(zip(names, row, strict=True))


def _arrow_kind(kind: pa.DataType) -> Kind:
    tests: tuple[tuple[Any, Kind], ...] = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_temporal, "time"),
        (pa.types.is_nested, "object"),
        (pa.types.is_null, "empty"),
        (lambda one: pa.types.is_integer(one) or pa.types.is_floating(one) or pa.types.is_decimal(one), "number"),
    )
    return next((name for test, name in tests if test(kind)), "text")
