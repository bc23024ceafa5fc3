"""A local Airflow before it runs: its settings and its port; tests/end_to_end has it running."""

import socket
from pathlib import Path

import pytest

from desirelines.doors import open_folders
from desirelines.local_airflow import LocalAirflow, airflow_environment, check_port, dags_folder, free_port
from journeys.config.errors import DesireLinesError
from tests.desirelines.places import settings_in


def test_a_port_in_use_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """One sentence with the port and what to do, and no process and no folder."""
    project = open_folders(settings_in(tmp_path))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        sentence = (
            rf"^Port {port} is in use or not allowed \(.+\); end what listens there or choose another with --port\.$"
        )
        airflow = LocalAirflow(project, port=port, variables={})
        with pytest.raises(DesireLinesError, match=sentence):
            airflow.__enter__()
        with pytest.raises(DesireLinesError, match=sentence):
            check_port(port)
    assert not (project.home / "airflow").exists()


def test_a_free_port_is_free() -> None:
    """What is called free can be listened on."""
    check_port(free_port())


def test_the_three_settings_of_the_port_agree(tmp_path: Path) -> None:
    """With the port alone every task would fail while queued; and nothing listens beyond this machine."""
    made = airflow_environment(open_folders(settings_in(tmp_path)), 18080, {})
    assert made["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert made["AIRFLOW__API__PORT"] == "18080"
    assert made["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:18080"
    assert made["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:18080/execution/"


def test_tasks_get_the_project_and_the_variables_of_the_person(tmp_path: Path) -> None:
    """Folders are absolute, secrets come along, and two tasks run at a time."""
    project = open_folders(settings_in(tmp_path))
    made = airflow_environment(project, 18080, {"HOOK_SECRET": "kept", "PATH": "/bin"})
    assert made["HOOK_SECRET"] == "kept"
    assert made["PATH"].endswith(":/bin")
    assert made["DESIRELINES_PROJECT"] == str(project.project_dir)
    assert made["DESIRELINES_DATA"] == str(project.data_dir)
    assert made["DESIRELINES_HOME"] == str(project.home)
    assert made["AIRFLOW_HOME"] == str(project.home / "airflow")
    assert made["AIRFLOW__CORE__PARALLELISM"] == "2"


def test_the_dags_are_those_of_this_installation() -> None:
    """A person's own folder called dags is not taken for them."""
    assert (dags_folder() / "ingest_touchpoints.py").is_file()
