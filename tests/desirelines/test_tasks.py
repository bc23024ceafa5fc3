"""What the tasks of the DAGs decide about requests and sources, without Airflow."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desirelines import tasks
from desirelines.doors import open_workspace, task_settings
from journeys.config.errors import ConfigError, DataError
from journeys.lake.workspace import Workspace
from tests.desirelines.places import NOW, add_touchpoints, settings_in

MARCH, APRIL = "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"


@dataclass
class Event:
    """An asset event as a task sees it."""

    extra: dict[str, Any] | None


def _context(*extras: dict[str, Any] | None, **params: Any) -> dict[str, Any]:
    return {"params": params, "triggering_asset_events": {"asset": [Event(extra) for extra in extras]}}


@pytest.mark.parametrize(
    ("context", "asked"),
    [
        ({}, []),
        (_context(), []),
        (_context(None, {}), []),
        (_context(snapshot_at=MARCH), [(MARCH, False)]),
        (_context(snapshot_at="2026-03-01T01:00:00+01:00", dry_run=True), [(MARCH, True)]),
        (_context({"snapshot_at": MARCH}), [(MARCH, False)]),
        (_context({"snapshot_at": APRIL}, {"snapshot_at": MARCH}), [(MARCH, False), (APRIL, False)]),
        (_context({"snapshot_at": MARCH}, {"snapshot_at": MARCH}), [(MARCH, False)]),
        (_context({"snapshot_at": MARCH, "dry_run": True}, {"snapshot_at": MARCH}), [(MARCH, False)]),
        (_context({"snapshot_at": MARCH, "dry_run": True}), [(MARCH, True)]),
        (_context({"snapshot_at": APRIL}, snapshot_at=MARCH), [(MARCH, False)]),
    ],
    ids=[
        "nothing", "no events", "events without one", "parameter", "parameter in another zone", "event",
        "two in one run", "the same twice", "in earnest wins", "rehearsal", "parameter wins",
    ],
)  # fmt: skip
def test_asked_requests(context: dict[str, Any], asked: list[tuple[str, bool]]) -> None:
    """Each snapshot that was asked for, once, the earliest first."""
    assert [(request["snapshot_at"], request["dry_run"]) for request in tasks.asked_requests(context)] == asked


def test_a_parameter_without_zone_is_refused() -> None:
    """An instant by hand needs its zone, as everywhere."""
    with pytest.raises(ConfigError, match="has no time zone; write it as in"):
        tasks.asked_requests(_context(snapshot_at="2026-03-01T00:00:00"))


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace that the tasks of this process see, its data known until a day before NOW."""
    settings_in(tmp_path)
    monkeypatch.setenv("DESIRELINES_PROJECT", str(tmp_path))
    monkeypatch.delenv("DESIRELINES_DATA", raising=False)
    monkeypatch.delenv("DESIRELINES_HOME", raising=False)
    workspace = open_workspace(task_settings({"DESIRELINES_PROJECT": str(tmp_path)}), "test", now=NOW)
    add_touchpoints(workspace, [NOW - timedelta(days=1)])
    return workspace


def test_before_any_journey_the_schedule_asks_for_nothing(workspace: Workspace) -> None:
    """Switched on before there are data, a DAG finds nothing to do."""
    assert tasks.snapshot_requests({"data_interval_end": NOW}) == []


@pytest.mark.parametrize(
    ("pinned", "interval_end", "expected"),
    [
        (None, datetime(2026, 2, 27, 2, tzinfo=UTC), "2026-02-27T02:00:00Z"),
        (None, None, "2026-02-28T02:00:00Z"),
        ("2026-02-01T00:00:00Z", datetime(2026, 2, 27, 2, tzinfo=UTC), "2026-02-01T00:00:00Z"),
    ],
    ids=["scheduled: end of the interval", "by hand: end of the data", "pinned in journey.yaml"],
)
def test_what_a_run_looks_from(
    workspace: Workspace, pinned: str | None, interval_end: datetime | None, expected: str
) -> None:
    """Unless a snapshot was asked for."""
    empty = workspace.lake.table("journeys").schema.empty_table()
    workspace.lake.replace("journeys", empty, run_id="test")
    if pinned:
        path = workspace.project.project_dir / "journey.yaml"
        path.write_text(path.read_text() + f'\nsnapshot_at: "{pinned}"\n')
    context = {"data_interval_end": interval_end, "params": {"dry_run": True}}
    assert tasks.snapshot_requests(context) == [{"snapshot_at": expected, "dry_run": True}]


@pytest.mark.parametrize(
    ("minute", "by_hand", "is_read", "due"),
    [
        (0, False, True, True),
        (9, False, True, True),
        (10, False, True, False),
        (50, False, True, False),
        (50, True, True, True),
        (50, False, False, True),
    ],
)
def test_which_sources_are_due(workspace: Workspace, minute: int, by_hand: bool, is_read: bool, due: bool) -> None:
    """All by hand and in an hour's first ten minutes; between, only fresh ones and those never read."""
    if is_read:
        schema = workspace.lake.table("loads").schema
        row = dict.fromkeys(schema.names) | {"load_id": "l1", "source": "shop_events"}
        workspace.lake.add_new("loads", _table([row], schema), run_id="test")
    found = tasks.due_sources(datetime(2026, 3, 1, 5, minute, tzinfo=UTC), by_hand=by_hand)
    assert found == (["shop_events"] if due else [])


def test_rows_loaded_by_any_try_of_a_run_count(workspace: Workspace) -> None:
    """The rows of a run's sources are added up; those of another run whose name begins alike are not."""
    schema = workspace.lake.table("loads").schema
    rows = [
        dict.fromkeys(schema.names) | {"load_id": str(number), "run_id": run, "count_rows_loaded": 2}
        for number, run in enumerate(["run/a", "run/b", "run2/a"])
    ]
    workspace.lake.add_new("loads", _table(rows, schema), run_id="test")
    assert tasks.count_loaded_rows("run") == 4


def test_a_step_without_a_snapshot_is_refused(workspace: Workspace) -> None:
    """An empty request says what is missing."""
    with pytest.raises(DataError, match="The request names no snapshot_at; give the run the parameter snapshot_at"):
        tasks.step_at("score", "run", {"dry_run": False})


def _table(rows: list[dict[str, Any]], schema: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_pylist(rows, schema=schema)
