"""Records of an API as gzipped lines of JSON: each one object just as it was given, nothing renamed, split or coerced."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20


def write_lines(path: Path, records: Sequence[Any]) -> None:
    """Write a line for each record. The same records give the same bytes."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as stream:
        # Each record by itself, since each is a line; they come a page at a time, at the pace of the API.
        # Half of a surrogate pair, which UTF-8 does not have, stays escaped as JSON writes it.
        stream.writelines(
            json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace") + b"\n"
            for record in records
        )


def count_lines(path: Path) -> int:
    """Return how many lines the file holds, read to its end."""
    with gzip.open(path) as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(_CHUNK), b""))


def field_of(record: Any, path: str) -> Any:
    """Return a record's field, also one of an object inside it, None where it has none.

    >>> field_of({"properties": {"updated": 3}}, "properties.updated")
    3
    """
    if isinstance(record, dict) and path in record:
        return record[path]
    for part in path.split("."):
        record = record.get(part) if isinstance(record, dict) else None
    return record
