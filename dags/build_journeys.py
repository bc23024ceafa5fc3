"""
# build_journeys

Joins identifiers to customers and cuts their touchpoints into sessions, stages and journeys.

- **When**: the asset `touchpoints` was updated.
- **Then**: the asset `journeys` is updated. Where a `snapshot_at` came along, or was given by hand, the asset
  `snapshot_request` passes it on to `build_features`; otherwise that runs at night.
- **If it fails**: the tables stay as they were. Run it again; it replaces what it would have written.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow import sdk

from desirelines import tasks
from desirelines.assets import asset_uri
from desirelines.deadlines import deadline_alert

TOUCHPOINTS = sdk.Asset(asset_uri("touchpoints"))
JOURNEYS = sdk.Asset(asset_uri("journeys"))
SNAPSHOT_REQUEST = sdk.Asset(asset_uri("snapshot_request"))


@sdk.dag(
    schedule=[TOUCHPOINTS],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    catchup=False,
    default_args={"retries": 2, "retry_exponential_backoff": 2, "execution_timeout": timedelta(hours=2)},
    params={"snapshot_at": sdk.Param(None, type=["null", "string"]), "dry_run": sdk.Param(False, type="boolean")},
    deadline=deadline_alert(sdk, hours=3),
    doc_md=__doc__,
    tags=["desirelines"],
)
def build_journeys() -> None:
    @sdk.task(outlets=[JOURNEYS])
    def build(run_id: Any = None) -> dict[str, Any]:
        return tasks.build(run_id)

    @sdk.task
    def requests(**context: Any) -> list[tasks.Request]:
        return tasks.asked_requests(context)

    @sdk.task(outlets=[SNAPSHOT_REQUEST])
    def request_snapshot(request: tasks.Request, outlet_events: Any = None) -> None:
        outlet_events[SNAPSHOT_REQUEST].extra = request

    build() >> request_snapshot.expand(request=requests())


build_journeys()
