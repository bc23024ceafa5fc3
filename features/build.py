"""Features of one snapshot, or of a training set's snapshots, into `customer_features`."""

from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from features.catalogue import features_of, features_table
from features.compute import compute_features
from features.feature_store import apply_declarations, materialize_snapshot, snapshot_online
from features.parity import check_parity
from journeys.config.errors import DataError
from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import connect
from journeys.identities.customers import customers_at
from journeys.identities.scan import TOUCHPOINT_TABLES, scan_touchpoints
from journeys.lake.delta import Lake
from journeys.lake.workspace import StepReport, Workspace, snapshot_key


def declare_features(lake: Lake, config: JourneyConfig) -> None:
    """Tell `lake` of `customer_features`, whose columns follow the stages and channels of `config`."""
    lake.declare(features_table(config))


def build_features(workspace: Workspace, snapshot_at: datetime) -> StepReport:
    """Compute the features of every customer known at `snapshot_at`, and materialise them for online use.

    A snapshot older than the one online, as in a backfill, is computed and not materialised. What was
    materialised is read back for some customers and compared with the lake.
    """
    read = workspace.lake.versions([*TOUCHPOINT_TABLES, "customers"])
    key = snapshot_key(snapshot_at)
    with connect(memory=workspace.memory) as connection:
        customers = workspace.lake.scan(connection, "customers", version=read.get("customers"))
        instant = ibis.memtable(pa.table({"snapshot_at": pa.array([snapshot_at], pa.timestamp("us", "UTC"))}))
        spine = connection.to_pyarrow(customers_at(customers, instant).select("customer_id", "snapshot_at").distinct())
        apply_declarations(workspace)
        merged_away = _merged_away(workspace, connection, spine)
    if not spine.num_rows:
        msg = (
            f"Nobody was known at the snapshot {snapshot_at.isoformat()}; choose a later --snapshot-at, "
            "or run 'desirelines ingest' and 'desirelines build' first."
        )
        raise DataError(msg)
    rows = write_features(workspace, spine, key, read)
    is_online = materialize_snapshot(workspace, snapshot_at, merged_away=merged_away)
    count_compared = check_parity(workspace, rows, seed=int(snapshot_at.timestamp())) if is_online else 0
    return StepReport(
        step="features",
        counts={
            "customers": rows.num_rows,
            "features": len(features_of(workspace.project.config)),
            "materialised": rows.num_rows if is_online else 0,
            "compared_online": count_compared,
        },
        read=read,
        written=workspace.lake.versions(["customer_features"]),
    )


def _merged_away(workspace: Workspace, connection: Any, spine: pa.Table) -> list[str]:
    """Return the customers of the snapshot that is online who are not in the spine: they are somebody else by now."""
    online_at = snapshot_online(workspace)
    if online_at is None:
        return []
    declare_features(workspace.lake, workspace.project.config)
    rows = workspace.lake.scan(connection, "customer_features")
    online = rows.filter(rows.snapshot_key == snapshot_key(online_at)).select("customer_id")
    gone = online.anti_join(ibis.memtable(spine), "customer_id").order_by("customer_id")
    found: list[str] = connection.to_pyarrow(gone)["customer_id"].to_pylist()
    return found


def write_features(workspace: Workspace, spine: pa.Table, key: str, read: dict[str, int]) -> pa.Table:
    """Compute the features of `spine` at the pinned versions `read`, and replace the partition `key` by them."""
    declare_features(workspace.lake, workspace.project.config)
    with connect(memory=workspace.memory) as connection:
        rows = compute_features(
            connection,
            scan_touchpoints(workspace, connection, read),
            workspace.lake.scan(connection, "customers", version=read.get("customers")),
            workspace.project.config,
            spine,
        )
    keyed = rows.append_column("snapshot_key", pa.array([key] * rows.num_rows, pa.string()))
    workspace.lake.replace("customer_features", keyed, run_id=workspace.run_id, where={"snapshot_key": [key]})
    return keyed
