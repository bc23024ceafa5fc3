"""Compute: Ibis on DuckDB, with memory bounded by spilling to disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt


@contextmanager
def connect(*, memory: str = "2GB", threads: int | None = None) -> Iterator[Any]:
    """Yield an Ibis connection to an in-memory DuckDB that spills to a temporary folder.

    Args:
        memory: most memory that the engine holds before it spills.
        threads: how many threads; all processors unless given.
    """
    with tempfile.TemporaryDirectory(prefix="desirelines-") as spill:
        connection = ibis.duckdb.connect(memory_limit=memory, temp_directory=str(Path(spill)))
        connection.raw_sql("SET TimeZone = 'UTC'")
        connection.raw_sql("SET preserve_insertion_order = true")
        # It is drawn into whatever is printed, and who waits is told by `progress`.
        connection.raw_sql("SET enable_progress_bar = false")
        # Turns IN lists into joins, which pays for lists of thousands. On an expression as deep as a vendor's record,
        # DuckDB 2.0 searches for them for seconds, twenty times as long as all else takes to plan.
        connection.raw_sql("SET disabled_optimizers = 'in_clause'")
        if threads:
            connection.raw_sql(f"SET threads = {int(threads)}")
        try:
            yield connection
        finally:
            connection.disconnect()


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, dt.Timestamp(timezone="UTC")), dt.Timestamp()))
def local_time(zone, at):  # type: ignore[no-untyped-def]
    """Return the wall-clock time of the instant `at` in `zone`."""


def exact_sum(values: ibis.Value, *, where: ibis.Value | None = None) -> ibis.Value:
    """Return the sum to six decimals: the same in whatever order the engine's threads add, which floats are not.

    Values must be smaller than 10^15, as amounts, scores and hours are.
    """
    return values.cast(dt.Decimal(24, 6)).sum(where=where).cast("float64")


def exact_mean(values: ibis.Value, *, where: ibis.Value | None = None) -> ibis.Value:
    """Return the mean by `exact_sum`; null where there is no value."""
    return exact_sum(values, where=where) / values.count(where=where).nullif(0)


def materialize(connection: Any, expression: ibis.Table, name: str) -> ibis.Table:
    """Compute `expression` once into a temporary table of `connection`, which spills if it must.

    `name` only makes the table recognisable; each call makes a new one.
    """
    return connection.create_table(ibis.util.gen_name(name), expression, temp=True)
