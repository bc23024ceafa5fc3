"""Vendors' files through a whole load: what is written twice counts once, and what is no fault stops nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from journeys.config.journey_yaml import parse_config
from journeys.config.project import Project
from journeys.lake.delta import Lake
from journeys.lake.workspace import Workspace
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.sources.drawn import avro_file, json_lines

CALL = {
    "from": "+14155550100",
    "to": "+14155550199",
    "start_time": "Sun, 01 Feb 2026 10:00:00 +0000",
    "status": "completed",
    "direction": "inbound",
}


def _event(index: int, **more: Any) -> dict[str, Any]:
    at = f"176994{index:04}000000"
    return {"event_name": "page_view", "event_timestamp": at, "user_pseudo_id": "p1", "batch_page_id": "1", **more}


def _load(home: Path, vendor: str, pattern: str, run_id: str) -> tuple[Workspace, list[tuple[str, int, int, int]]]:
    """Load what is new in the folder `data`; return each file with its rows loaded, duplicate and quarantined."""
    raw = {
        "project": "vendors",
        "sources": {vendor: {"vendor": vendor, "files": pattern}},
        "stages": [{"name": "any"}],
        "outcomes": [{"name": "any", "kind": "positive", "touchpoints": ["*"]}],
    }
    project = Project(parse_config(raw), home, home / "data", home / "home")
    workspace = Workspace(
        project, Lake(str(project.lake_dir)), datetime(2026, 3, 1, tzinfo=UTC), run_id, b"key", memory="1GB"
    )
    load_touchpoints(workspace)
    parts = ("count_rows_loaded", "count_rows_duplicate", "count_rows_quarantined")
    rows = [row for row in workspace.lake.read("loads").to_pylist() if row["run_id"] == run_id]
    return workspace, sorted((row["file"], *(row[part] for part in parts)) for row in rows)


def test_a_day_that_is_restated(tmp_path: Path) -> None:
    """Of a daily table that is written anew, only the events that came late are new; others keep their place."""
    folder = tmp_path / "data"
    folder.mkdir()
    day = [_event(index) for index in range(3)]
    json_lines(folder, *day, name="events_20260201.jsonl")
    _, first = _load(tmp_path, "ga4", "events_*.jsonl", "first")
    assert first == [("events_20260201.jsonl", 3, 0, 0)]
    json_lines(folder, day[2], _event(7), day[0], day[1], name="events_20260201.jsonl")
    workspace, second = _load(tmp_path, "ga4", "events_*.jsonl", "second")
    assert second == [("events_20260201.jsonl", 1, 3, 0)]
    assert workspace.lake.read("touchpoints").num_rows == 4


def test_legs_of_calls(tmp_path: Path) -> None:
    """A leg is no call and no fault, however many there are."""
    folder = tmp_path / "data"
    folder.mkdir()
    legs = [CALL | {"sid": f"CB{number}", "parent_call_sid": "CA1"} for number in range(5)]
    json_lines(folder, CALL | {"sid": "CA1"}, *legs, name="calls.jsonl")
    workspace, counts = _load(tmp_path, "calls", "calls.jsonl", "first")
    assert counts == [("calls.jsonl", 1, 0, 5)]
    assert {row["rule"] for row in workspace.lake.read("quarantine").to_pylist()} == {"leg_of_a_call"}


def test_currents_write_at_least_once(tmp_path: Path) -> None:
    """An event that Braze writes into two files is loaded once, by its id."""
    folder = tmp_path / "data/currents/event_type=users.messages.email.Open/date=2026-02-01-10"
    folder.mkdir(parents=True)
    columns = {"id": "string", "external_user_id": "string", "time": "int"}
    events = [{"id": f"e{index}", "external_user_id": "u1", "time": 1769940000 + index} for index in range(4)]
    avro_file(folder / "part-1.avro", columns, *events[:3], codec="deflate")
    avro_file(folder / "part-2.avro", columns, *events[2:])
    workspace, counts = _load(tmp_path, "braze", "currents/**/*.avro", "first")
    assert [row[1:] for row in counts] == [(3, 0, 0), (1, 1, 0)]
    touchpoints = workspace.lake.read("touchpoints").to_pylist()
    assert {(row["touchpoint"], row["channel"]) for row in touchpoints} == {("users.messages.email.Open", "email")}
