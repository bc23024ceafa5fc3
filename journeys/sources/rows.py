"""Rows of a file as text, whatever its kind: their shape, and the columns that are wanted of them."""

import pyarrow as pa

from journeys.config.errors import ConfigError, DataError, nearest

FIXED = [("line", pa.int64()), ("raw", pa.string()), ("problem_rule", pa.string()), ("problem_reason", pa.string())]
"""What stands before the wanted columns: where the row is, how it stood, and why it is refused."""


def schema_of(wanted: dict[str, str]) -> pa.Schema:
    """Return the shape of rows with the wanted columns, which are called `column_0`, `column_1` ... in their order."""
    return pa.schema([*FIXED, *((f"column_{position}", pa.string()) for position in range(len(wanted)))])


def check_columns(file: str, wanted: dict[str, str], found: list[str]) -> None:
    """Check that a file has each wanted column (column to the setting that names it) once.

    Raises:
        ConfigError: when it has no such column; the nearest names are listed.
        DataError: when it has several of the name.
    """
    absent = [
        f"{setting}: {file} has no column '{column}'; {nearest(column, found)}"
        for column, setting in wanted.items()
        if column not in found
    ]
    if absent:
        raise ConfigError("\n".join(absent))
    for column in wanted:
        if found.count(column) > 1:
            raise DataError(f"{file} has {found.count(column)} columns named '{column}'; rename all but one.")
