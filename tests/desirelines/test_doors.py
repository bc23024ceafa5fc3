"""Where the world enters."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from desirelines.doors import (
    Settings,
    airflow_secret,
    connection_from,
    end_of_data,
    open_folders,
    parse_instant,
    snapshot_of,
    task_settings,
)
from journeys.config.errors import ConfigError, DataError
from tests.desirelines.places import NOW, add_touchpoints, settings_in, workspace_in


def test_instants_are_understood_with_their_zone() -> None:
    """An instant in any zone is the same instant in UTC."""
    assert parse_instant("2026-03-01T03:00:00+01:00", "here") == NOW


@pytest.mark.parametrize("text", ["2026-03-01T02:00:00", "noon", ""])
def test_what_is_no_instant_is_refused_with_its_origin(text: str) -> None:
    """The sentence says where the instant was written."""
    with pytest.raises(ConfigError, match=r"^here: "):
        parse_instant(text, "here")


def test_the_given_snapshot_comes_first(tmp_path: Path) -> None:
    """An option beats everything."""
    workspace = workspace_in(tmp_path)
    add_touchpoints(workspace, [NOW - timedelta(days=9)])
    assert snapshot_of(workspace, "2025-01-01T00:00:00Z") == datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("latest", "expected"), [(-9, -9), (9, 0)])
def test_without_one_it_is_the_end_of_the_data_cut_to_now(tmp_path: Path, latest: int, expected: int) -> None:
    """What will only be known later does not move the snapshot into the future."""
    workspace = workspace_in(tmp_path)
    add_touchpoints(workspace, [NOW - timedelta(days=20), NOW + timedelta(days=latest)])
    assert snapshot_of(workspace) == NOW + timedelta(days=expected)


def test_a_pinned_project_looks_from_its_own_instant(tmp_path: Path) -> None:
    """`snapshot_at` in journey.yaml stands before the end of the data."""
    settings_in(tmp_path)
    path = tmp_path / "journey.yaml"
    path.write_text(
        path.read_text() + "\nsnapshot_at: 2025-06-01T00:00:00Z\n".replace(": 2", ": '2").replace("Z\n", "Z'\n")
    )
    from desirelines.doors import open_workspace

    workspace = open_workspace(Settings(project=tmp_path), "test", now=NOW, variables={})
    assert snapshot_of(workspace) == datetime(2025, 6, 1, tzinfo=UTC)


def test_no_data_has_no_end(tmp_path: Path) -> None:
    """An empty lake says so and what to run."""
    workspace = workspace_in(tmp_path)
    assert end_of_data(workspace) is None
    with pytest.raises(DataError, match="run 'desirelines ingest'"):
        snapshot_of(workspace)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission is asked of the system before anything runs."""
    settings = settings_in(tmp_path)
    monkeypatch.setattr("desirelines.doors.os.access", lambda *_: False)
    with pytest.raises(DataError, match=r"permission denied.*--home"):
        open_folders(settings)


def test_tasks_find_their_folders_in_the_environment() -> None:
    """The three variables become settings; the project is needed."""
    assert task_settings({"DESIRELINES_PROJECT": "/p", "DESIRELINES_HOME": "/h"}) == Settings(
        Path("/p"), None, Path("/h")
    )
    with pytest.raises(ConfigError, match="DESIRELINES_PROJECT is not set"):
        task_settings({})


def test_a_connection_by_its_variable() -> None:
    """The environment comes first; where it has none, Airflow is asked, or the sentence names the variable."""
    variables = {"DESIRELINES_CONNECTION_DESK": "token", "DESIRELINES_CONNECTION_EMPTY": ""}
    assert connection_from(variables)("desk") == "token"
    assert connection_from(variables, lambda name: f"airflow's {name}")("desk") == "token"
    assert connection_from(variables, lambda name: f"airflow's {name}")("empty") == "airflow's empty"
    with pytest.raises(ConfigError, match="connection 'crm' is not set; put its secret into the variable DESIRELINES_CONNECTION_CRM"):  # fmt: skip
        connection_from(variables)("crm")


@pytest.mark.parametrize(
    ("fields", "secret"),
    [
        ({"conn_type": "http", "login": None, "password": "token"}, "token"),
        ({"conn_type": "http", "login": "me", "password": "pw"}, "me:pw"),
        ({"conn_type": "http", "login": "key", "password": None}, "key:"),
        ({"conn_type": "postgres", "uri": "postgres://me:pw@db:5432/crm"}, "postgresql+psycopg://me:pw@db:5432/crm"),
    ],
)
def test_a_connection_of_airflow(fields: dict[str, Any], secret: str) -> None:
    """In the form in which the environment would hold it."""
    found = SimpleNamespace(**fields, get_uri=lambda: fields["uri"])
    assert airflow_secret("crm", lambda _: found) == secret


def test_a_connection_that_airflow_does_not_have() -> None:
    """Whatever Airflow raises, the sentence says which is missing."""

    def get(_name: str) -> Any:
        raise KeyError("The conn_id `crm` isn't defined")

    with pytest.raises(ConfigError, match="there is no connection 'crm' in Airflow"):
        airflow_secret("crm", get)
