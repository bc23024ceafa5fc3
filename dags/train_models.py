"""
# train_models

Fits, compares and gates a model a target, from what was known at the snapshot.

- **When**: weekly, from the end of the week's interval; by hand, the parameter `snapshot_at`, else the end of the data.
- **Then**: a model that passes the gate of its target becomes champion, and the next scores are its own.
- **If it fails**: the earlier champion stays. Where the data do not allow a model (too few outcomes, a horizon longer
  than the history), the task says why in its log, and a rule goes on scoring that target.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow import sdk

from desirelines import tasks
from desirelines.deadlines import deadline_alert


@sdk.dag(
    schedule=sdk.CronDataIntervalTimetable("0 4 * * 0", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    catchup=False,
    default_args={"retries": 2, "retry_exponential_backoff": 2, "execution_timeout": timedelta(hours=6)},
    params={"snapshot_at": sdk.Param(None, type=["null", "string"]), "dry_run": sdk.Param(False, type="boolean")},
    deadline=deadline_alert(sdk, hours=12),
    doc_md=__doc__,
    tags=["desirelines"],
)
def train_models() -> None:
    @sdk.task
    def requests(**context: Any) -> list[tasks.Request]:
        return tasks.snapshot_requests(context)

    @sdk.task
    def targets() -> list[str]:
        return tasks.targets()

    @sdk.task(pool="embedded")
    def train(request: tasks.Request, target: str, run_id: Any = None) -> dict[str, Any]:
        return tasks.train(run_id, request, target)

    train.expand(request=requests(), target=targets())


train_models()
