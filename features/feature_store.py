"""The only door to Feast: declarations, reads at points in time, and the online store."""

import contextlib
import io
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pandas as pd

from features.catalogue import FEATURES_TABLE, features_of, features_table
from features.feast_import import unchecked_import
from journeys.lake.workspace import Workspace, snapshot_key

with unchecked_import():
    from feast import FeatureStore, RepoConfig

    from feature_repo.customer_feature_views import CREATED_COLUMN, TIMESTAMP_FIELD, Declarations, declare
    from features.offline_store import reading_partition

_ONE_TICK = timedelta(microseconds=1)


def open_store(workspace: Workspace) -> FeatureStore:
    """Return the project's feature store: registry and online store in its home, offline reads from the lake."""
    home = workspace.project.feast_dir
    home.mkdir(parents=True, exist_ok=True)
    return FeatureStore(
        config=RepoConfig(
            project=workspace.project.name,
            provider="local",
            registry=str(home / "registry.db"),
            offline_store={"type": "features.offline_store.LakeOfflineStore"},
            online_store={"type": "sqlite", "path": str(home / "online.db")},
            entity_key_serialization_version=3,
        )
    )


def apply_declarations(workspace: Workspace) -> None:
    """Tell the registry of the customer, the feature view and the service; again is harmless."""
    with _quietly():
        open_store(workspace).apply(_declarations(workspace).objects())


def historical_features(workspace: Workspace, entities: pd.DataFrame, *, partition: str | None = None) -> pd.DataFrame:
    """Return the features of `entities` as of their instants, only from what was known by then.

    Args:
        workspace: the project and its lake.
        entities: customer_id and snapshot_at, and any other columns, which are kept.
        partition: read this `snapshot_key` alone; all of them unless given.

    Returns:
        `entities` with one column a feature, in the order of `entities`; missing where the lake
        holds no features of that customer at that instant.
    """
    asked = entities.rename(columns={"snapshot_at": "event_timestamp"}).reset_index(drop=True)
    asked["event_timestamp"] = asked["event_timestamp"].astype("datetime64[us, UTC]")
    asked["entity_order"] = range(len(asked))
    store = open_store(workspace)
    with _quietly(), reading_partition(partition) if partition else contextlib.nullcontext():
        found = store.get_historical_features(
            entity_df=asked, features=_declarations(workspace).service, filter_by_created_timestamp=True
        ).to_df()
    ordered = found.sort_values("entity_order", kind="stable").drop(columns="entity_order").reset_index(drop=True)
    names = list(features_of(workspace.project.config))
    named: pd.DataFrame = ordered.rename(columns={"event_timestamp": "snapshot_at"})
    return named[[*entities.columns, *names]]


def online_features(workspace: Workspace, customer_ids: list[str]) -> pd.DataFrame:
    """Return the materialised features of `customer_ids`, one row each in their order."""
    store = open_store(workspace)
    answer = store.get_online_features(
        features=_declarations(workspace).service,
        entity_rows=[{"customer_id": customer_id} for customer_id in customer_ids],
    )
    frame: pd.DataFrame = answer.to_df()
    return frame[["customer_id", *features_of(workspace.project.config)]]


def snapshot_online(workspace: Workspace) -> datetime | None:
    """Return the latest snapshot that was materialised, None where there is none; the declarations must be applied."""
    online_at: datetime | None = open_store(workspace).get_feature_view(FEATURES_TABLE).most_recent_end_time
    return online_at


def materialize_snapshot(workspace: Workspace, snapshot_at: datetime, *, merged_away: Sequence[str] = ()) -> bool:
    """Write the features of `snapshot_at`, and of no other instant, to the online store.

    Args:
        workspace: the project and its lake.
        snapshot_at: the instant; its features are in the lake.
        merged_away: customers who are somebody else by now, of whom nothing may stay online.

    Returns:
        False where a later snapshot is online already: a backfill does not take it back.
    """
    store = open_store(workspace)
    online_at = snapshot_online(workspace)
    if online_at is not None and online_at > snapshot_at:
        return False
    with _quietly():
        if online_at is not None and merged_away:
            # Feast removes nobody; who has no value is as one who was never there. Its public write refuses
            # rows without a value, so they go to the provider that the public write hands them to.
            nothing = dict.fromkeys(features_of(workspace.project.config))
            instants = dict.fromkeys((TIMESTAMP_FIELD, CREATED_COLUMN), pd.Timestamp(snapshot_at))
            rows = pd.DataFrame({"customer_id": list(merged_away)}).assign(**nothing, **instants)
            store._get_provider().ingest_df(store.get_feature_view(FEATURES_TABLE), rows)
        with reading_partition(snapshot_key(snapshot_at)):
            store.materialize(start_date=snapshot_at - _ONE_TICK, end_date=snapshot_at)
    return True


def _declarations(workspace: Workspace) -> Declarations:
    workspace.lake.declare(features_table(workspace.project.config))
    return declare(workspace.lake.uri(FEATURES_TABLE), features_of(workspace.project.config))


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep Feast's progress lines and warnings out of what our commands print."""
    logger = logging.getLogger("feast")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.setLevel(level)
