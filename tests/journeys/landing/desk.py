"""A made-up help desk: records of its API, and a project whose sources are extracted."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from journeys.config.journey_yaml import parse_config
from journeys.config.project import Project
from journeys.lake.delta import Lake
from journeys.lake.workspace import Workspace
from journeys.landing.rest_api import Patience

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
SECRET = "s3cr3t-t0ken-of-the-desk"
QUICK = Patience(attempts=4, backoff_seconds=0.01, longest_wait_seconds=2.0, timeout_seconds=(2.0, 2.0))

COLUMNS: dict[str, Any] = {"event": "what", "event_at": "updated_at", "record_id": "id"}


def record(number: int, **fields: Any) -> dict[str, Any]:
    """Return the record of that number, a minute after the one before it."""
    at = (START + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
    return {"id": f"r{number}", "what": "visit", "updated_at": at, "who": f"client-{number % 40}", **fields}


def api_source(url: str, **resource: Any) -> dict[str, Any]:
    """Return a source that is extracted from the API at `url`; parts of its one resource may be others."""
    return {
        "vendor": "tabular",
        "files": "desk/*/*.jsonl.gz",
        "columns": COLUMNS,
        "identifiers": {"user_id": "who"},
        "extract": {
            "type": "rest_api",
            "base_url": url,
            "connection": "desk",
            "resources": [
                {
                    "name": "visits",
                    "path": "visits",
                    "data_selector": "data.items",
                    "primary_key": ["id"],
                    "cursor": {"column": "updated_at", "parameter": "since"},
                    "paginator": {"type": "cursor", "cursor_path": "next", "cursor_param": "cursor"},
                    **resource,
                }
            ],
        },
    }


def sql_source(**resource: Any) -> dict[str, Any]:
    """Return a source that is extracted from the table `visits` of a database."""
    table = {"name": "visits", "primary_key": ["id"], "watermark": {"column": "updated_at"}, **resource}
    return {
        "vendor": "tabular",
        "files": "warehouse/*/*.parquet",
        "columns": COLUMNS,
        "identifiers": {"user_id": "who"},
        "time_zone": "UTC",
        "extract": {
            "type": "sql",
            "connection": "warehouse",
            "resources": [table if "query" in resource else {"table": "visits", **table}],
        },
    }


def workspace_of(folder: Path, *, now: datetime = NOW, **sources: Any) -> Workspace:
    """Return a workspace in `folder` with these sources."""
    raw = {
        "project": "desk",
        "sources": sources,
        "stages": [{"name": "look", "enters_on": ["visit"]}],
        "outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["buy"]}],
    }
    project = Project(parse_config(raw), folder, folder, folder / "home")
    return Workspace(project, Lake(str(project.lake_dir)), now, f"run-{now:%H%M%S%f}", b"key", memory="500MB")


def landed_lines(folder: Path) -> list[str]:
    """Return the lines of all landed files below a folder, in the order of their names."""
    return [
        line
        for path in sorted(folder.rglob("*.jsonl.gz"))
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]


def landed_records(folder: Path) -> list[Any]:
    """Return what the landed lines say."""
    return [json.loads(line) for line in landed_lines(folder)]
