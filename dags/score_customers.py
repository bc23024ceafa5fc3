"""
# score_customers

Scores every customer, chooses the next best actions, and delivers what changed.

- **When**: the asset `customer_features` was updated; each snapshot that it names. Without a champion, a rule scores.
- **Then**: the asset `scores` carries the snapshot to `draw_journey_map`. With `dry_run` nothing is delivered.
- **If it fails**: a destination that cannot be reached fails `push` alone; run it again, and it sends what is missing.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow import sdk

from desirelines import tasks
from desirelines.assets import asset_uri
from desirelines.deadlines import deadline_alert

CUSTOMER_FEATURES = sdk.Asset(asset_uri("customer_features"))
SCORES = sdk.Asset(asset_uri("scores"))


@sdk.dag(
    schedule=[CUSTOMER_FEATURES],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    catchup=False,
    default_args={"retries": 2, "retry_exponential_backoff": 2, "execution_timeout": timedelta(hours=2)},
    params={"snapshot_at": sdk.Param(None, type=["null", "string"]), "dry_run": sdk.Param(False, type="boolean")},
    deadline=deadline_alert(sdk, hours=4),
    doc_md=__doc__,
    tags=["desirelines"],
)
def score_customers() -> None:
    @sdk.task
    def requests(**context: Any) -> list[tasks.Request]:
        return tasks.snapshot_requests(context)

    @sdk.task(pool="embedded")
    def score(request: tasks.Request, run_id: Any = None) -> dict[str, Any]:
        return tasks.step_at("score", run_id, request)

    @sdk.task(outlets=[SCORES], pool="embedded")
    def decide(request: tasks.Request, run_id: Any = None, outlet_events: Any = None) -> dict[str, Any]:
        outlet_events[SCORES].extra = request
        return tasks.step_at("decide", run_id, request)

    @sdk.task(pool="embedded")
    def push(request: tasks.Request, run_id: Any = None) -> dict[str, Any]:
        return tasks.step_at("push", run_id, request)

    @sdk.task_group
    def snapshot(request: tasks.Request) -> None:
        score(request) >> decide(request) >> push(request)

    snapshot.expand(request=requests())


score_customers()
