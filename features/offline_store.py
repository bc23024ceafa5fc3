"""Feast's offline store over the lake: its own joins, reading Delta tables without a downloaded extension.

Feast's DuckDB store reads Delta through an extension that it fetches from the network; this one
scans the table's Parquet files. Chosen by `offline_store.type` in the repository's configuration.
"""

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
    return Lake(root, tables={}).scan_stored(connection, name)


def _refuse_to_write(*_: Any) -> None:
    raise RuntimeError("Features are written by features.build alone; Feast only reads them.")
