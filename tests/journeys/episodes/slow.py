"""Sessions, stages and journeys by plain loops: slow and obvious."""

from collections import defaultdict
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import groupby
from typing import Any

from journeys.config.journey_yaml import JourneyConfig
from journeys.config.stages import Outcome
from tests.journeys.made_up import Touch


def outcome_of(touch: Touch, config: JourneyConfig) -> Outcome | None:
    """Return the outcome that a touchpoint reaches."""
    for outcome in config.outcomes:
        if any(fnmatchcase(touch.what, pattern) for pattern in outcome.touchpoints):
            return outcome
    return None


def stage_of(touch: Touch, config: JourneyConfig) -> int | None:
    """Return the number of the stage that a touchpoint enters."""
    for number, stage in enumerate(config.stages):
        if any(fnmatchcase(touch.what, pattern) for pattern in stage.enters_on):
            return number
    return None


def slow_steps(touches: list[Touch], config: JourneyConfig, of: dict[str, str]) -> list[dict[str, Any]]:
    """Return one row a touchpoint; `of` says the customer of each identifier's name.

    Journeys and sessions are numbered here, so that the caller compares which touchpoints share one.
    """
    rows: list[dict[str, Any]] = []
    ordered = sorted(touches, key=lambda touch: (touch.event_at, touch.source, touch.position, touch.id))
    lines: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    last_of_customer: dict[str, datetime] = {}
    session_of: dict[str, str] = {}
    for touch in ordered:
        who = of[touch.who]
        before = last_of_customer.get(who)
        if before is None or touch.event_at - before > config.journeys.session_gap:
            session_of[who] = touch.id
        last_of_customer[who] = touch.event_at
        case = f"{touch.source}:{touch.case}" if config.journeys.by_case and touch.case else ""
        row = {"touch": touch, "customer_id": who, "session": session_of[who], "case": case}
        lines[who, case].append(row)
        rows.append(row)
    for (_, case), line in lines.items():
        _cut(line, case, config)
    return rows


def _cut(line: list[dict[str, Any]], case: str, config: JourneyConfig) -> None:
    ended: Outcome | None = None
    journey: dict[str, Any] = {}
    previous: datetime | None = None
    is_ended = False
    for row in line:
        touch = row["touch"]
        is_silent = previous is not None and touch.event_at - previous > config.journeys.gap
        if previous is None or (not case and (is_ended or is_silent)):
            after = next((g for g in config.journeys.goals if ended and ended.name in g.follows), None)
            goal = after or next(g for g in config.journeys.goals if not g.follows)
            names = [stage.name for stage in config.stages]
            stage = names.index(goal.first_stage) if goal.first_stage else 0
            journey = {"id": touch.id, "goal": goal.name, "stage": stage, "count": 0}
        journey["count"] += 1
        entered = stage_of(touch, config)
        journey["stage"] = max(journey["stage"], -1 if entered is None else entered)
        reached = outcome_of(touch, config)
        is_ended = bool(reached and reached.ends_journey)
        if is_ended:
            ended = reached
        previous = touch.event_at
        row |= {
            "journey": journey["id"],
            "goal": journey["goal"],
            "stage_number": journey["stage"],
            "step_number": journey["count"],
            "outcome": reached,
        }


def slow_journeys(rows: list[dict[str, Any]], config: JourneyConfig, until: datetime) -> dict[str, dict[str, Any]]:
    """Return one row a journey by the first touchpoint's id."""
    found: dict[str, dict[str, Any]] = {}
    in_order = sorted(rows, key=lambda row: (row["journey"], row["step_number"]))
    for key, group in groupby(in_order, key=lambda row: row["journey"]):
        steps = list(group)
        reached = [step for step in steps if step["outcome"]]
        ending = [step for step in reached if step["outcome"].ends_journey]
        decisive = (ending or reached or [None])[0]
        is_silent = until - steps[-1]["touch"].event_at > config.journeys.gap
        is_closed = bool(ending) or (not steps[0]["case"] and is_silent)
        amounts = [step["touch"].amount for step in steps if step["touch"].amount is not None]
        amount = {
            "sum": sum(amounts),
            "max": max(amounts, default=None),
            "last": amounts[-1] if amounts else None,
            "none": None,
        }[config.journeys.amount]
        names = [name for name, _ in groupby(step["touch"].what for step in steps)]
        found[key] = {
            "customer_id": steps[0]["customer_id"],
            "goal": steps[0]["goal"],
            "started_at": steps[0]["touch"].event_at,
            "ended_at": steps[-1]["touch"].event_at if is_closed else None,
            "is_open": not is_closed,
            "outcome": decisive["outcome"].name if decisive else None,
            "outcome_at": decisive["touch"].event_at if decisive else None,
            "outcome_kind": decisive["outcome"].kind if decisive else "neutral" if is_closed else "open",
            "stage_reached": config.stages[steps[-1]["stage_number"]].name,
            "count_touchpoints": len(steps),
            "count_sessions": len({step["session"] for step in steps}),
            "amount": amount if amounts else None,
            "path": " > ".join(names),
        }
    return found
