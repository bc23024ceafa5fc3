"""Stages, goals, outcomes, segments and value: what a journey of this business is."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from journeys.config.base import Name, Section
from journeys.config.durations import Duration


class Stage(Section):
    """A stage and the touchpoints (patterns with `*`) that enter it, in the order of the journey."""

    name: Name
    enters_on: list[str] = []


class Outcome(Section):
    """A named end or milestone of journeys: the first of `touchpoints` reached decides when."""

    name: Name
    kind: Literal["positive", "negative", "neutral"]
    touchpoints: list[str] = Field(min_length=1)
    ends_journey: bool = Field(default=True, description="The next touchpoint after it opens a new journey")


class Goal(Section):
    """What a journey is towards. The journey after one of the outcomes in `follows` is towards this goal."""

    name: Name
    follows: list[Name] = []
    first_stage: Name | None = None


class JourneyRules(Section):
    """How journeys are cut: by the source's own case where it has one, else by outcome and silence."""

    by_case: bool = Field(default=False, description="The source's own case is the journey")
    gap: Duration = Field(default=timedelta(days=90), description="Longer silence opens a new journey")
    session_gap: Duration = timedelta(minutes=30)
    goals: list[Goal] = [Goal(name="conversion")]
    amount: Literal["sum", "max", "last", "none"] = Field(
        default="sum", description="A journey's amount from its touchpoints'"
    )
    steps: list[str] = Field(default=[], description="Touchpoints of the planned path; without it, the stages")


class Value(Section):
    """What a customer is worth where the data do not say: amount of one positive outcome."""

    per_conversion_amount: float | None = Field(default=None, ge=0)
    at_risk_attribute: str | None = Field(default=None, description="Customer attribute with the yearly value")


class Segment(Section):
    """A split of customers by an attribute that the sources deliver."""

    name: Name
    attribute: str
