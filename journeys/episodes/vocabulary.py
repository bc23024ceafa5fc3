"""What each touchpoint name means for a journey: the stage it enters and the outcome it reaches."""

from collections.abc import Iterable

import ibis
import pandas as pd

from journeys.config.journey_yaml import JourneyConfig
from journeys.config.stages import Goal
from journeys.touchpoints.mapping import matches

NO_STAGE = -1


def describe_touchpoints(names: Iterable[str], config: JourneyConfig) -> pd.DataFrame:
    """Return, for each touchpoint name, its stage's number, its outcome, and whether that ends the journey.

    The first pattern that matches decides, in the order of the file. A name that enters no stage
    has NO_STAGE; one that reaches no outcome has a null outcome.
    """
    rows = []
    for name in sorted(set(names)):
        stage = next((n for n, stage in enumerate(config.stages) if _matches(name, stage.enters_on)), NO_STAGE)
        outcome = next((outcome for outcome in config.outcomes if _matches(name, outcome.touchpoints)), None)
        rows.append(
            {
                "touchpoint": name,
                "enters_stage": stage,
                "reaches": outcome.name if outcome else None,
                "reaches_kind": outcome.kind if outcome else None,
                "ends_journey": bool(outcome and outcome.ends_journey),
            }
        )
    columns = {"touchpoint": "string", "enters_stage": "int64", "reaches": "string", "reaches_kind": "string"}
    frame = pd.DataFrame(rows, columns=[*columns, "ends_journey"])
    return frame.astype({**columns, "ends_journey": "bool"})


def describe_goals(config: JourneyConfig) -> pd.DataFrame:
    """Return, for each outcome after which a journey begins (null: none yet), the goal and its first stage's number."""
    stage_numbers = {stage.name: number for number, stage in enumerate(config.stages)}

    def row(follows: str | None, goal: Goal) -> dict[str, object]:
        return {"follows": follows, "goal": goal.name, "first_stage": stage_numbers.get(goal.first_stage or "", 0)}

    default = next((goal for goal in config.journeys.goals if not goal.follows), config.journeys.goals[0])
    after = {outcome: goal for goal in config.journeys.goals for outcome in goal.follows}
    rows = [row("", default)]
    rows += [row(outcome.name, after.get(outcome.name, default)) for outcome in config.outcomes]
    return pd.DataFrame(rows).astype({"follows": "string", "goal": "string", "first_stage": "int64"})


def stage_name(number: ibis.Value, config: JourneyConfig) -> ibis.Value:
    """Return the name of a stage's number as a column."""
    cases = [(number == index, stage.name) for index, stage in enumerate(config.stages)]
    return ibis.cases(*cases, else_=config.stages[0].name)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(matches(pattern, name) for pattern in patterns)
