"""Checking: does `journey.yaml` fit the data? Everything is read, nothing is written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeys.config.errors import DesireLinesError, nearest
from journeys.config.identifiers import Identities
from journeys.config.journey_yaml import JourneyConfig
from journeys.config.project import Project
from journeys.config.sources import Source
from journeys.engine import connect, materialize
from journeys.lake.workspace import Progress, no_progress
from journeys.touchpoints.accounting import refusals_by_file
from journeys.touchpoints.files import SourceFile, find_files
from journeys.touchpoints.judge import accepted_records, judged_records, refused_lines
from journeys.touchpoints.mapping import map_events, matches
from journeys.touchpoints.reading import in_source, read_files, rejection

_KEY = b"check"
"""Identifiers are hashed only to see which of them identify somebody; the hashes are thrown away."""


@dataclass
class _Found:
    """What the files of the sources hold, and what is wrong with them."""

    problems: list[str] = field(default_factory=list)
    events: dict[str, set[str]] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    last_at: datetime | None = None


def check_project(project: Project, *, now: datetime, progress: Progress = no_progress) -> list[str]:
    """Return one sentence for each thing in which `journey.yaml` and the data do not fit, none where all is well.

    Compared are files, columns, rows that would be refused, events named by rules, touchpoints named by stages,
    outcomes and steps, attributes, and horizons against the history that there is.

    Args:
        project: configuration and data folder.
        now: the clock, against which events in the future are known.
        progress: told which file is read.
    """
    config = project.config
    found = _Found()
    for position, (name, source) in enumerate(config.sources.items()):
        progress("check", position, len(config.sources))
        _look(project, name, source, found, now)
    problems = [*found.problems]
    for name, events in found.events.items():
        rules = [rule.event for rule in config.sources[name].touchpoints]
        problems += _unmatched(f"sources.{name}.touchpoints", "event of the data", rules, events)
    missing = [name for name, source in config.sources.items() if source.tells_events and name not in found.events]
    if missing:
        problems.append(
            f"Stages, outcomes and steps were not compared, since the source {missing[0]} could not be read; "
            "mend that first, then check again."
        )
        return problems
    return [
        *problems,
        *_about_journeys(config, found),
        *_about_attributes(config, found),
        *_about_history(config, found),
    ]


def _look(project: Project, name: str, source: Source, found: _Found, now: datetime) -> None:
    """Read a source's files one after the other and add to `found` what they hold."""
    try:
        files = find_files(project, name, source)
    except DesireLinesError as error:
        found.problems.append(in_source(name, error))
        return
    if not files:
        found.problems.append(
            f"sources.{name}: no message has come in yet; start 'desirelines intake', and check again."
            if source.intake
            else f"sources.{name}: nothing was extracted yet; run 'desirelines ingest --source {name}' first."
        )
    for file in files:
        with connect() as connection:
            _look_into(connection, project.config.identities, name, source, file, found, now)


def _look_into(
    connection: Any,
    identities: Identities,
    name: str,
    source: Source,
    file: SourceFile,
    found: _Found,
    now: datetime,
) -> None:
    records, read, failures, _ = read_files(connection, name, source, [file], lambda _file: None)
    found.problems += failures
    if records is None:
        return
    _, judged = judged_records(connection, records, source, identities, _KEY, now=now, frontier=None)
    judged = materialize(connection, judged, "judged")
    refused = materialize(connection, refused_lines(judged, identities.profile_types), "refused")
    for refusals in refusals_by_file(refused).values():
        rows = read[0].count_rows
        if refusals.are_too_many(rows, source.max_reject_share):
            found.problems.append(rejection(name, source, file.name, rows, refusals))
    good = accepted_records(judged, refused, [])
    if source.tells_events:
        events = good.filter(good.event.notnull()).select("event").distinct().to_pyarrow()["event"].to_pylist()
        if events:  # a source of which every row is refused is as good as one that cannot be read
            found.events.setdefault(name, set()).update(events)
        span = good.aggregate(first=good.event_at.min(), last=good.event_at.max()).to_pyarrow().to_pylist()[0]
        found.first_at = min(filter(None, (found.first_at, span["first"])), default=None)
        found.last_at = max(filter(None, (found.last_at, span["last"])), default=None)
    said = good.select(entry=good.attributes.unnest())
    found.attributes |= set(
        said.select(attribute=said.entry["attribute"]).distinct().to_pyarrow()["attribute"].to_pylist()
    )


def _unmatched(where: str, what: str, patterns: Iterable[str], names: set[str]) -> Iterator[str]:
    for pattern in patterns:
        if not any(matches(pattern, name) for name in names):
            yield f"{where}: no {what} matches '{pattern}'; {nearest(pattern, names)}"


def _about_journeys(config: JourneyConfig, found: _Found) -> Iterator[str]:
    names: set[str] = set()
    for source, events in found.events.items():
        names |= set(map_events(sorted(events), config.sources[source])["touchpoint"])
    for stage in config.stages:
        yield from _unmatched(f"stages.{stage.name}.enters_on", "touchpoint", stage.enters_on, names)
    for outcome in config.outcomes:
        yield from _unmatched(f"outcomes.{outcome.name}.touchpoints", "touchpoint", outcome.touchpoints, names)
    yield from _unmatched("journeys.steps", "touchpoint", config.journeys.steps, names)


def _about_attributes(config: JourneyConfig, found: _Found) -> Iterator[str]:
    used = [(f"segments.{segment.name}.attribute", segment.attribute) for segment in config.segments]
    if config.value.at_risk_attribute:
        used.append(("value.at_risk_attribute", config.value.at_risk_attribute))
    for where, name in used:
        if name not in found.attributes:
            yield f"{where}: no source says the attribute '{name}'; {nearest(name, found.attributes)}"


def _about_history(config: JourneyConfig, found: _Found) -> Iterator[str]:
    if found.first_at is None or found.last_at is None:
        return
    for name, target in config.targets.items():
        problem = target.history_problem(name, found.first_at, found.last_at)
        if problem:
            yield problem
