"""What happens when a DAG run is late."""

import logging
from typing import Any

logger = logging.getLogger(__name__)


def on_late(context: dict[str, Any]) -> None:
    """Write one line about a late run into the log, where alerts on logs find it.

    Args:
        context: what Airflow says about the run.
    """
    run = context.get("dag_run") or {}
    logger.error("Deadline missed: the run %s of %s is not finished.", run.get("dag_run_id"), run.get("dag_id"))
