"""The door of the DAGs: their tasks call these functions, with what Airflow knows as plain arguments.

Nothing here imports Airflow, and nothing heavy is imported before a task runs. Between tasks and
between DAGs goes a *request*: the snapshot to look from, and whether deliveries are only rehearsed.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from desirelines import chain
from desirelines.doors import (
    airflow_secret,
    clock,
    connection_from,
    end_of_data,
    environment,
    open_folders,
    open_workspace,
    parse_instant,
    task_settings,
)
from journeys.config.errors import DataError

if TYPE_CHECKING:
    from journeys.lake.workspace import StepReport, Workspace

Request = dict[str, Any]
"""`snapshot_at`, an instant in UTC as text, and `dry_run`."""

logger = logging.getLogger(__name__)


def asked_requests(context: Mapping[str, Any]) -> list[Request]:
    """Return the snapshots that were asked for: the parameter's, else those of the events that started the run.

    Several events may start one run; each snapshot is returned once, the earliest first. A snapshot
    that is asked for both in earnest and as a rehearsal is asked for in earnest.

    Args:
        context: what Airflow knows of the run: `params`, and `triggering_asset_events` by asset.
    """
    params = context.get("params") or {}
    if params.get("snapshot_at"):
        return [_request(params)]
    events = context.get("triggering_asset_events") or {}
    found: dict[str, Request] = {}
    for extra in (event.extra or {} for of_asset in events.values() for event in of_asset):
        if extra.get("snapshot_at"):
            request = _request(extra)
            known = found.setdefault(request["snapshot_at"], request)
            known["dry_run"] = known["dry_run"] and request["dry_run"]
    return [found[key] for key in sorted(found)]


def snapshot_requests(context: Mapping[str, Any]) -> list[Request]:
    """Return the snapshots that a run works on: those asked for, else the schedule's.

    A project that pins its `snapshot_at` keeps to it; otherwise a scheduled run looks from the end of
    its interval, and a run by hand from the end of the data. Where no journey was ever built there is
    nothing to look at, and the schedule asks for nothing.

    Args:
        context: what Airflow knows of the run; `data_interval_end` beside what `asked_requests` reads.
    """
    asked = asked_requests(context)
    if asked:
        return asked
    workspace = _workspace("requests")
    if workspace.lake.version("journeys") is None:
        logger.info("No journeys are built yet: nothing to do.")
        return []
    pinned = workspace.project.config.snapshot_at
    interval_end = context.get("data_interval_end")
    at = parse_instant(pinned, "journey.yaml: snapshot_at") if pinned else interval_end or end_of_data(workspace)
    return [{"snapshot_at": _text(at), "dry_run": bool((context.get("params") or {}).get("dry_run"))}] if at else []


def due_sources(run_after: datetime, *, by_hand: bool) -> list[str]:
    """Return the sources to read in a run: all by hand and in an hour's first run, else the fresh and the never read.

    Args:
        run_after: when the run was due.
        by_hand: whether a person started it.
    """
    workspace = _workspace("due_sources")
    declared = workspace.project.config.sources
    if by_hand or timedelta(minutes=run_after.minute) < timedelta(minutes=10):
        return list(declared)
    read = set(workspace.lake.read("loads", columns=["source"]).column("source").to_pylist())
    return [name for name, source in declared.items() if source.fresh or name not in read]


def count_loaded_rows(run_id: str) -> int:
    """Return how many rows a run of `ingest_touchpoints` loaded, whichever of its tries did."""
    loads = _workspace("count_loaded_rows").lake.read("loads", columns=["run_id", "count_rows_loaded"]).to_pylist()
    return sum(row["count_rows_loaded"] for row in loads if str(row["run_id"]).startswith(f"{run_id}/"))


def targets() -> list[str]:
    """Return the targets of `journey.yaml`."""
    return list(open_folders(task_settings(environment())).config.targets)


def ingest(run_id: str, source: str, get_connection: Callable[[str], Any]) -> dict[str, Any]:
    """Extract and load what is new of one source.

    Args:
        run_id: the run.
        source: its name.
        get_connection: asks Airflow for a connection.
    """
    connections = connection_from(environment(), lambda name: airflow_secret(name, get_connection))
    return _perform(
        "ingest",
        f"{run_id}/{source}",
        None,
        lambda workspace: chain.ingest(workspace, [source], connections=connections),
    )


def build(run_id: str) -> dict[str, Any]:
    """Build identities and journeys."""
    return _perform("build", f"{run_id}/build", None, chain.build)


def train(run_id: str, request: Request, target: str) -> dict[str, Any]:
    """Train one target; a target whose data do not allow a model keeps its rule score and says why."""
    at = _instant(request)
    step = f"{run_id}/train/{target}"
    return _perform("train", step, at, lambda workspace: chain.train_or_say_why_not(workspace, target, at))


def step_at(step: str, run_id: str, request: Request) -> dict[str, Any]:
    """Run one step at the request's snapshot: insights, features, score, decide, push or map."""
    at = _instant(request)
    calls: dict[str, Callable[[Workspace], StepReport]] = {
        "insights": lambda workspace: chain.insights(workspace, at),
        "features": lambda workspace: chain.features(workspace, at),
        "score": lambda workspace: chain.score(workspace, at),
        "decide": lambda workspace: chain.decide(workspace, at),
        "push": lambda workspace: chain.push(
            workspace, at, dry_run=bool(request["dry_run"]), environment=environment()
        ),
        "map": lambda workspace: chain.draw(workspace, at),
    }
    return _perform(step, f"{run_id}/{step}/{request['snapshot_at']}", at, calls[step])


def _perform(
    command: str, run_id: str, snapshot_at: datetime | None, call: "Callable[[Workspace], StepReport]"
) -> dict[str, Any]:
    """Call a step, keep it in `runs`, and return its counts and table versions: all that goes through XCom."""
    from journeys.lake.workspace import record_run

    started = time.monotonic()
    workspace = _workspace(run_id)
    report = call(workspace)
    record_run(workspace, [report], command=command, snapshot_at=snapshot_at, seconds=time.monotonic() - started)
    for name, value in report.counts.items():
        logger.info("%s: %s = %s", report.step, name, value)
    for note in (*report.notes, *report.paths):
        logger.info("%s: %s", report.step, note)
    return {"counts": dict(report.counts), "written": dict(report.written)}


def _workspace(run_id: str) -> "Workspace":
    return open_workspace(task_settings(environment()), run_id, now=clock())


def _request(said: Mapping[str, Any]) -> Request:
    instant = parse_instant(str(said["snapshot_at"]), "snapshot_at")
    return {"snapshot_at": _text(instant), "dry_run": bool(said.get("dry_run"))}


def _instant(request: Request) -> datetime:
    if not request.get("snapshot_at"):
        raise DataError("The request names no snapshot_at; give the run the parameter snapshot_at.")
    return parse_instant(str(request["snapshot_at"]), "snapshot_at")


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
