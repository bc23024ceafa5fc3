"""The planned path: its steps in order, and which of them each journey reached, and when."""

from dataclasses import dataclass

import ibis
import pyarrow as pa

from journeys.config.journey_yaml import JourneyConfig
from journeys.touchpoints.mapping import matches


@dataclass(frozen=True)
class PlannedStep:
    """One step: its place from 1 on, its name, and the stage and the touchpoint that it stands for."""

    step_number: int
    name: str
    stage: str | None
    touchpoint: str | None


def planned_path(config: JourneyConfig) -> list[PlannedStep]:
    """Return the steps of `journeys.steps`, or, where none are named, the stages."""
    if not config.journeys.steps:
        return [PlannedStep(number, stage.name, stage.name, None) for number, stage in enumerate(config.stages, 1)]
    return [
        PlannedStep(number, step, _stage_of(step, config), step) for number, step in enumerate(config.journeys.steps, 1)
    ]


def _stage_of(touchpoint: str, config: JourneyConfig) -> str | None:
    entered = (s.name for s in config.stages if any(matches(pattern, touchpoint) for pattern in s.enters_on))
    return next(entered, None)


def steps_reached(steps: ibis.Table, journeys: ibis.Table, path: list[PlannedStep]) -> ibis.Table:
    """Return one row for each journey and planned step that it reached.

    The order is loose: what happens between two steps does not matter, nor what happened before the
    first of them. A step is reached at its first touchpoint, and left for the next one at the first
    touchpoint of that one, at or after the first of this one.

    Returns:
        Columns journey_id, customer_id, is_open, outcome_kind, step_number, first_at, next_at (null
        where the next step was not reached).
    """
    matched = matched_steps(steps, path)
    first = matched.group_by("journey_id", "step_number").aggregate(
        first_at=matched.event_at.min(), first_position=matched.position.min()
    )
    onward = matched.select("journey_id", "event_at", "position", step_number=matched.step_number - 1)
    later = first.join(onward, ["journey_id", "step_number"], how="inner")
    # One touchpoint may stand for two steps in a row; it is not its own follower.
    later = later.filter(later.event_at >= later.first_at, later.position != later.first_position)
    following = later.group_by("journey_id", "step_number").aggregate(next_at=later.event_at.min())
    return (
        first.left_join(following, ["journey_id", "step_number"])
        .select("journey_id", "step_number", "first_at", "next_at")
        .inner_join(journeys.select("journey_id", "customer_id", "is_open", "outcome_kind"), "journey_id")
        .select("journey_id", "customer_id", "is_open", "outcome_kind", "step_number", "first_at", "next_at")
    )


def matched_steps(steps: ibis.Table, path: list[PlannedStep]) -> ibis.Table:
    """Return the touchpoints that stand for a planned step, once for each: journey_id, event_at, position, step_number."""
    is_by_stage = all(step.touchpoint is None for step in path)
    column = "stage" if is_by_stage else "touchpoint"
    found = [name for name in steps.select(column).distinct().to_pandas()[column] if isinstance(name, str)]
    pairs = [(name, step.step_number) for step in path for name in found if _stands_for(name, step)]
    schema = pa.schema([(column, pa.string()), ("planned_number", pa.int64())])
    planned = ibis.memtable(
        pa.table({column: [name for name, _ in pairs], "planned_number": [number for _, number in pairs]}, schema)
    )
    return steps.inner_join(planned, column).select(
        "journey_id", "event_at", position="step_number", step_number="planned_number"
    )


def _stands_for(name: str, step: PlannedStep) -> bool:
    return name == step.name or (step.touchpoint is not None and matches(step.touchpoint, name))
