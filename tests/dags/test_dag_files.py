"""The DAG files as Airflow reads them: which there are, how they are wired, and what reading them costs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).parents[2] / "dags"
FILES = sorted(path for path in DAGS.glob("*.py") if path.name != "__init__.py")
NAMES = {
    "ingest_touchpoints", "build_journeys", "build_features", "score_customers", "draw_journey_map", "train_models",
}  # fmt: skip

_READ = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1], load_op_links=False)
heavy = [name for name in ("mlflow", "feast", "ibis", "lightgbm", "pandas", "duckdb", "xgboost", "dlt") if name in sys.modules]
def facts(dag):
    return {
        "doc": dag.doc_md,
        "max_active_runs": dag.max_active_runs,
        "catchup": dag.catchup,
        "start": str(dag.start_date),
        "params": sorted(dag.params),
        "deadline": bool(dag.deadline),
        "retries": {task.task_id: task.retries for task in dag.tasks},
        "backoff": {task.task_id: task.retry_exponential_backoff for task in dag.tasks},
        "timeouts": {task.task_id: task.execution_timeout.total_seconds() for task in dag.tasks},
        "pools": {task.task_id: task.pool for task in dag.tasks},
        "outlets": {task.task_id: [asset.uri for asset in task.outlets] for task in dag.tasks if task.outlets},
        "schedule": repr(dag.timetable),
    }
print("FACTS" + json.dumps({
    "errors": bag.import_errors, "heavy": heavy, "dags": {name: facts(dag) for name, dag in bag.dags.items()},
}))
"""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a fresh process finds in the folder of the DAGs."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "journey.yaml").write_text("project: my_shop\n")
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DESIRELINES"))},
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "DESIRELINES_PROJECT": str(home),
    }
    command = [sys.executable, "-c", _READ, str(DAGS)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, cwd=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("FACTS")[1])  # type: ignore[no-any-return]


def test_there_are_exactly_these_dags(read: dict[str, Any]) -> None:
    """Each file holds one DAG of its own name, and none fails to be read."""
    assert read["errors"] == {}
    assert set(read["dags"]) == NAMES == {path.stem for path in FILES}


def test_reading_them_loads_nothing_heavy(read: dict[str, Any]) -> None:
    """Airflow reads DAG files again and again; model libraries wait for the tasks."""
    assert read["heavy"] == []


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_is_safe_to_leave_alone(read: dict[str, Any], name: str) -> None:
    """A page, one run at a time, nothing made up for the past, parameters, retries, timeouts, a deadline."""
    facts = read["dags"][name]
    assert facts["doc"].strip().startswith(f"# {name}")
    assert "**If it fails**" in facts["doc"]
    assert facts["max_active_runs"] == 1
    assert facts["catchup"] is False
    assert facts["start"].startswith("2026-01-01")
    assert facts["params"] == ["dry_run", "snapshot_at"]
    assert facts["deadline"]
    assert set(facts["retries"].values()) == {2}
    assert set(facts["backoff"].values()) == {2}
    assert min(facts["timeouts"].values()) >= 3600


def test_writers_of_sqlite_wait_for_one_another(read: dict[str, Any]) -> None:
    """What writes MLflow, Feast's registry or the ledger takes the one slot of the pool."""
    pooled = {
        f"{name}.{task}"
        for name, facts in read["dags"].items()
        for task, pool in facts["pools"].items()
        if pool == "embedded"
    }
    assert pooled == {
        "build_features.snapshot.features",
        "score_customers.snapshot.score",
        "score_customers.snapshot.decide",
        "score_customers.snapshot.push",
        "train_models.train",
    }


def test_assets_carry_the_project_and_chain_the_dags(read: dict[str, Any]) -> None:
    """What one DAG updates the next one waits for, under the project's own address."""
    outlets = {
        f"{name}.{task}": uris for name, facts in read["dags"].items() for task, uris in facts["outlets"].items()
    }
    assert outlets == {
        "ingest_touchpoints.announce": ["desirelines://my_shop/touchpoints"],
        "build_journeys.build": ["desirelines://my_shop/journeys"],
        "build_journeys.request_snapshot": ["desirelines://my_shop/snapshot_request"],
        "build_features.snapshot.insights": ["desirelines://my_shop/insights"],
        "build_features.snapshot.features": ["desirelines://my_shop/customer_features"],
        "score_customers.snapshot.decide": ["desirelines://my_shop/scores"],
    }
    waits = {
        "build_journeys": {"touchpoints"},
        "build_features": {"snapshot_request"},
        "score_customers": {"customer_features"},
        "draw_journey_map": {"insights", "scores"},
    }
    for name, assets in waits.items():
        assert set(re.findall(r"desirelines://my_shop/(\w+)", read["dags"][name]["schedule"])) == assets


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_is_a_page_and_wiring(path: Path) -> None:
    """At most 60 lines, one DAG, and never the dates that asset-triggered runs do not have."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert text.count("@sdk.dag(") == 1
    assert not re.findall(r"\b(ds|ds_nodash|ts|ts_nodash|logical_date|execution_date|data_interval_start)\b", text)


def test_a_project_must_be_named(tmp_path: Path) -> None:
    """Without a project, reading a DAG fails with one sentence that Airflow's page shows."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DESIRELINES"))}
    command = [sys.executable, "-c", _READ, str(DAGS / "build_journeys.py")]
    done = subprocess.run(
        command,
        env={**variables, "AIRFLOW_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    errors = json.loads(done.stdout.split("FACTS")[1])["errors"]
    assert "DESIRELINES_PROJECT is not set where Airflow parses DAGs" in next(iter(errors.values()))
