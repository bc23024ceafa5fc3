"""Which actions of the playbook fit which customers, before anything is rationed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import infer_dtype

from features.catalogue import features_of
from journeys.config.errors import ConfigError, nearest
from journeys.config.journey_yaml import JourneyConfig
from journeys.config.playbook import Action, Playbook

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """How one action fits the customers, one entry a customer in each array.

    Attributes:
        action: the action.
        score: the customer's score for the action's target, NaN without one.
        dropped_at: where the action dropped out (`no_score`, `score`, `stage`, `condition:<feature>`,
            `expected_value`), empty where it fits.
        is_eligible: the score and the stage allow it.
        expected_value_amount: |expected effect| x worth - cost, NaN where the worth is not known.
    """

    action: Action
    score: Numbers
    dropped_at: npt.NDArray[np.object_]
    is_eligible: Flags
    expected_value_amount: Numbers

    @property
    def is_suitable(self) -> Flags:
        """Eligible, applicable, and not expected to cost more than it brings."""
        return np.asarray(self.dropped_at == "")


def condition_problems(config: JourneyConfig) -> list[str]:
    """Return a sentence for each condition of the playbook that names no feature, or one that holds text."""
    kinds = {name: feature.kind for name, feature in features_of(config).items()}
    return list(_condition_problems(config.playbook, kinds))


def check_conditions(playbook: Playbook, features: pd.DataFrame) -> None:
    """Refuse a playbook whose conditions name no feature, or one that holds text.

    Raises:
        ConfigError: naming the action, the feature and the nearest names.
    """
    names = [name for name in features.columns if name not in _NOT_FEATURES]
    used = {condition.feature for action in playbook.actions for condition in action.when}
    kinds = {name: "text" if name in used and _holds_text(features[name]) else "number" for name in names}
    problems = list(_condition_problems(playbook, kinds))
    if problems:
        raise ConfigError("\n".join(problems))


def _condition_problems(playbook: Playbook, kinds: Mapping[str, str]) -> Iterator[str]:
    for action in playbook.actions:
        for condition in action.when:
            where = f"playbook.actions.{action.name}.when names the feature '{condition.feature}'"
            if condition.feature not in kinds:
                yield f"{where}, which does not exist; {nearest(condition.feature, kinds)}"
            elif kinds[condition.feature] == "text":
                yield f"{where}, which is text; 'at_least' and 'at_most' need a feature that is a number."


def _holds_text(values: pd.Series) -> bool:
    return infer_dtype(values, skipna=True) == "string"


def fit_actions(playbook: Playbook, features: pd.DataFrame, scores: pd.DataFrame, worth: Numbers) -> list[Fit]:
    """Return how each action fits each customer, in the order of the playbook and of `features`.

    Args:
        playbook: the actions.
        features: one row a customer.
        scores: customer_id, target, value; for a rule score the points stand in for the probability
            when they are held against `min_score`.
        worth: what each customer is worth, NaN where unknown.
    """
    check_conditions(playbook, features)
    ids = pd.Index(features["customer_id"])
    by_target = {name: group.set_index("customer_id")["value"] for name, group in scores.groupby("target")}
    none = pd.Series(dtype=float)
    return [
        _fit(action, features, by_target.get(action.target, none).reindex(ids).to_numpy(dtype=float), worth)
        for action in playbook.actions
    ]


def suggestions(fits: list[Fit], features: pd.DataFrame) -> pd.DataFrame:
    """Return customer_id, target, text of the best suitable action for each customer and target.

    Only what fits is asked here; contact policy and capacity are matters of the decision.
    """
    columns = ["customer_id", "target", "text"]
    rows = [
        pd.DataFrame(
            {
                "customer_id": features["customer_id"].to_numpy()[fit.is_suitable],
                "target": fit.action.target,
                "text": fit.action.text,
                "value": fit.expected_value_amount[fit.is_suitable],
                "effect": abs(fit.action.expected_effect),
                "order": order,
            }
        )
        for order, fit in enumerate(fits)
    ]
    if not rows:
        return pd.DataFrame({name: [] for name in columns}, dtype=object)
    every = pd.concat(rows, ignore_index=True)
    every = every.sort_values(["value", "effect", "order"], ascending=[False, False, True])
    return every.drop_duplicates(["customer_id", "target"])[columns].reset_index(drop=True)


_NOT_FEATURES = {"customer_id", "snapshot_at", "known_at", "snapshot_key"}


def _fit(action: Action, features: pd.DataFrame, score: Numbers, worth: Numbers) -> Fit:
    dropped_at = np.full(len(features), "", dtype=object)

    def drop(where: Flags, stage: str) -> None:
        dropped_at[where & (dropped_at == "")] = stage

    drop(np.isnan(score), "no_score")
    drop(score < action.min_score, "score")
    if action.stages:
        drop(~features["stage"].isin(action.stages).to_numpy(), "stage")
    is_eligible = np.asarray(dropped_at == "")
    for condition in action.when:
        value = features[condition.feature].to_numpy(dtype=float, na_value=np.nan)
        holds = ~np.isnan(value)
        if condition.at_least is not None:
            holds &= value >= condition.at_least
        if condition.at_most is not None:
            holds &= value <= condition.at_most
        drop(~holds, f"condition:{condition.feature}")
    expected = abs(action.expected_effect) * worth - action.cost_amount
    drop(expected <= 0, "expected_value")
    return Fit(action, score, dropped_at, is_eligible, expected)
