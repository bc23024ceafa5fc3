"""
# ingest_touchpoints

Extracts what is new of APIs and databases, and loads what is new in the files, one task a source.

- **When**: every ten minutes for sources marked `fresh`; the others in an hour's first run. A run by hand reads all.
- **Then**: where rows were loaded, the asset `touchpoints` starts `build_journeys`. Without new rows nothing follows,
  unless the run was given a `snapshot_at`, which goes along the whole chain up to the journey map.
- **If it fails**: the log of the source's task names file and line, and says what to do. The other sources are loaded
  and announced all the same. Any task may be killed and run again: a file is consumed once.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow import sdk
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk.exceptions import AirflowSkipException

from desirelines import tasks
from desirelines.assets import asset_uri
from desirelines.deadlines import deadline_alert

TOUCHPOINTS = sdk.Asset(asset_uri("touchpoints"))
EVERY_TEN_MINUTES = sdk.CronTriggerTimetable("*/10 * * * *", timezone="UTC", run_immediately=timedelta(0))


@sdk.dag(
    schedule=EVERY_TEN_MINUTES,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    catchup=False,
    default_args={"retries": 2, "retry_exponential_backoff": 2, "execution_timeout": timedelta(hours=2)},
    params={"snapshot_at": sdk.Param(None, type=["null", "string"]), "dry_run": sdk.Param(False, type="boolean")},
    deadline=deadline_alert(sdk, hours=3),
    doc_md=__doc__,
    tags=["desirelines"],
)
def ingest_touchpoints() -> None:
    @sdk.task
    def due_sources(dag_run: Any = None) -> list[str]:
        return tasks.due_sources(dag_run.run_after, by_hand=dag_run.run_type == "manual")

    @sdk.task
    def ingest(source: str, run_id: Any = None) -> dict[str, Any]:
        return tasks.ingest(run_id, source, sdk.Connection.get)

    @sdk.task(outlets=[TOUCHPOINTS], trigger_rule="all_done")
    def announce(**context: Any) -> None:
        asked = tasks.asked_requests(context)
        if not asked and not tasks.count_loaded_rows(context["run_id"]):
            raise AirflowSkipException("No new rows: nothing to announce.")
        context["outlet_events"][TOUCHPOINTS].extra = asked[0] if asked else {}

    loads = ingest.expand(source=due_sources())
    loads >> announce()
    loads >> EmptyOperator(task_id="all_sources_loaded", trigger_rule="none_failed")


ingest_touchpoints()
