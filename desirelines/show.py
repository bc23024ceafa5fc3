"""What a command shows: tables for people, one JSON object for programs, a progress bar while it works."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from journeys.lake.workspace import Progress, StepReport


@dataclass(frozen=True)
class Outcome:
    """What a run of steps came to.

    Attributes:
        command: the command's name.
        run_id: the run, as kept in the table `runs`.
        snapshot_at: the instant that it looked from, where it looked from one.
        reports: one a step.
        seconds: how long it took.
    """

    command: str
    run_id: str
    snapshot_at: datetime | None
    reports: Sequence["StepReport"]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome in the types of JSON."""
        return {
            "command": self.command,
            "run_id": self.run_id,
            "snapshot_at": None if self.snapshot_at is None else self.snapshot_at.isoformat(),
            "seconds": round(self.seconds, 3),
            "reports": [
                {
                    "step": report.step,
                    "counts": dict(report.counts),
                    "read": dict(report.read),
                    "written": dict(report.written),
                    "notes": list(report.notes),
                    "paths": list(report.paths),
                }
                for report in self.reports
            ],
        }


def console() -> Console:
    """Return the console of what was asked for; it knows whether a person or a pipe reads it."""
    return Console(highlight=False)


def show_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def show_outcome(outcome: Outcome, *, as_json: bool) -> None:
    """Print what each step read, wrote and counted, its notes and the files that it wrote for people."""
    if as_json:
        show_json(outcome.as_dict())
        return
    out = console()
    table = Table("step", "what", ("rows or value"), title=_title(outcome), title_justify="left")
    table.columns[2].justify = "right"
    for report in outcome.reports:
        table.add_section()
        rows = [("read " + _versions(report.read), "")] if report.read else []
        rows += [(name.replace("_", " "), _number(value)) for name, value in report.counts.items()]
        rows += [("wrote " + _versions(report.written), "")] if report.written else []
        for position, (what, value) in enumerate(rows or [("nothing to do", "")]):
            table.add_row(report.step if position == 0 else "", what, value)
    out.print(table)
    for report in outcome.reports:
        for note in report.notes:
            out.print(f"{report.step}: {note}", soft_wrap=True, markup=False)
    paths = [path for report in outcome.reports for path in report.paths]
    for path in paths:
        out.print(path, soft_wrap=True, markup=False)


def show_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str | None = None) -> None:
    """Print rows as a table; text is shown as it stands, never read as markup."""
    from rich.text import Text

    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console().print(table)


def show_error(sentence: str, *, as_json: bool) -> None:
    """Print why a command could not go on: the sentence on standard error, and as JSON where asked."""
    if as_json:
        show_json({"error": sentence})
    Console(stderr=True, highlight=False).print(sentence, soft_wrap=True, markup=False, style="red")


@contextmanager
def progress_bars(*, shown: bool) -> Iterator["Progress"]:
    """Yield a progress function that draws one bar a kind of work on standard error, for a person who watches."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    out = Console(stderr=True)
    if not (shown and out.is_terminal):
        yield lambda _what, _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        bars: dict[str, Any] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(what, total=total)
            progress.update(bars[what], completed=done, total=total)

        yield tell


def _title(outcome: Outcome) -> str:
    at = f" as of {outcome.snapshot_at:%Y-%m-%d %H:%M:%S} UTC" if outcome.snapshot_at else ""
    return f"{outcome.command}{at}, {outcome.seconds:.1f} s, run {outcome.run_id}"


def _versions(tables: Mapping[str, int]) -> str:
    return ", ".join(f"{name}@{version}" for name, version in tables.items())


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
