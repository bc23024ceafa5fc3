"""Airflow's REST API, as far as the demo and the tests need it."""

import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from journeys.config.errors import DesireLinesError

_FINISHED = {"success", "failed"}


class AirflowClient:
    """A logged-in client.

    Args:
        url: where Airflow answers.
        user: its user.
        password: that user's password.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=60)
        answer = self._http.post("/auth/token", json={"username": user, "password": password})
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def make_pool(self, name: str, *, slots: int, description: str) -> None:
        """Make a pool, or leave it as it is where there is one of that name."""
        body = {"name": name, "slots": slots, "description": description}
        answer = self._http.post("/api/v2/pools", json=body)
        if answer.status_code != httpx.codes.CONFLICT:
            answer.raise_for_status()

    def wait_for_dags(self, names: Iterable[str], *, seconds: float = 120.0) -> None:
        """Wait until the DAGs are parsed.

        Raises:
            DesireLinesError: when one cannot be imported, or is not there within `seconds`.
        """
        wanted = set(names)
        deadline = time.monotonic() + seconds
        while missing := wanted - {dag["dag_id"] for dag in self._get("/api/v2/dags", limit=100)["dags"]}:
            broken = self._get("/api/v2/importErrors")["import_errors"]
            if broken:
                msg = f"Airflow cannot import {broken[0]['filename']}:\n{broken[0]['stack_trace']}"
                raise DesireLinesError(msg)
            if time.monotonic() > deadline:
                raise DesireLinesError(f"Airflow did not find {', '.join(sorted(missing))} within {seconds:.0f} s.")
            time.sleep(0.5)

    def unpause(self, dag: str) -> None:
        """Switch a DAG on."""
        self._http.patch(f"/api/v2/dags/{dag}", json={"is_paused": False}).raise_for_status()

    def trigger(self, dag: str, params: Mapping[str, Any] | None = None) -> str:
        """Start a run by hand with `params`, and return its id."""
        answer = self._http.post(f"/api/v2/dags/{dag}/dagRuns", json={"logical_date": None, "conf": dict(params or {})})
        answer.raise_for_status()
        return str(answer.json()["dag_run_id"])

    def runs(self, dag: str) -> list[dict[str, Any]]:
        """Return the runs of a DAG, the oldest first."""
        return list(self._get(f"/api/v2/dags/{dag}/dagRuns", limit=100, order_by="id")["dag_runs"])

    def task_instances(self, dag: str, run: str) -> list[dict[str, Any]]:
        """Return the task instances of a run."""
        return list(self._get(f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances", limit=100)["task_instances"])

    def xcom(self, dag: str, run: str, task: str, *, map_index: int = -1) -> Any:
        """Return what a task handed on."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value"
        return self._get(path, map_index=map_index, deserialize=True)["value"]

    def asset_events(self) -> list[dict[str, Any]]:
        """Return the asset events, the oldest first."""
        return list(self._get("/api/v2/assets/events", limit=100, order_by="timestamp")["asset_events"])

    def wait_for_run(self, dag: str, run: str, *, seconds: float) -> None:
        """Wait until a run has succeeded.

        Raises:
            DesireLinesError: with the end of the failed task's log, or when it takes longer than `seconds`.
        """
        deadline = time.monotonic() + seconds
        while (state := self._get(f"/api/v2/dags/{dag}/dagRuns/{run}")["state"]) not in _FINISHED:
            self._refuse_failure(dag, run)
            if time.monotonic() > deadline:
                raise DesireLinesError(f"The run {run} of {dag} is still {state} after {seconds:.0f} s.")
            time.sleep(0.5)
        self._refuse_failure(dag, run)
        if state == "failed":
            raise DesireLinesError(f"The run {run} of {dag} failed.")

    def wait_for_next_run(self, dag: str, after: Iterable[str] = (), *, seconds: float) -> str:
        """Wait until a run that is not among `after` appears and has succeeded, and return its id.

        Raises:
            DesireLinesError: as `wait_for_run`.
        """
        known = set(after)
        deadline = time.monotonic() + seconds
        while not (new := [run["dag_run_id"] for run in self.runs(dag) if run["dag_run_id"] not in known]):
            if time.monotonic() > deadline:
                raise DesireLinesError(f"No run of {dag} was started within {seconds:.0f} s.")
            time.sleep(0.5)
        self.wait_for_run(dag, new[0], seconds=max(deadline - time.monotonic(), 1))
        return str(new[0])

    def log_tail(self, dag: str, run: str, task: Mapping[str, Any], lines: int = 25) -> str:
        """Return the last lines of a task instance's log."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task['task_id']}/logs/{task['try_number']}"
        entries = self._get(path, map_index=task["map_index"], full_content=True)["content"]
        told = [entry if isinstance(entry, str) else _told(entry) for entry in entries]
        return "\n".join(line for text in told for line in text.splitlines() if line.strip())[-200 * lines :]

    def _refuse_failure(self, dag: str, run: str) -> None:
        for task in self.task_instances(dag, run):
            if task["state"] in {"failed", "up_for_retry"}:
                tail = self.log_tail(dag, run, task)
                raise DesireLinesError(f"The task {task['task_id']} of {dag} failed; the end of its log:\n{tail}")

    def _get(self, path: str, **query: Any) -> Any:
        answer = self._http.get(path, params=query, headers={"Accept": "application/json"})
        answer.raise_for_status()
        return answer.json()


def _told(entry: Mapping[str, Any]) -> str:
    """Return one structured log entry as a line, with the messages of its exception."""
    details = entry.get("error_detail") or []
    causes = "".join(f"\n{part.get('exc_type')}: {part.get('exc_value')}" for part in details)
    return f"{entry.get('event', '')}{causes}"
