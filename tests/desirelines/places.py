"""A small project on disk, with its lake, for the tests of this folder."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from desirelines.doors import Settings, open_workspace
from desirelines.starter import write_first_files
from journeys.lake.workspace import Workspace

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)


def settings_in(folder: Path) -> Settings:
    """Write a first project into `folder` and return its settings."""
    write_first_files(folder)
    return Settings(project=folder)


def workspace_in(folder: Path) -> Workspace:
    """Return the workspace of a first project in `folder`, with an empty lake."""
    return open_workspace(settings_in(folder), "test", now=NOW, variables={"DESIRELINES_IDENTIFIER_KEY": "key"})


def add_touchpoints(workspace: Workspace, known_at: list[datetime]) -> None:
    """Put one touchpoint into the lake for each instant at which one became known."""
    count = len(known_at)
    columns = {
        "touchpoint_id": [f"t{number}" for number in reversed(range(count))],
        "source": ["shop"] * count,
        "touchpoint": ['visit, "quoted"'] * count,
        "event_at": known_at,
        "known_at": known_at,
        "identifier_ids": [["i1", "i2"]] * count,
        "load_id": ["l1"] * count,
    }
    schema = workspace.lake.table("touchpoints").schema
    rows = pa.table({**{name: pa.nulls(count, schema.field(name).type) for name in schema.names}, **columns})
    workspace.lake.replace("touchpoints", rows.select(schema.names).cast(schema), run_id="test")


def add_vault(workspace: Workspace) -> None:
    """Put one made-up person into the identifier vault."""
    row = {"identifier_id": "i1", "type": "email", "value": "someone@example.org", "known_at": NOW, "load_id": "l1"}
    schema = workspace.lake.table("identifier_vault").schema
    workspace.lake.replace("identifier_vault", pa.Table.from_pylist([row], schema=schema), run_id="test")
