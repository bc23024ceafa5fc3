"""The playbook: what can be done for a customer, when it fits, what it costs and what it is expected to change."""

from datetime import timedelta

from pydantic import Field, model_validator

from journeys.config.base import Name, Section
from journeys.config.durations import Duration


class Condition(Section):
    """A bound on one feature, as in {feature: days_since_last_touchpoint, at_least: 5}."""

    feature: str
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _has_bound(self) -> "Condition":
        if self.at_least is None and self.at_most is None:
            raise ValueError("a condition needs 'at_least' or 'at_most'")
        return self


class Action(Section):
    """One action of the playbook.

    Eligible: those with a score for `target` of at least `min_score`, in one of `stages`.
    Applicable: every condition of `when` holds. `expected_effect` is the change of the target's
    probability that the team expects, with its source: a prior, never a measurement.
    """

    name: Name
    group: Name = "default"
    target: Name
    channel: str
    text: str = Field(description="What the CRM shows its user, one sentence")
    min_score: float = Field(default=0.0, ge=0, le=1)
    stages: list[Name] = []
    when: list[Condition] = []
    cost_amount: float = Field(default=0.0, ge=0)
    capacity: int | None = Field(default=None, ge=0, description="Most customers a run")
    cool_off: Duration = timedelta(days=14)
    expected_effect: float = Field(ge=-1, le=1)
    effect_source: str


class ContactPolicy(Section):
    """How often one customer may be contacted, by all actions together."""

    per_7_days: int = Field(default=2, ge=0)
    per_30_days: int = Field(default=6, ge=0)


class Playbook(Section):
    """The actions and the rules above them."""

    actions: list[Action] = []
    contact_policy: ContactPolicy = ContactPolicy()
    holdout_share: float = Field(
        default=0.05, ge=0, le=0.5, description="Customers who are never acted upon, so that effects can be measured"
    )
