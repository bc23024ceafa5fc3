"""What happens when a DAG run is late."""

import logging
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

logger = logging.getLogger(__name__)


def deadline_alert(sdk: Any, *, hours: int, arguments: Sequence[str] = tuple(sys.argv)) -> Any:
    """Return a DAG's deadline, counted from the instant at which a run is queued.

    None under `airflow dags test`, where nobody waits for the run: Airflow 3.3.2 fails there on any DAG
    with a deadline, after it has succeeded (https://github.com/apache/airflow/issues/73428).

    Args:
        sdk: `airflow.sdk`, which only the DAG files import.
        hours: after so many hours it is late.
        arguments: the command line of this process.
    """
    if list(arguments[1:3]) == ["dags", "test"]:
        return None
    queued = sdk.DeadlineReference.DAGRUN_QUEUED_AT
    return sdk.DeadlineAlert(queued, timedelta(hours=hours), sdk.SyncCallback(on_late))


def on_late(context: dict[str, Any]) -> None:
    """Write one line about a late run into the log, where alerts on logs find it.

    Args:
        context: what Airflow says about the run.
    """
    run = context.get("dag_run") or {}
    logger.error("Deadline missed: the run %s of %s is not finished.", run.get("dag_run_id"), run.get("dag_id"))
