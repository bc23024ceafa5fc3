"""Feast's offline store over the lake: its own joins, reading Delta tables without a downloaded extension.

Feast's DuckDB store reads Delta through an extension that it fetches from the network; this one
scans the table's Parquet files. Chosen by `offline_store.type` in the repository's configuration.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import ibis
from feast.infra.offline_stores.ibis import (
    get_historical_features_ibis,
    pull_all_from_table_or_query_ibis,
    pull_latest_from_table_or_query_ibis,
)
from feast.infra.offline_stores.offline_store import OfflineStore, RetrievalJob
from feast.repo_config import FeastConfigBaseModel

from journeys.lake.delta import Lake

_PARTITION: ContextVar[str | None] = ContextVar("partition", default=None)


@contextmanager
def reading_partition(snapshot_key: str) -> Iterator[None]:
    """Let Feast see only one partition of the table.

    Training sets and nightly snapshots may hold the same customer at the same instant, made under another
    configuration; between such rows Feast would choose at random.
    """
    token = _PARTITION.set(snapshot_key)
    try:
        yield
    finally:
        _PARTITION.reset(token)


class LakeOfflineStoreConfig(FeastConfigBaseModel):  # type: ignore[misc]
    """The store's section of Feast's configuration."""

    type: Literal["features.offline_store.LakeOfflineStore"] = "features.offline_store.LakeOfflineStore"


class LakeOfflineStore(OfflineStore):  # type: ignore[misc]
    """Point-in-time joins of Feast's Ibis implementation over tables of the lake."""

    supports_filter_by_created_timestamp = True

    @staticmethod
    def get_historical_features(*args: Any, **kwargs: Any) -> RetrievalJob:
        """Join features to entities as of each entity's instant."""
        return get_historical_features_ibis(
            *args, data_source_reader=_read, data_source_writer=_refuse_to_write, **kwargs
        )

    @staticmethod
    def pull_latest_from_table_or_query(*args: Any, **kwargs: Any) -> RetrievalJob:
        """Return the latest row of each entity within a range of instants."""
        return pull_latest_from_table_or_query_ibis(
            *args, data_source_reader=_read, data_source_writer=_refuse_to_write, **kwargs
        )

    @staticmethod
    def pull_all_from_table_or_query(*args: Any, **kwargs: Any) -> RetrievalJob:
        """Return every row within a range of instants."""
        return pull_all_from_table_or_query_ibis(
            *args, data_source_reader=_read, data_source_writer=_refuse_to_write, **kwargs
        )


def _read(source: Any, _repo_path: str) -> ibis.Table:
    root, _, name = str(source.path).rpartition("/")
    # Feast runs its expressions on Ibis' default connection.
    connection = ibis.get_backend()
    connection.raw_sql("SET TimeZone = 'UTC'")
    table = Lake(root, tables={}).scan_stored(connection, name)
    partition = _PARTITION.get()
    return table if partition is None else table.filter(table.snapshot_key == partition)


def _refuse_to_write(*_: Any) -> None:
    raise RuntimeError("Features are written by features.build alone; Feast only reads them.")
