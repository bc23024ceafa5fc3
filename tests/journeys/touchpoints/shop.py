"""A small shop whose exports are drawn in a few lines, loaded into a lake of its own."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from journeys.config.journey_yaml import parse_config
from journeys.config.project import Project
from journeys.lake.delta import Lake
from journeys.lake.workspace import StepReport, Workspace
from journeys.touchpoints.batch import WRITE_ORDER
from journeys.touchpoints.load import load_touchpoints

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
HEADER = "id,what,at,client"
LOADED = (*WRITE_ORDER, "loads")
"""The tables that a load writes."""

ORDERS: dict[str, Any] = {
    "vendor": "tabular",
    "files": "orders/*",
    "columns": {"event": "what", "event_at": "at", "record_id": "id"},
    "identifiers": {"user_id": "client"},
    "max_reject_share": 0.5,
}


def at(hours: float = 0, *, days: float = 0) -> str:
    """Return the instant so long before NOW as an export writes it."""
    return (NOW - timedelta(hours=hours, days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def order(number: int, what: str = "buy", hours: float = 48, client: str | None = None) -> str:
    """Return one row of orders/*.csv."""
    return f"r{number},{what},{at(hours)},{client or f'u{number}'}"


def shop_in(
    folder: Path, *, lake: Lake | None = None, now: datetime = NOW, run_id: str = "run-1", **sources: Any
) -> Workspace:
    """Return a workspace of the shop in `folder`, with the source `orders` unless others are given."""
    raw = {
        "project": "shop",
        "sources": sources or {"orders": ORDERS},
        "stages": [{"name": "purchase", "enters_on": ["buy"]}],
        "outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["buy"]}],
    }
    project = Project(parse_config(raw), folder, folder, folder / "home")
    return Workspace(project, lake or Lake(str(project.lake_dir)), now, run_id, b"key", memory="1GB")


def write(folder: Path, name: str, *lines: str | Mapping[str, Any], header: str = HEADER) -> Path:
    """Write a CSV file with a header, or objects as lines of JSON."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{line}\n" for line in ([header, *texts] if ".csv" in name else texts)))
    return path


def load(folder: Path, *lines: str, name: str = "orders/a.csv", **settings: Any) -> tuple[Workspace, StepReport]:
    """Write orders/a.csv and load it."""
    workspace = shop_in(folder, **settings)
    write(folder, name, *lines)
    return workspace, load_touchpoints(workspace)


def rows_of(workspace: Workspace, name: str, *columns: str) -> list[Any]:
    """Return a table's rows, or the tuples of some columns, sorted."""
    found = workspace.lake.read(name).to_pylist()
    if not columns:
        return list(found)
    return sorted((tuple(row[column] for column in columns) for row in found), key=repr)


def contents(workspace: Workspace, tables: Iterable[str] = LOADED) -> dict[str, list[str]]:
    """Return the rows of each table as sorted texts, without when and by which run they were written."""
    return {
        name: sorted(
            json.dumps({key: value for key, value in row.items() if key not in {"loaded_at", "run_id"}}, default=str)
            for row in rows_of(workspace, name)
        )
        for name in tables
    }


def check_counts(workspace: Workspace) -> None:
    """Check that each file's rows in `loads` are loaded, duplicates or quarantined."""
    for row in rows_of(workspace, "loads"):
        parts = ("count_rows_loaded", "count_rows_duplicate", "count_rows_quarantined")
        assert row["count_rows_read"] == sum(row[part] for part in parts), row["file"]


def drawn_counts(report: StepReport) -> tuple[int | float, ...]:
    """Return a load's rows read, loaded, duplicate and quarantined, and its touchpoints."""
    names = ("rows_read", "rows_loaded", "rows_duplicate", "rows_quarantined", "touchpoints")
    return tuple(report.counts[name] for name in names)
