"""Where the world enters: folders, the clock, the environment and chance become one `Workspace`.

Everything below this module gets them by argument. The command line opens a workspace here, and so
do the tasks of the DAGs.
"""

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journeys.config.errors import ConfigError, DataError
from journeys.config.project import Project, open_project

if TYPE_CHECKING:
    from journeys.lake.workspace import Progress, Workspace


_DATABASES = {
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mssql": "mssql+pymssql",
    "snowflake": "snowflake",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}
"""Airflow's kinds of connections that are databases, to what SQLAlchemy calls them."""


@dataclass(frozen=True)
class Settings:
    """What a person says on every command, and the environment says to every task.

    Attributes:
        project: folder that holds `journey.yaml`.
        data: folder from which relative source paths start; the project's unless given.
        home: folder of everything that is made; `.desirelines` in the project unless given.
        snapshot_at: the instant to look from, as given.
        as_json: print one JSON object instead of tables.
    """

    project: Path = Path()
    data: Path | None = None
    home: Path | None = None
    snapshot_at: str | None = None
    as_json: bool = False


def clock() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def environment() -> Mapping[str, str]:
    """Return the variables of this process."""
    return os.environ


def connection_from(
    variables: Mapping[str, str], otherwise: Callable[[str], str] | None = None
) -> Callable[[str], str]:
    """Return the function that gives a connection's secret by its name, from DESIRELINES_CONNECTION_<NAME>.

    Args:
        variables: the environment.
        otherwise: asked where the environment has none, as Airflow's connections are.

    >>> connection_from({"DESIRELINES_CONNECTION_DESK": "token"})("desk")
    'token'
    """

    def secret(name: str) -> str:
        variable = f"DESIRELINES_CONNECTION_{name.upper()}"
        given = variables.get(variable)
        if given:
            return given
        if otherwise is None:
            raise ConfigError(f"connection '{name}' is not set; put its secret into the variable {variable}.")
        return otherwise(name)

    return secret


def airflow_secret(name: str, get: Callable[[str], Any]) -> str:
    """Return the secret of an Airflow connection, as the environment variable would hold it.

    Of a database, its address for SQLAlchemy; of anything else the password, after the login where it has one.

    Args:
        name: the connection.
        get: asks Airflow for it.

    Raises:
        ConfigError: when Airflow has no such connection.
    """
    try:
        found = get(name)
    except Exception as error:  # Airflow raises another kind in each of its processes
        raise ConfigError(
            f"there is no connection '{name}' in Airflow ({type(error).__name__}); add it, or set DESIRELINES_CONNECTION_{name.upper()}."
        ) from None
    if found.conn_type in _DATABASES:
        # Airflow's own spelling of the address, whose scheme SQLAlchemy knows by its driver.
        return str(found.get_uri()).replace(found.conn_type, _DATABASES[found.conn_type], 1)
    return f"{found.login}:{found.password or ''}" if found.login else str(found.password or "")


def task_settings(variables: Mapping[str, str]) -> Settings:
    """Return the folders that a task works in, from DESIRELINES_PROJECT, _DATA and _HOME.

    Raises:
        ConfigError: when DESIRELINES_PROJECT is not set.
    """
    project = variables.get("DESIRELINES_PROJECT")
    if not project:
        msg = "DESIRELINES_PROJECT is not set where Airflow runs; set it to the folder that holds journey.yaml."
        raise ConfigError(msg)
    data, home = variables.get("DESIRELINES_DATA"), variables.get("DESIRELINES_HOME")
    return Settings(Path(project), Path(data) if data else None, Path(home) if home else None)


def open_data(settings: Settings) -> Project:
    """Load the project and make sure that its data folder is there; write nothing.

    Raises:
        ConfigError: `journey.yaml` is missing or says something that cannot be meant.
        DataError: the data folder is missing.
    """
    project = open_project(settings.project, settings.data, settings.home)
    if not project.data_dir.is_dir():
        raise DataError(f"There is no data folder {project.data_dir}; give the right one with --data.")
    return project


def open_folders(settings: Settings) -> Project:
    """Load the project and make sure that its data folder is there and its home can be written.

    Raises:
        ConfigError: `journey.yaml` is missing or says something that cannot be meant.
        DataError: the data folder is missing, or the home cannot be written.
    """
    project = open_data(settings)
    try:
        project.home.mkdir(parents=True, exist_ok=True)
        writable = os.access(project.home, os.W_OK | os.X_OK)
    except OSError as error:
        raise DataError(_unwritable(project.home, error.strerror or str(error))) from error
    if not writable:
        raise DataError(_unwritable(project.home, "permission denied"))
    return project


def open_workspace(
    settings: Settings,
    run_id: str,
    *,
    now: datetime | None = None,
    variables: Mapping[str, str] | None = None,
    progress: "Progress | None" = None,
) -> "Workspace":
    """Return the workspace of one run.

    Args:
        settings: the folders.
        run_id: name of the run; the same for a task that is tried again.
        now: the clock of the run; the present unless given.
        variables: the environment; this process' unless given.
        progress: told what is going on.
    """
    from journeys.lake.delta import Lake
    from journeys.lake.workspace import Workspace, no_progress, read_identifier_key

    project = open_folders(settings)
    return Workspace(
        project=project,
        # Chance spreads retried conflicts over time; two tasks must not draw the same waits.
        lake=Lake(str(project.lake_dir), rng=random.Random()),  # noqa: S311 - jitter, not a secret
        now=now or clock(),
        run_id=run_id,
        identifier_key=read_identifier_key(project, environment() if variables is None else variables),
        progress=progress or no_progress,
    )


def command_run_id(command: str, now: datetime) -> str:
    """Return the name of a run started by a person: the command and the instant.

    >>> command_run_id("score", datetime(2026, 3, 1, 2, 0, 0, 5, tzinfo=UTC))
    'score-20260301T020000.000005Z'
    """
    return f"{command}-{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"


def parse_instant(text: str, origin: str) -> datetime:
    """Return an instant as people write it, in UTC.

    Args:
        text: for example 2026-03-01T02:00:00Z.
        origin: where it was written, for the error.

    Raises:
        ConfigError: when it is no instant or carries no time zone.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        msg = f"{origin}: '{text}' is not an instant; write it as in 2026-03-01T02:00:00Z."
        raise ConfigError(msg) from None
    if instant.tzinfo is None:
        raise ConfigError(f"{origin}: '{text}' has no time zone; write it as in 2026-03-01T02:00:00Z.")
    return instant.astimezone(UTC)


def snapshot_of(workspace: "Workspace", given: str | None = None) -> datetime:
    """Return the instant to look from: the one given, else the project's, else the end of the data.

    The end of the data is the latest `known_at` of a touchpoint, or now where that is earlier.

    Raises:
        DataError: when nothing says and no touchpoint is loaded.
    """
    if given:
        return parse_instant(given, "--snapshot-at")
    pinned = workspace.project.config.snapshot_at
    if pinned:
        return parse_instant(pinned, "journey.yaml: snapshot_at")
    end = end_of_data(workspace)
    if end is None:
        msg = f"No touchpoints are loaded in {workspace.lake.root}; run 'desirelines ingest' or give --snapshot-at."
        raise DataError(msg)
    return end


def end_of_data(workspace: "Workspace") -> datetime | None:
    """Return the latest `known_at` of a touchpoint in the lake, but never later than now; None where there is none."""
    from journeys.engine import connect

    with connect(memory=workspace.memory) as connection:
        latest = workspace.lake.scan(connection, "touchpoints").known_at.max().to_pyarrow().as_py()
    return None if latest is None else min(latest.astimezone(UTC), workspace.now)


def _unwritable(folder: Path, reason: str) -> str:
    return f"Cannot write to {folder} ({reason}); make the folder writable or choose another with --home."
