"""
# build_features

Looks from one instant, the snapshot: where journeys convert and end, and what was known about each customer.

- **When**: nightly, from the end of the night's interval (or the `snapshot_at` that `journey.yaml` pins); and whenever
  the asset `snapshot_request` names one. By hand, the parameter `snapshot_at`, else the end of the data.
- **Then**: the assets `insights` and `customer_features` carry the snapshot to the DAGs that follow.
- **If it fails**: nothing is scored for that snapshot. Run it again with the same `snapshot_at`; it replaces its own rows.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow import sdk

from desirelines import tasks
from desirelines.assets import asset_uri
from desirelines.deadlines import deadline_alert

SNAPSHOT_REQUEST = sdk.Asset(asset_uri("snapshot_request"))
INSIGHTS = sdk.Asset(asset_uri("insights"))
CUSTOMER_FEATURES = sdk.Asset(asset_uri("customer_features"))
NIGHTLY = sdk.CronDataIntervalTimetable("0 2 * * *", timezone="UTC")


@sdk.dag(
    schedule=sdk.AssetOrTimeSchedule(timetable=NIGHTLY, assets=[SNAPSHOT_REQUEST]),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    catchup=False,
    default_args={"retries": 2, "retry_exponential_backoff": 2, "execution_timeout": timedelta(hours=2)},
    params={"snapshot_at": sdk.Param(None, type=["null", "string"]), "dry_run": sdk.Param(False, type="boolean")},
    deadline=deadline_alert(sdk, hours=6),
    doc_md=__doc__,
    tags=["desirelines"],
)
def build_features() -> None:
    @sdk.task
    def requests(**context: Any) -> list[tasks.Request]:
        return tasks.snapshot_requests(context)

    @sdk.task(outlets=[INSIGHTS])
    def insights(request: tasks.Request, run_id: Any = None, outlet_events: Any = None) -> dict[str, Any]:
        outlet_events[INSIGHTS].extra = request
        return tasks.step_at("insights", run_id, request)

    @sdk.task(outlets=[CUSTOMER_FEATURES], pool="embedded")
    def features(request: tasks.Request, run_id: Any = None, outlet_events: Any = None) -> dict[str, Any]:
        outlet_events[CUSTOMER_FEATURES].extra = request
        return tasks.step_at("features", run_id, request)

    @sdk.task_group
    def snapshot(request: tasks.Request) -> None:
        insights(request) >> features(request)

    snapshot.expand(request=requests())


build_features()
