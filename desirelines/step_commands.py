"""Commands that run steps: each opens a workspace, calls functions of `desirelines.chain`, and shows their reports."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from desirelines import chain
from desirelines.command import command
from desirelines.doors import Settings, clock, command_run_id, connection_from, environment, open_workspace, snapshot_of

if TYPE_CHECKING:
    from journeys.lake.workspace import StepReport, Workspace

_PANEL = "Steps, in their order"

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be delivered, deliver nothing")]


def perform(
    settings: Settings, name: str, call: "Callable[[Workspace], tuple[list[StepReport], datetime | None]]"
) -> "Workspace":
    """Open a workspace, call the steps, keep the run in `runs`, show the outcome; return the workspace."""
    from desirelines.show import Outcome, progress_bars, show_outcome
    from journeys.lake.workspace import record_run

    now = clock()
    started = time.monotonic()
    with progress_bars(shown=not settings.as_json) as progress:
        workspace = open_workspace(settings, command_run_id(name, now), now=now, progress=progress)
        reports, at = call(workspace)
    seconds = time.monotonic() - started
    record_run(workspace, reports, command=name, snapshot_at=at, seconds=seconds)
    show_outcome(Outcome(name, workspace.run_id, at, reports, seconds), as_json=settings.as_json)
    return workspace


def _at_snapshot(settings: Settings, name: str, step: "Callable[[Workspace, datetime], StepReport]") -> None:
    def call(workspace: "Workspace") -> "tuple[list[StepReport], datetime | None]":
        at = snapshot_of(workspace, settings.snapshot_at)
        return [step(workspace, at)], at

    perform(settings, name, call)


@command("run", panel=_PANEL, examples=["desirelines --project examples/simple_shop run --data exports"])
def run(
    settings: Settings,
    *,
    train: Annotated[bool, typer.Option("--train", help="Train although there is a champion")] = False,
    dry_run: DryRun = False,
) -> None:
    """Run every step in this process, from the files to the deliveries and the map.

    A target is trained where it has no champion yet.
    """
    perform(
        settings,
        "run",
        lambda workspace: chain.run_all(
            workspace,
            lambda opened: snapshot_of(opened, settings.snapshot_at),
            connections=connection_from(environment()),
            environment=environment(),
            force_training=train,
            dry_run=dry_run,
        ),
    )


def _ingest(sources: list[str] | None) -> "Callable[[Workspace], tuple[list[StepReport], datetime | None]]":
    connections = connection_from(environment())
    return lambda workspace: ([chain.ingest(workspace, sources, connections=connections)], None)


@command("ingest", panel=_PANEL, examples=["desirelines ingest --data exports", "desirelines ingest --source shop"])
def ingest(
    settings: Settings,
    *,
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be given again")] = None,
) -> None:
    """Extract what is new of APIs and databases, and load what is new in files: read = loaded + duplicates + quarantined."""
    perform(settings, "ingest", _ingest(source or None))


@command("build", panel=_PANEL, examples=["desirelines build"])
def build(settings: Settings) -> None:
    """Join identifiers to customers and cut their touchpoints into journeys."""
    perform(settings, "build", lambda workspace: ([chain.build(workspace)], None))


@command("audit", panel=_PANEL, examples=["desirelines audit --data exports"])
def audit(settings: Settings) -> None:
    """Say what the sources tell, what they have stopped telling, and what to track next; loads what is new first."""
    from desirelines.show import show_table

    connections = connection_from(environment())

    def call(workspace: "Workspace") -> "tuple[list[StepReport], None]":
        loaded = chain.ingest_or_say_why_not(workspace, connections=connections)
        return [loaded, chain.audit(workspace)], None

    workspace = perform(settings, "audit", call)
    if not settings.as_json:
        shown = {
            "source": "source",
            "category": "category",
            "state": "state",
            "count_touchpoints": "all",
            "count_touchpoints_30d": "30 days",
            "last_at": "until",
            "identified_share": "named",
        }
        rows = workspace.lake.read("source_coverage", columns=list(shown)).to_pylist()
        show_table(list(shown.values()), [[_cell(value) for value in row.values()] for row in rows])


def _cell(value: object) -> str:
    """Return a value as people read it: shares in percent, instants by their day."""
    if isinstance(value, float):
        return f"{value:.0%}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return f"{value:,}" if isinstance(value, int) else str(value or "")


@command("insights", panel=_PANEL, examples=["desirelines insights --snapshot-at 2026-03-01T02:00:00Z"])
def insights(settings: Settings) -> None:
    """Say where journeys convert, stall and end."""
    _at_snapshot(settings, "insights", chain.insights)


@command("features", panel=_PANEL, examples=["desirelines features --snapshot-at 2026-03-01T02:00:00Z"])
def features(settings: Settings) -> None:
    """Compute what was known about each customer at the snapshot, and serve it online."""
    _at_snapshot(settings, "features", chain.features)


@command("train", panel=_PANEL, examples=["desirelines train", "desirelines train churn"])
def train(
    settings: Settings,
    *,
    targets: Annotated[list[str] | None, typer.Argument(help="Targets of journey.yaml (all of them)")] = None,
) -> None:
    """Fit, compare and gate a model a target; the gate may make it champion."""

    def call(workspace: "Workspace") -> "tuple[list[StepReport], datetime | None]":
        at = snapshot_of(workspace, settings.snapshot_at)
        names = targets or list(workspace.project.config.targets)
        return [chain.train(workspace, name, at) for name in names], at

    perform(settings, "train", call)


@command("score", panel=_PANEL, examples=["desirelines score"])
def score(settings: Settings) -> None:
    """Score every customer; write the at-risk list and the hot leads."""
    _at_snapshot(settings, "score", chain.score)


@command("decide", panel=_PANEL, examples=["desirelines decide"])
def decide(settings: Settings) -> None:
    """Choose the next best action of every scored customer."""
    _at_snapshot(settings, "decide", chain.decide)


@command("push", panel=_PANEL, examples=["desirelines push --dry-run", "desirelines push"])
def push(settings: Settings, *, dry_run: DryRun = False) -> None:
    """Deliver to the destinations what changed since they were last told."""
    _at_snapshot(
        settings,
        "push",
        lambda workspace, at: chain.push(workspace, at, dry_run=dry_run, environment=environment()),
    )


@command("map", panel=_PANEL, examples=["desirelines map"])
def draw(settings: Settings) -> None:
    """Draw the journey map: one page that opens in a browser."""
    _at_snapshot(settings, "map", chain.draw)
