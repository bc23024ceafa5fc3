"""The steps in their order. A command of the person and a task of a DAG call the same function here.

Imports stand inside the functions: asking for help, or parsing a DAG, must not load a model library.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from journeys.config.errors import DataError, DesireLinesError, nearest

if TYPE_CHECKING:
    from journeys.lake.workspace import StepReport, Workspace


def ingest(
    workspace: "Workspace", sources: list[str] | None = None, *, connections: Callable[[str], str]
) -> "StepReport":
    """Land what is new of the sources that are extracted, and load what is new in the files of all.

    What was landed is loaded although the rest could not be extracted.

    Args:
        workspace: the run's.
        sources: names of sources; all unless given.
        connections: name of a connection to its secret.

    Raises:
        ConfigError: when a source is unknown, or all that went wrong is in `journey.yaml`.
        DataError: at the end, when something could not be extracted or loaded: one sentence each.
    """
    from journeys.touchpoints.load import load_touchpoints

    declared = workspace.project.config.sources
    extracting = [name for name in declared if declared[name].extract and (sources is None or name in sources)]
    if not extracting:
        return load_touchpoints(workspace, sources=sources)
    from journeys.landing.extract import extract_sources

    landed = extract_sources(workspace, extracting, connections)
    try:
        report = load_touchpoints(workspace, sources=sources)
    except DesireLinesError as error:
        raise DataError("\n".join([*landed.failures, str(error)])) from error
    if landed.failures:
        raise DataError("\n".join(landed.failures))
    counts = {"files_landed": landed.count_files, "rows_landed": landed.count_rows, **report.counts}
    return replace(report, counts=counts, notes=(*landed.notes, *report.notes))


def build(workspace: "Workspace") -> "StepReport":
    """Join identifiers to customers and cut their touchpoints into journeys."""
    from journeys.build import build_journeys

    return build_journeys(workspace)


def unmerge(workspace: "Workspace", merge_id: str, reason: str) -> "StepReport":
    """Decide that the two customers of a merge are not the same; `build` then parts them."""
    from journeys.identities.decisions import put_apart
    from journeys.lake.workspace import StepReport

    merge = put_apart(workspace, merge_id, reason)
    note = f"{merge['kept_customer_id']} and {merge['merged_customer_id']} are two from now on; what was believed before stays."
    written = workspace.lake.versions(["identity_decisions"])
    return StepReport("unmerge", counts={"decisions": 1}, written=written, notes=(note,))


def ingest_or_say_why_not(workspace: "Workspace", *, connections: Callable[[str], str]) -> "StepReport":
    """Load what is new; what cannot be loaded is a note, and the rest is loaded all the same."""
    from journeys.lake.workspace import StepReport

    try:
        return ingest(workspace, connections=connections)
    except DesireLinesError as error:
        return StepReport("ingest", notes=tuple(str(error).splitlines()))


def audit(workspace: "Workspace") -> "StepReport":
    """Say what the sources tell, what they have stopped telling, and what to track next."""
    from journeys.audit.run import audit_sources

    return audit_sources(workspace)


def insights(workspace: "Workspace", snapshot_at: datetime) -> "StepReport":
    """Say where the journeys that are built convert, stall and end (segments as valid at `snapshot_at`), and what the sources lack."""
    from journeys.build import build_insights
    from journeys.lake.workspace import StepReport

    found, audited = build_insights(workspace, snapshot_at), audit(workspace)
    return StepReport(
        found.step,
        counts={**found.counts, "audit_findings": audited.counts["findings"]},
        read={**found.read, **audited.read},
        written={**found.written, **audited.written},
        notes=(*found.notes, *audited.notes),
        paths=(*found.paths, *audited.paths),
    )


def features(workspace: "Workspace", snapshot_at: datetime) -> "StepReport":
    """Compute what was known about each customer at `snapshot_at`, and serve it online."""
    from features.build import build_features

    return build_features(workspace, snapshot_at)


def train(workspace: "Workspace", target: str, snapshot_at: datetime) -> "StepReport":
    """Fit, compare and gate a model of `target` from what was known at `snapshot_at`.

    Raises:
        DataError: when the target is not declared or the data do not allow a model.
    """
    declared = workspace.project.config.targets
    if target not in declared:
        raise DataError(f"There is no target '{target}' in journey.yaml; {nearest(target, declared)}")
    from training.run import train_target

    return train_target(workspace, target, snapshot_at)


def score(workspace: "Workspace", snapshot_at: datetime) -> "StepReport":
    """Score every customer at `snapshot_at`; write the at-risk list and the hot leads."""
    from scoring.run import score_customers

    return score_customers(workspace, snapshot_at)


def decide(workspace: "Workspace", snapshot_at: datetime) -> "StepReport":
    """Choose the next best action of every customer scored at `snapshot_at`."""
    from scoring.run import decide_actions

    return decide_actions(workspace, snapshot_at)


def push(
    workspace: "Workspace", snapshot_at: datetime, *, dry_run: bool, environment: Mapping[str, str]
) -> "StepReport":
    """Deliver to the destinations what changed; with `dry_run`, only say what would be."""
    from scoring.run import push_decisions

    return push_decisions(workspace, snapshot_at, dry_run=dry_run, environment=environment)


def draw(workspace: "Workspace", snapshot_at: datetime) -> "StepReport":
    """Draw the journey map of `snapshot_at`."""
    from journey_map.build import draw_journey_map

    return draw_journey_map(workspace, snapshot_at)


def is_trained(workspace: "Workspace", target: str) -> bool:
    """Say whether `target` has a champion."""
    from training.registry import load_champion

    return load_champion(workspace, target) is not None


def train_or_say_why_not(workspace: "Workspace", target: str, snapshot_at: datetime) -> "StepReport":
    """Train `target`; where the data do not allow it, report the reason and let the rule score stand in."""
    from journeys.lake.workspace import StepReport

    try:
        return train(workspace, target, snapshot_at)
    except DataError as error:
        return StepReport("train", notes=(f"{target} is scored by a rule, for no model could be trained: {error}",))


def run_all(
    workspace: "Workspace",
    snapshot: "Callable[[Workspace], datetime]",
    *,
    connections: Callable[[str], str],
    environment: Mapping[str, str],
    force_training: bool = False,
    dry_run: bool = False,
) -> tuple[list["StepReport"], datetime]:
    """Run every step in this process, and return their reports and the snapshot.

    A target is trained where it has no champion yet, or always with `force_training`.

    Args:
        workspace: the run's.
        snapshot: asked for the instant to look from, once the data are loaded.
        connections: name of a connection to its secret.
        environment: where destinations find their secrets.
        force_training: train although there is a champion.
        dry_run: deliver nothing.
    """
    tell = workspace.progress
    total = 8 + len(workspace.project.config.targets)
    reports: list[StepReport] = []

    def step(what: str, call: "Callable[[], StepReport]") -> None:
        tell(what, len(reports), total)
        reports.append(call())

    step("ingest", lambda: ingest(workspace, connections=connections))
    step("build", lambda: build(workspace))
    at = snapshot(workspace)
    step("insights", lambda: insights(workspace, at))
    step("features", lambda: features(workspace, at))
    for target in workspace.project.config.targets:
        if force_training or not is_trained(workspace, target):
            step(f"train {target}", lambda target=target: train_or_say_why_not(workspace, target, at))  # type: ignore[misc]
    step("score", lambda: score(workspace, at))
    step("decide", lambda: decide(workspace, at))
    # The map before the push: a destination that cannot be reached must not keep it from being drawn.
    step("map", lambda: draw(workspace, at))
    step("push", lambda: push(workspace, at, dry_run=dry_run, environment=environment))
    tell("done", total, total)
    return reports, at
