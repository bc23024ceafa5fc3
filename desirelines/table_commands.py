"""Commands that hand out what is in the lake."""

import time
from pathlib import Path
from typing import Annotated

import typer

from desirelines.command import command
from desirelines.doors import Settings, clock, command_run_id, open_workspace

_PANEL = "The tables"


@command(
    "export",
    panel=_PANEL,
    examples=["desirelines export scores --to scores.parquet", "desirelines export journeys --to journeys.csv"],
)
def export(
    settings: Settings,
    *,
    table: Annotated[str, typer.Argument(help="Table of the lake")],
    to: Annotated[Path, typer.Option("--to", help="File ending in .parquet, .csv or .jsonl")],
) -> None:
    """Write a table of the lake to a file, as Parquet, CSV or JSON lines by the file's ending."""
    from desirelines.export import export_table
    from desirelines.show import Outcome, show_outcome

    now = clock()
    started = time.monotonic()
    workspace = open_workspace(settings, command_run_id("export", now), now=now)
    report = export_table(workspace, table, to)
    outcome = Outcome("export", workspace.run_id, None, [report], time.monotonic() - started)
    show_outcome(outcome, as_json=settings.as_json)


@command(
    "sql",
    panel=_PANEL,
    examples=['desirelines sql "select outcome, count(*) from journeys group by outcome"'],
)
def sql(
    settings: Settings,
    *,
    query: Annotated[str, typer.Argument(help="One SELECT in DuckDB's SQL; each table of the lake by its name")],
) -> None:
    """Ask the lake a question; nothing can be changed by it, and the identifier vault stays closed."""
    from desirelines.query import ask
    from desirelines.show import show_json, show_table

    workspace = open_workspace(settings, command_run_id("sql", clock()))
    answer = ask(workspace, query)
    if settings.as_json:
        show_json({"columns": answer.column_names, "rows": answer.to_pylist()})
    else:
        show_table(answer.column_names, [list(row.values()) for row in answer.to_pylist()])
