"""Rows of a database, in blocks of Arrow: over SQLAlchemy, or from a DuckDB file.

Not dlt's `sql_database`: it reflects tables, coerces their types into its own, and brings a pipeline
whose unfinished packages stand in the way of later runs; here a query is enough, and a block is landed
as soon as it came. Rows are asked for from the watermark on, itself included (`>=`): a row may have
been written in the same instant as the last one read. Those of that instant come again; the lake knows them.
A transaction that commits late, with an earlier watermark than rows already read, is not seen.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from journeys.config.errors import ConfigError, DataError, nearest
from journeys.config.extraction import SqlResource
from journeys.landing.marks import Mark, instant_of

_DUCKDB = "duckdb:///"


def read_blocks(url: str, resource: SqlResource, mark: Mark | None, block_rows: int) -> Iterator[pa.Table]:
    """Yield the rows that are as new as `mark`, oldest first, in blocks.

    Args:
        url: a SQLAlchemy URL, or duckdb:/// and the path of a file.
        resource: the table or query.
        mark: the latest watermark read; None for everything.
        block_rows: most rows of a block.

    Raises:
        ConfigError: when the address is none, or its driver is not installed.
        DataError: when the database cannot be reached or refuses the query.
    """
    try:
        if url.startswith(_DUCKDB):
            yield from _of_duckdb(url.removeprefix(_DUCKDB), resource, mark, block_rows)
        else:
            yield from _of_sqlalchemy(url, resource, mark, block_rows)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError):
        raise ConfigError("its connection is no address of a database, as in postgresql+psycopg://...") from None
    except ModuleNotFoundError as error:
        raise ConfigError(f"the driver {error.name} of its connection is not installed; install it.") from None
    except (sa.exc.SQLAlchemyError, duckdb.Error) as error:
        raise DataError(f"the database refused ({_plain(error)}); check the connection and the query.") from None


def last_mark(table: pa.Table, column: str, *, until: datetime) -> Mark | None:
    """Return the last watermark of an ordered block that is not later than `until`, None where it has none."""
    marks = table[column].drop_null()
    for position in range(len(marks) - 1, -1, -1):  # nearly always the first that is looked at
        mark: Mark = marks[position].as_py()
        at = instant_of(mark)
        if at is None or at <= until:
            return mark
    return None


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a block. The same rows give the same bytes."""
    pyarrow.parquet.write_table(table, path, compression="zstd")


def count_parquet(path: Path) -> int:
    """Return how many rows the file holds."""
    return int(pyarrow.parquet.read_metadata(path).num_rows)


def _statement(resource: SqlResource, mark: Mark | None) -> Any:
    rows: Any
    if resource.query is not None:
        rows = sa.text(resource.query.strip().rstrip(";")).columns().subquery("extracted")
    else:
        schema, _, name = (resource.table or "").rpartition(".")
        rows = sa.table(name, schema=schema or None)
    statement: Any = sa.select(sa.literal_column("*")).select_from(rows)
    if resource.watermark is None:
        return statement.order_by(*(sa.column(key) for key in resource.primary_key))
    watermark: Any = sa.column(resource.watermark.column)
    if mark is not None:
        # Without a type: the database takes it for the column's own, and shifts no zone.
        sent = sa.bindparam("watermark", mark, type_=sa.types.NullType())
        statement = statement.where(watermark >= sent)
    return statement.order_by(watermark, *(sa.column(key) for key in resource.primary_key))


def _of_duckdb(path: str, resource: SqlResource, mark: Mark | None, block_rows: int) -> Iterator[pa.Table]:
    if not Path(path).is_file():
        raise DataError(f"there is no DuckDB file {Path(path).name} where its connection says.")
    dialect: Any = postgresql.dialect  # whose SQL DuckDB reads
    compiled = _statement(resource, mark).compile(dialect=dialect(paramstyle="numeric_dollar"))
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.sql(str(compiled), params=[compiled.params[name] for name in compiled.positiontup or ()])
        for batch in rows.to_arrow_reader(block_rows):
            yield _storable(pa.Table.from_batches([batch]))


def _of_sqlalchemy(url: str, resource: SqlResource, mark: Mark | None, block_rows: int) -> Iterator[pa.Table]:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        result = connection.execution_options(stream_results=True, yield_per=block_rows).execute(
            _statement(resource, mark)
        )
        names = list(result.keys())
        # SQLite takes the name of a column that is not there for a text.
        wanted = [*resource.primary_key, *([resource.watermark.column] if resource.watermark else [])]
        for column in wanted:
            if column not in names:
                raise ConfigError(f"there is no column '{column}'; {nearest(column, names)}")
        for rows in result.partitions(block_rows):
            # These drivers hand out rows of Python's values; from here on they are columns.
            columns = zip(*rows, strict=True)
            yield _storable(pa.table([_array(values) for values in columns], names=names))


def _array(values: Sequence[Any]) -> pa.Array:
    """Return a column in the type of its values; as text where Arrow has none for them, or they are of several."""
    if any(isinstance(value, dict | list) for value in values):
        return pa.array([None if value is None else json.dumps(value, default=str) for value in values], pa.string())
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _storable(table: pa.Table) -> pa.Table:
    """Return a table whose types Parquet has: columns that are empty, and spans of time, become text."""
    for position, field in enumerate(table.schema):
        if pa.types.is_null(field.type) or pa.types.is_interval(field.type) or pa.types.is_duration(field.type):
            texts = pa.array([None if v is None else str(v) for v in table[position].to_pylist()], pa.string())
            table = table.set_column(position, field.name, texts)
        elif pa.types.is_dictionary(field.type):
            table = table.set_column(position, field.name, table[position].cast(field.type.value_type))
    return table


def _plain(error: Exception) -> str:
    # The driver's first line; the statement and its parameters stand in those after it.
    cause = getattr(error, "orig", None) or error
    return (str(cause).splitlines() or [type(cause).__name__])[0][:200].rstrip(".")
