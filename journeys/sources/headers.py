"""Where the columns of a CSV file are named: mostly in its first row, sometimes below a preamble or in several rows."""

import csv
import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from journeys.config.errors import DataError
from journeys.sources.lines import open_file

_DELIMITERS = ",;\t|"
_START = 2**16


def first_row(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names that stand in the first of the header's rows."""
    return list(rows[0])


@dataclass(frozen=True)
class Layout:
    """How the CSV files of a vendor begin.

    Attributes:
        count_rows: rows of the header.
        marks: names by which the header is known where other lines stand before it.
        names: the columns' names, made of the header's rows.
        encoding: of the text, where the source names one; else UTF-8, or UTF-16 by its mark.
    """

    count_rows: int = 1
    marks: tuple[str, ...] = ()
    names: Callable[[Sequence[Sequence[str]]], list[str]] = first_row
    encoding: str | None = None


ONE_ROW = Layout()
"""A header in the first row, as nearly all have it."""


@dataclass(frozen=True)
class Header:
    """The header of one file.

    Attributes:
        rows: its cells, row by row.
        names: the columns' names.
        delimiter: what separates cells: the sign that the header's first row holds most often.
        encoding: of the whole file.
        count_skipped: rows that are no data: the header's, and those before it.
        has_rows: whether rows follow.
    """

    rows: list[list[str]]
    names: list[str]
    delimiter: str
    encoding: str
    count_skipped: int
    has_rows: bool


def read_header(path: Path, layout: Layout = ONE_ROW) -> Header:
    """Return the header of a CSV file.

    Raises:
        DataError: when the file is missing, empty or cut off, or has no whole header.
    """
    with open_file(path) as stream:
        start = stream.read(_START)
    encoding = layout.encoding or ("utf-16" if start[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")
    text = start.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
    lines = text.splitlines(keepends=True)
    before = _lines_before(lines, layout.marks)
    if before is None or not lines[before:] or not lines[before].strip():
        named = f" that names {' and '.join(layout.marks)}" if layout.marks else ""
        raise DataError(f"{path.name} has no header line{named}; export it again with one.")
    line = lines[before]
    delimiter = max(_DELIMITERS, key=line.count)
    rest = "".join(lines[before:])
    # Line ends inside a cell are part of a question's text; those of a row are not the next row's.
    cells = csv.reader(io.StringIO(rest, newline=""), delimiter=delimiter)
    rows = [[cell.strip() for cell in row] for row in itertools.islice(cells, layout.count_rows)]
    if len(rows) < layout.count_rows:
        raise DataError(f"{path.name} has a header and no rows; export it again or remove it.")
    has_rows = len(start) == _START or any(row for row in cells)
    return Header(rows, layout.names(rows), delimiter, encoding, before + layout.count_rows, has_rows)


def _lines_before(lines: Sequence[str], marks: Sequence[str]) -> int | None:
    """Return how many lines stand before the first that holds all marks, None where none does."""
    return next((at for at, line in enumerate(lines) if all(mark in line for mark in marks)), None)
