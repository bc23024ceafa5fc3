"""
# draw_journey_map

Draws the living journey map: stages, conversion, abandonment points and scores on one page that opens in a browser.

- **When**: the assets `insights` and `scores` were both updated; each snapshot that they name, in turn.
- **Then**: `output/journey_map.html` in the home folder is the new map.
- **If it fails**: the earlier map stays. Run it again, by hand with the `snapshot_at` of the scores.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow import sdk

from desirelines import tasks
from desirelines.assets import asset_uri
from desirelines.deadlines import deadline_alert

INSIGHTS = sdk.Asset(asset_uri("insights"))
SCORES = sdk.Asset(asset_uri("scores"))


@sdk.dag(
    schedule=(INSIGHTS & SCORES),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    catchup=False,
    default_args={"retries": 2, "retry_exponential_backoff": 2, "execution_timeout": timedelta(hours=1)},
    params={"snapshot_at": sdk.Param(None, type=["null", "string"]), "dry_run": sdk.Param(False, type="boolean")},
    deadline=deadline_alert(sdk, hours=2),
    doc_md=__doc__,
    tags=["desirelines"],
)
def draw_journey_map() -> None:
    @sdk.task
    def requests(**context: Any) -> list[tasks.Request]:
        return tasks.snapshot_requests(context)

    @sdk.task
    def draw(request: tasks.Request, run_id: Any = None) -> dict[str, Any]:
        return tasks.step_at("map", run_id, request)

    draw.expand(request=requests())


draw_journey_map()
