"""Each DAG by itself, as its author tries it: `airflow dags test`, without a scheduler."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from desirelines.airflow_runs import DAGS
from desirelines.doors import Settings, open_folders
from desirelines.local_airflow import airflow_environment, free_port
from tests.end_to_end.businesses import END
from tests.end_to_end.conftest import VARIABLES, Chain

pytestmark = pytest.mark.airflow

AIRFLOW = str(Path(sys.executable).parent / "airflow")


@pytest.fixture(scope="module")
def variables(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of an Airflow without any process, over a copy of what the two nights left."""
    home = tmp_path_factory.mktemp("alone") / "home"
    shutil.copytree(chain.project.home, home, ignore=shutil.ignore_patterns("airflow"))
    project = open_folders(Settings(chain.project.project_dir, chain.project.data_dir, home))
    made = airflow_environment(project, free_port(), {**os.environ, **VARIABLES})
    migrated = subprocess.run([AIRFLOW, "db", "migrate"], env=made, capture_output=True, text=True, check=False)
    assert migrated.returncode == 0, migrated.stderr[-2000:]
    return made


@pytest.mark.parametrize("dag", DAGS)
def test_a_dag_passes_by_itself(variables: Mapping[str, str], dag: str) -> None:
    """`airflow dags test` ends with 0 and says that the run succeeded."""
    command = [AIRFLOW, "dags", "test", dag, "--conf", json.dumps({"snapshot_at": END.isoformat()})]
    done = subprocess.run(command, env=dict(variables), capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told[-3000:]
    assert f"Marking run <DagRun {dag}" in told
    assert "successful" in told
