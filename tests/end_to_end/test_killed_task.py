"""Tasks killed in the middle of their writes: Airflow runs them again, and the tables are as if nothing had happened."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from desirelines import chain
from desirelines.airflow_client import AirflowClient
from desirelines.airflow_runs import NIGHTLY, switch_on
from desirelines.doors import Settings, connection_from, open_workspace
from desirelines.local_airflow import LocalAirflow, free_port
from desirelines.processes import session_members
from journeys.config.project import Project
from journeys.lake.delta import Lake
from tests.end_to_end.businesses import END, KEY, make_project
from tests.end_to_end.contents import lake_contents

pytestmark = pytest.mark.airflow

KILLS = [
    ("ingest_touchpoints", "ingest", "identifier_vault", "loads"),
    ("build_journeys", "build", "customers", "journey_steps"),
    ("build_features", "snapshot.features", "customer_features", None),
    ("score_customers", "snapshot.score", "scores", "hot_leads"),
]
"""DAG, task, the table after whose first version the task is killed, and one that must not be there by then."""

IMPATIENT = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "6",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "1",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "1",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("killed"), customers=250, months=4)


@pytest.fixture(scope="module")
def undisturbed(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The contents of the tables after the same steps in this process, with nothing killed."""
    home = tmp_path_factory.mktemp("undisturbed")
    settings = Settings(project.project_dir, project.data_dir, home)
    workspace = open_workspace(settings, "undisturbed", variables={"DESIRELINES_IDENTIFIER_KEY": KEY})
    chain.ingest(workspace, connections=connection_from({}))
    chain.build(workspace)
    for step in (chain.insights, chain.features, chain.score, chain.decide, chain.draw):
        step(workspace, END)
    chain.push(workspace, END, dry_run=False, environment={})
    return lake_contents(home / "lake")


@pytest.fixture(scope="module")
def killed(project: Project) -> tuple[list[str], int, dict[str, list[str]]]:
    """One night in which a task of each DAG is killed: the tasks killed, Airflow's session, the tables."""
    variables = {**os.environ, "DESIRELINES_IDENTIFIER_KEY": KEY}
    with LocalAirflow(project, port=free_port(), variables=variables, settings=IMPATIENT) as airflow:
        airflow.wait_until_healthy()
        with airflow.client() as client:
            switch_on(client)
            first = client.trigger("ingest_touchpoints", {"snapshot_at": END.isoformat()})
            done = [_kill_in_mid_run(client, project.lake_dir, *kill) for kill in KILLS]
            _wait_for_success(client, "ingest_touchpoints", first)
            for name in NIGHTLY[1:]:
                _wait_for_success(client, name)
            retried = {
                f"{name}.{task['task_id']}"
                for name in NIGHTLY
                for run in client.runs(name)
                for task in client.task_instances(name, run["dag_run_id"])
                if task["try_number"] > 1
            }
        session = airflow.pid
        contents = lake_contents(project.lake_dir)
    assert retried == set(done)
    return done, session, contents


def _kill_in_mid_run(client: AirflowClient, lake: Path, dag: str, task: str, after: str, before: str | None) -> str:
    """Kill a task's processes, and those that watch over them, as soon as the table `after` is being written."""
    written = lake / after / "_delta_log" / f"{1:020}.json"
    with _watched(client, dag, task) as running:
        deadline = time.monotonic() + 300
        while not written.exists():
            assert time.monotonic() < deadline, f"{task} wrote no {after}"
            time.sleep(0.001)
        for pid in sorted(running):
            with suppress(psutil.NoSuchProcess):
                os.kill(psutil.Process(pid).ppid(), signal.SIGKILL)
                os.kill(pid, signal.SIGKILL)
        assert running, f"{task} was not seen running"
    assert before is None or Lake(str(lake)).version(before) is None, f"{task} was over before it was killed"
    return f"{dag}.{task}"


@contextmanager
def _watched(client: AirflowClient, dag: str, task: str) -> Iterator[set[int]]:
    """Yield a set that a thread keeps at the process ids of a task's running instances."""
    running: set[int] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            instances = [
                instance
                for run in client.runs(dag)
                for instance in client.task_instances(dag, run["dag_run_id"])
                if instance["task_id"] == task and instance["state"] == "running" and instance["pid"]
            ]
            found = {instance["pid"] for instance in instances}
            running.difference_update(running - found)
            running.update(found)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        over.set()
        thread.join()


def _wait_for_success(client: AirflowClient, dag: str, run_id: str | None = None) -> None:
    """Wait until a run, the DAG's last one unless named, has succeeded; a task that is tried again is no failure."""
    deadline = time.monotonic() + 300
    while True:
        runs = [run for run in client.runs(dag) if run_id in {None, run["dag_run_id"]}]
        if runs and runs[-1]["state"] == "success":
            return
        assert not runs or runs[-1]["state"] != "failed", client.task_instances(dag, runs[-1]["dag_run_id"])
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_tables_are_as_if_nothing_had_happened(
    killed: tuple[list[str], int, dict[str, list[str]]], undisturbed: dict[str, list[str]]
) -> None:
    """After kills in four DAGs, every table has the rows of a run in which nothing was killed."""
    assert len(killed[0]) == len(KILLS)
    assert killed[2].keys() == undisturbed.keys()
    assert [name for name in undisturbed if killed[2][name] != undisturbed[name]] == []
    assert all(undisturbed[name] for name in ("touchpoints", "journeys", "customer_features", "scores", "decisions"))


def test_airflow_ends_with_all_its_children(killed: tuple[list[str], int, dict[str, list[str]]]) -> None:
    """Once it is left, no process of its session is alive."""
    assert session_members(killed[1]) == []
