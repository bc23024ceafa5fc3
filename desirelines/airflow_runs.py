"""Runs of the DAGs that are started over Airflow's API: the demonstration's, in the order in which they follow."""

from datetime import datetime

from desirelines.airflow_client import AirflowClient

NIGHTLY = ("ingest_touchpoints", "build_journeys", "build_features", "score_customers", "draw_journey_map")
"""The DAGs that follow one another, the first started by hand, the others by the assets before them."""

ANCHORED = ("build_features", "train_models")
"""The DAGs with an interval: as soon as they are on, they run once for the one that has just ended."""

DAGS = (*NIGHTLY, "train_models")

_SECONDS = 600.0


def switch_on(client: AirflowClient) -> None:
    """Switch every DAG on, and wait for what then runs at once.

    Before there are data, those runs find nothing to do.
    """
    client.wait_for_dags(DAGS)
    for name in DAGS:
        client.unpause(name)
    for name in ANCHORED:
        client.wait_for_next_run(name, seconds=_SECONDS)


def load(client: AirflowClient) -> None:
    """Load what is new, without a snapshot, and build the journeys: nothing is scored yet.

    The journeys are asked for by hand as well: a scheduled load may have come first, and taken everything.
    """
    for name in ("ingest_touchpoints", "build_journeys"):
        client.wait_for_run(name, client.trigger(name), seconds=_SECONDS)


def train(client: AirflowClient, snapshot_at: datetime) -> None:
    """Train every target from what was known at `snapshot_at`."""
    run = client.trigger("train_models", {"snapshot_at": snapshot_at.isoformat()})
    client.wait_for_run("train_models", run, seconds=_SECONDS)


def run_nightly(client: AirflowClient, snapshot_at: datetime) -> dict[str, str]:
    """Start the chain for `snapshot_at`, wait until its last DAG has succeeded; return each DAG's run."""
    first, *others = NIGHTLY
    before = {name: _run_ids(client, name) for name in others}
    run = client.trigger(first, {"snapshot_at": snapshot_at.isoformat()})
    client.wait_for_run(first, run, seconds=_SECONDS)
    return {first: run} | {name: client.wait_for_next_run(name, before[name], seconds=_SECONDS) for name in others}


def _run_ids(client: AirflowClient, dag: str) -> set[str]:
    return {run["dag_run_id"] for run in client.runs(dag)}
