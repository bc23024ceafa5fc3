"""A local Airflow on the embedded defaults: SQLite, two tasks at a time, this machine only.

Everything of it is below `<home>/airflow`. Its parts are started in a session of their own
(`desirelines.airflow_parts`), and ended with all their children.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from desirelines.airflow_client import AirflowClient
from desirelines.processes import end_session, start_in_session
from journeys.config.errors import DesireLinesError
from journeys.config.project import Project

POOL = "embedded"
"""Pool with one slot, for every task that writes what SQLite allows one writer of: MLflow, Feast's registry, the ledger."""

_HOST = "127.0.0.1"


class LocalAirflow:
    """One local Airflow for one project; a context manager that ends it.

    Args:
        project: whose DAGs it runs.
        port: where its page and its API answer.
        variables: the environment that its tasks get.
        settings: further environment settings of Airflow, which win over ours.

    Raises:
        DesireLinesError: when the port is in use.
    """

    def __init__(
        self, project: Project, *, port: int, variables: Mapping[str, str], settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = project.home / "airflow"
        self.url = f"http://{_HOST}:{port}"
        self.log_path = self.folder / "airflow.log"
        self._port = port
        self._variables = {**airflow_environment(project, port, variables), **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        check_port(self._port)
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-P", "-m", "desirelines.airflow_parts"]
        self._process = start_in_session(command, self._variables, self.log_path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            end_session(self._process)

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment in which it runs, for commands of Airflow beside it."""
        return self._variables

    @property
    def pid(self) -> int:
        """The process that leads its session."""
        assert self._process is not None
        return self._process.pid

    def wait_until_healthy(self, *, seconds: float = 180.0) -> None:
        """Wait until scheduler, DAG processor and API answer, and make the pool that the DAGs use.

        Raises:
            DesireLinesError: when it ends before that, or takes longer than `seconds`.
        """
        deadline = time.monotonic() + seconds
        while not self._is_healthy():
            if self._process is None or self._process.poll() is not None:
                raise DesireLinesError(f"Airflow ended while starting; its log is {self.log_path}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                msg = f"Airflow did not become healthy within {seconds:.0f} s; its log is {self.log_path}:\n{self.log_tail()}"
                raise DesireLinesError(msg)
            time.sleep(0.5)
        with self.client() as client:
            client.make_pool(POOL, slots=1, description="One writer at a time for MLflow, Feast and the ledger")

    def wait(self) -> None:
        """Return when it ends by itself or Ctrl-C is pressed."""
        try:
            if self._process is not None:
                self._process.wait()
        except KeyboardInterrupt:
            return

    def login(self) -> tuple[str, str]:
        """Return the user and the password that Airflow generated."""
        path = self.folder / "simple_auth_manager_passwords.json.generated"
        user, password = next(iter(json.loads(path.read_text(encoding="utf-8")).items()))
        return str(user), str(password)

    def client(self) -> AirflowClient:
        """Return a logged-in client of its API."""
        return AirflowClient(self.url, *self.login())

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines of its log."""
        text = self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _is_healthy(self) -> bool:
        try:
            parts = httpx.get(f"{self.url}/api/v2/monitor/health", timeout=5).json()
        except (httpx.HTTPError, ValueError):
            return False
        needed = ("metadatabase", "scheduler", "dag_processor")
        return all(parts.get(part, {}).get("status") == "healthy" for part in needed)


def airflow_environment(project: Project, port: int, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a local Airflow: `variables`, the project's folders and the embedded settings."""
    bin_folder = str(Path(sys.executable).parent)
    return {
        **variables,
        "PATH": f"{bin_folder}{os.pathsep}{variables.get('PATH', os.defpath)}",
        "DESIRELINES_PROJECT": str(project.project_dir),
        "DESIRELINES_PROJECT_NAME": project.name,
        "DESIRELINES_DATA": str(project.data_dir),
        "DESIRELINES_HOME": str(project.home),
        "AIRFLOW_HOME": str(project.home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder()),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        # The default starts 32 idle workers, 4 GB.
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        # With the port alone, every task fails while queued: the three belong together.
        "AIRFLOW__API__HOST": _HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://{_HOST}:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{_HOST}:{port}/execution/",
        # DAG files of an installed package do not change: parse them once, and leave the processors to the tasks.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "0",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "2",
        "DO_NOT_TRACK": "true",
        "SCARF_ANALYTICS": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "FEAST_USAGE": "False",
    }


def dags_folder() -> Path:
    """Return the folder of the installed DAG files."""
    # Beside this package, and never by name: a person's own folder `dags` would be found first.
    return Path(__file__).resolve().parents[1] / "dags"


def check_port(port: int) -> None:
    """Make sure that nothing listens on `port` of this machine.

    Raises:
        DesireLinesError: when something does.
    """
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
        except OSError as error:
            msg = f"Port {port} is in use or not allowed ({error.strerror}); end what listens there or choose another with --port."
            raise DesireLinesError(msg) from error


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        return int(listener.getsockname()[1])
