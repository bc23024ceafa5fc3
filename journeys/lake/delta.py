"""The lake: Delta tables below one root. The only module that imports `deltalake`.

Every write is one atomic commit. A table is replaced whole, or in the partitions that the write
names, so that a task may be killed at any line and run again.
"""

import json
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from journeys.config.errors import DataError, nearest
from journeys.lake.tables import TABLES, Table

Batches: TypeAlias = pa.Table | pa.RecordBatchReader

_ATTEMPTS = 8


class Lake:
    """Tables below `root`, a folder or an object-store address.

    Args:
        root: where the tables are, one folder each.
        storage_options: credentials and endpoint for an object store.
        rng: source of the jitter between retried conflicts.
        sleep: how to wait between them.
        tables: declarations; those of `journeys.lake.tables` unless given.
    """

    def __init__(
        self,
        root: str,
        *,
        storage_options: dict[str, str] | None = None,
        rng: random.Random | None = None,
        sleep: Callable[[float], None] = time.sleep,
        tables: Mapping[str, Table] = TABLES,
    ) -> None:
        self.root = str(root).rstrip("/")
        self._options = storage_options
        self._rng = rng or random.Random(0)  # noqa: S311 - jitter, not a secret
        self._sleep = sleep
        self._tables = dict(tables)

    def declare(self, table: Table) -> None:
        """Add a table whose columns are only known at run time (the features)."""
        self._tables[table.name] = table

    def table(self, name: str) -> Table:
        """Return a table's declaration; an unknown name is an error that lists the nearest."""
        if name not in self._tables:
            raise DataError(f"There is no table '{name}'; {nearest(name, self._tables)}")
        return self._tables[name]

    def uri(self, name: str) -> str:
        """Return where a table is."""
        return f"{self.root}/{name}"

    def version(self, name: str) -> int | None:
        """Return a table's current version, or None where it does not exist yet."""
        delta = self._open(name)
        return None if delta is None else int(delta.version())

    def versions(self, names: Iterable[str]) -> dict[str, int]:
        """Return the current versions of those tables that exist: what a run pins."""
        found = {name: self.version(name) for name in names}
        return {name: version for name, version in found.items() if version is not None}

    def schema_version(self, name: str) -> int | None:
        """Return the schema version that stands in a table's properties."""
        delta = self._open(name)
        return None if delta is None else int(delta.metadata().configuration.get("schema_version", 0))

    def read(self, name: str, *, version: int | None = None, columns: list[str] | None = None) -> pa.Table:
        """Return a table as Arrow, empty where it does not exist; for small tables."""
        declared = self.table(name)
        wanted = columns or declared.schema.names
        delta = self._open(name, version)
        if delta is None:
            return declared.schema.empty_table().select(wanted)
        found = delta.to_pyarrow_table(
            columns=[column for column in wanted if column in delta.schema().to_arrow().names]
        )
        return _conform(found, pa.schema([declared.schema.field(column) for column in wanted]))

    def scan(self, connection: Any, name: str, *, version: int | None = None) -> ibis.Table:
        """Return a table as a lazy Ibis table on `connection`, empty where it does not exist."""
        declared = self.table(name)
        delta = self._open(name, version)
        files = [] if delta is None else delta.file_uris()
        if not files:
            return ibis.memtable(declared.schema.empty_table())
        # Partition values stand in the paths of a Delta table, not in its files.
        kinds = ", ".join(f"{column}: {_SQL_TYPES[declared.columns[column]]}" for column in declared.partition_by)
        hive = f", hive_partitioning = true, hive_types = {{{kinds}}}" if kinds else ""
        paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
        view = ibis.util.gen_name(name)
        reader = f"read_parquet([{paths}], union_by_name = true{hive})"
        connection.raw_sql(f"CREATE TEMP VIEW {view} AS SELECT * FROM {reader}")  # noqa: S608 - names of ours, quoted paths
        table = connection.table(view)
        missing = {
            column: ibis.null(ibis.schema(pa.schema([declared.schema.field(column)]))[column])
            for column in declared.schema.names
            if column not in table.columns
        }
        return table.mutate(**missing).select(*declared.schema.names).cast(ibis.schema(declared.schema))

    def scan_stored(self, connection: Any, name: str) -> ibis.Table:
        """Return a table with the columns that it has, for readers that know no declaration."""
        delta = DeltaTable(self.uri(name), storage_options=self._options)
        schema = pa.schema(delta.schema().to_arrow())
        columns = dict(zip(schema.names, schema.types, strict=True))
        partition = tuple(delta.metadata().partition_columns)
        self._tables[name] = Table(name, "as stored", partition, columns, partition)
        return self.scan(connection, name)

    def replace(
        self, name: str, data: Batches, *, run_id: str, where: Mapping[str, Sequence[str | int]] | None = None
    ) -> int:
        """Replace a table, or only its partitions named in `where`, by `data`; return the new version.

        Args:
            name: the table.
            data: rows in the declared columns (order and nullability are conformed).
            run_id: the run that writes, kept in the commit.
            where: partition column to the values that `data` replaces; every row must lie in them.

        Raises:
            DataError: when the key is not unique, a column is missing or a row lies outside `where`.
        """
        declared = self.table(name)
        rows = _check(declared, data)
        _check_inside(declared, rows, where or {})
        if where is not None and not all(where.values()):
            return self._commit(declared, lambda: None)
        predicate = None if where is None else " AND ".join(_in(column, values) for column, values in where.items())

        def commit() -> None:
            write_deltalake(
                self._created(declared),
                rows,
                mode="overwrite",
                predicate=predicate,
                schema_mode="merge",
                commit_properties=CommitProperties(custom_metadata={"run_id": run_id}),
            )

        return self._commit(declared, commit)

    def add_new(self, name: str, data: pa.Table, *, run_id: str) -> int:
        """Add the rows whose key the table does not have yet (runs, loads); return the new version.

        A task that is tried again, or two that do the same at once, add their row once.
        """
        declared = self.table(name)
        rows = _check(declared, data)
        same_key = " AND ".join(f"there.{column} = new.{column}" for column in declared.key)

        def commit() -> None:
            merge = self._created(declared).merge(
                rows,
                same_key,
                source_alias="new",
                target_alias="there",
                merge_schema=True,
                commit_properties=CommitProperties(custom_metadata={"run_id": run_id}),
            )
            merge.when_not_matched_insert_all().execute()

        return self._commit(declared, commit)

    def _open(self, name: str, version: int | None = None) -> DeltaTable | None:
        self.table(name)
        try:
            return DeltaTable(self.uri(name), version=version, storage_options=self._options)
        except TableNotFoundError:
            return None

    def _created(self, declared: Table) -> DeltaTable:
        delta = self._open(declared.name)
        if delta is None:
            description = json.dumps({"grain": declared.grain, "key": list(declared.key)})
            DeltaTable.create(
                self.uri(declared.name),
                schema=declared.schema,
                partition_by=list(declared.partition_by),
                description=description,
                storage_options=self._options,
                mode="ignore",
            )
            delta = DeltaTable(self.uri(declared.name), storage_options=self._options)
        stored = int(delta.metadata().configuration.get("schema_version", 0))
        if stored > declared.schema_version:
            msg = (
                f"Table {self.uri(declared.name)} was written by a newer release (schema {stored}); update desirelines."
            )
            raise DataError(msg)
        if stored < declared.schema_version:
            # The table format refuses foreign properties at creation, so they follow in a commit of their own.
            delta.alter.set_table_properties(
                {"schema_version": str(declared.schema_version)}, raise_if_not_exists=False
            )
        return delta

    def _commit(self, declared: Table, commit: Callable[[], None]) -> int:
        """Run `commit`, again after a conflict with another writer, waiting longer each time."""
        for attempt in range(_ATTEMPTS):
            try:
                commit()
                break
            except CommitFailedError:
                if attempt == _ATTEMPTS - 1:
                    raise
                self._sleep(0.05 * 2**attempt * (0.5 + self._rng.random()))
            except (OSError, TableNotFoundError) as error:
                # The table format calls a folder that cannot be made a table that is not found.
                cause = str(error).splitlines()[0]
                msg = f"Cannot write table {self.uri(declared.name)} ({cause}); make the folder writable or choose another --home."
                raise DataError(msg) from error
        version = self.version(declared.name)
        return -1 if version is None else version


_SQL_TYPES = {pa.string(): "VARCHAR", pa.int32(): "INTEGER", pa.int64(): "BIGINT"}


def _in(column: str, values: Sequence[str | int]) -> str:
    # Values are load ids, buckets and snapshot keys of our own making; quotes are doubled all the same.
    literals = ["'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(int(value)) for value in values]
    return f"{column} IN ({', '.join(literals)})"


def _check(declared: Table, data: Batches) -> pa.Table:
    table = data if isinstance(data, pa.Table) else data.read_all()
    absent = [name for name in declared.schema.names if name not in table.column_names]
    if absent:
        raise DataError(f"Table {declared.name} needs the columns {', '.join(absent)}, which the write does not bring.")
    table = _conform(table.select(declared.schema.names), declared.schema)
    if table.num_rows:
        distinct = table.group_by(list(declared.key)).aggregate([]).num_rows
        if distinct != table.num_rows:
            count = table.num_rows - distinct
            raise DataError(
                f"Table {declared.name}: {count} rows repeat the key ({', '.join(declared.key)}); nothing was written."
            )
        for name in declared.key:
            if table.column(name).null_count:
                raise DataError(
                    f"Table {declared.name}: {table.column(name).null_count} rows have no {name}; nothing was written."
                )
    return table


def _check_inside(declared: Table, rows: pa.Table, where: Mapping[str, Sequence[str | int]]) -> None:
    # The table format would refuse such rows too, but show them, and they may hold personal data.
    for column, values in where.items():
        inside = pc.is_in(rows.column(column), value_set=pa.array(values, declared.columns[column]))
        count = rows.num_rows - (pc.sum(inside).as_py() or 0)
        if count:
            raise DataError(
                f"Table {declared.name}: {count} rows lie outside the {column} that the write replaces; nothing was written."
            )


def _conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    for field in schema:
        if field.name not in table.column_names:
            table = table.append_column(pa.field(field.name, field.type), pa.nulls(table.num_rows, field.type))
    return table.select(schema.names).cast(pa.schema([pa.field(f.name, f.type) for f in schema]))
