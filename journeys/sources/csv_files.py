"""CSV files as text: the wanted columns, each row as it stood, and the rows that cannot be read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from journeys.config.errors import DataError
from journeys.sources.as_utf8 import AsUtf8, without_marks
from journeys.sources.headers import Header, Layout, read_header
from journeys.sources.lines import open_file, store
from journeys.sources.rows import FIXED, check_columns, schema_of

_BLOCK = 16 * 2**20
_SPECIAL = ('"', "\r", "\n")


def read_csv(connection: Any, path: Path, wanted: dict[str, str], layout: Layout) -> ibis.Table:
    """Return a CSV file's rows with the wanted columns as text; a ragged or undecodable row is refused alone.

    Raises:
        ConfigError: when the file has no such column.
        DataError: when the file is empty, without rows, cut off or no CSV.
    """
    header = read_header(path, layout)
    if not header.has_rows:
        raise DataError(f"{path.name} has a header and no rows; export it again or remove it.")
    check_columns(path.name, wanted, header.names)
    refused: list[Any] = []

    def refuse(row: Any) -> str:
        refused.append(row)
        return "skip"

    positions = [header.names.index(column) for column in wanted]
    # Header names may repeat or be empty where nobody asked for them, so columns go by position.
    names = [f"c{position}" for position in range(len(header.names))]
    with open_file(path) as stream:
        try:
            reader = pyarrow.csv.open_csv(
                AsUtf8(stream, header.encoding),
                read_options=pyarrow.csv.ReadOptions(
                    column_names=names,
                    skip_rows_after_names=header.count_skipped,
                    use_threads=False,
                    block_size=_BLOCK,
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=header.delimiter, newlines_in_values=True, invalid_row_handler=refuse
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    check_utf8=False,  # it is, whatever the file is in
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            raise DataError(f"{path.name} is not readable as CSV ({_plain(error)}); export it again.") from error
        table = store(connection, schema_of(wanted), _chunks(reader, refused, positions, header))
    if not table.count().execute():
        raise DataError(f"{path.name} has a header and no rows; export it again or remove it.")
    return table


def _chunks(reader: Any, refused: list[Any], positions: list[int], header: Header) -> Iterator[pa.Table]:
    done, written, count_refused = 0, 0, 0
    batches = iter(reader)
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            break
        columns = batch.columns
        raw, is_text = without_marks(_row_text(columns, header.delimiter))
        if not pc.all(is_text).as_py():
            columns = [without_marks(column)[0] for column in columns]
        # A refused row's number counts all rows before it, the header's too; good rows take the numbers between.
        numbers = np.arange(done + 1, done + 1 + batch.num_rows + len(refused) - count_refused)
        numbers += header.count_skipped
        bad = refused[count_refused:]
        numbers = np.setdiff1d(numbers, [row.number for row in bad], assume_unique=True)[: batch.num_rows]
        done, count_refused = done + batch.num_rows + len(bad), len(refused)
        rule = pc.if_else(is_text, None, "not_utf8")
        reason = pc.if_else(
            is_text,
            None,
            "The row is no text in the file's encoding; export it as UTF-8, or set 'encoding' of the source.",
        )
        yield _chunk(numbers, raw, rule, reason, [columns[position] for position in positions])
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
    return _chunk(
        numbers, without_marks(pa.array([row.text for row in rows], pa.string()))[0], rules, pa.array(reasons), empty
    )


def _chunk(numbers: Any, raw: Any, rule: Any, reason: Any, columns: list[pa.Array]) -> pa.Table:
    names = [name for name, _ in FIXED] + [f"column_{position}" for position in range(len(columns))]
    return pa.table([pa.array(numbers, pa.int64()), raw, rule, reason, *columns], names=names)


def _row_text(columns: Sequence[pa.Array], delimiter: str) -> pa.Array:
    """Return each row as a line of CSV, quoted where it must be."""
    joined = pc.binary_join_element_wise(*columns, delimiter)
    counts = [_count(joined, sign) for sign in (delimiter, *_SPECIAL)]
    if counts == [len(joined) * (len(columns) - 1), 0, 0, 0]:
        return joined  # as most batches are: to look into every row costs as much as to read it
    must_quote = pc.not_equal(pc.count_substring(joined, delimiter), len(columns) - 1)
    for sign in _SPECIAL:
        must_quote = pc.or_(must_quote, pc.match_substring(joined, sign))
    return pc.replace_with_mask(
        joined, must_quote, _quoted([column.filter(must_quote) for column in columns], delimiter)
    )


def _count(texts: pa.Array, sign: str) -> int:
    """Return how often an ASCII character stands in all the texts together."""
    *_, data = texts.buffers()
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord(sign))) if data else 0


def _quoted(columns: Sequence[pa.Array], delimiter: str) -> pa.Array:
    special = f'["\\r\\n{delimiter}]'
    cells = []
    for column in columns:
        must_quote = pc.match_substring_regex(column, special)
        if pc.any(must_quote).as_py():
            quoted = pc.binary_join_element_wise('"', pc.replace_substring(column, '"', '""'), '"', "")
            cells.append(pc.if_else(must_quote, quoted, column))
        else:
            cells.append(column)
    return pc.binary_join_element_wise(*cells, delimiter)


def _plain(error: BaseException) -> str:
    # Arrow quotes the row that it stumbled over, which may hold personal data: keep what stands before it.
    return str(error).splitlines()[0].split(":")[0][:60]
