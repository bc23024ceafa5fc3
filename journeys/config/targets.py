"""Targets: what is predicted, for whom, from when, how far ahead, and what a model must reach."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field, model_validator

from journeys.config.base import Name, Section
from journeys.config.durations import Duration


class Snapshots(Section):
    """When training looks at a customer: a calendar, or so many days or touches after a journey's start."""

    every: Duration | None = None
    days_after_start: list[int] = []
    touches_after_start: list[int] = []

    @model_validator(mode="after")
    def _one_kind(self) -> "Snapshots":
        chosen = [self.every is not None, bool(self.days_after_start), bool(self.touches_after_start)]
        if sum(chosen) != 1:
            raise ValueError("choose one of 'every', 'days_after_start' and 'touches_after_start'")
        return self


class Gate(Section):
    """What a model must show on later data before it may score customers."""

    min_positives: int = 100
    min_negatives: int = 100
    min_auc_low: float = Field(default=0.55, description="Lower 95 % bound of the AUC on the test part")
    max_calibration_error: float = 0.05


class Target(Section):
    """One thing to predict: `outcome` within (snapshot + gap, snapshot + gap + horizon]."""

    outcome: Name
    kind: Literal["conversion", "churn"] = Field(description="conversion feeds the hot leads, churn the at-risk list")
    snapshots: Snapshots = Snapshots(every=timedelta(days=7))
    eligible_stages: list[Name] = Field(default=[], description="Stages in which a customer may be; empty: any")
    eligible_open: bool = Field(
        default=True, description="Only customers whose current journey has no ending outcome yet"
    )
    observation_window: Duration = Field(
        default=timedelta(days=90), description="Seen at least once within it before the snapshot"
    )
    gap: Duration = timedelta(0)
    horizon: Duration = timedelta(days=30)
    high_risk_share: float = Field(default=0.1, gt=0, le=1, description="The share of scored customers put on the list")
    gate: Gate = Gate()

    def history_problem(self, name: str, first_at: datetime, last_at: datetime) -> str | None:
        """Return why no label of the target can be known from data between two instants, or None."""
        ahead = self.gap + self.horizon
        if last_at - first_at > ahead:
            return None
        return (
            f"Target '{name}' looks {ahead.days} days ahead (gap and horizon), but the data cover only "
            f"{(last_at - first_at).days} days before {last_at:%Y-%m-%d}; shorten targets.{name}.horizon or load more history."
        )


Targets = dict[Name, Target]
