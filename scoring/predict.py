"""Scores of one target: from a champion's probabilities or from the rule, in one shape."""

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from journeys.config.targets import Target
from scoring.reasons import explain
from scoring.rule_score import RULE_VERSION, rule_points

Numbers = npt.NDArray[np.float64]

SCORE_COLUMNS = (
    "customer_id",
    "target",
    "model_version",
    "value",
    "unit",
    "value_low",
    "value_high",
    "class",
    "percentile",
    "tier",
    "reasons",
    "score_basis",
)


class Champion(Protocol):
    """A model that passed its gate: what scoring needs of it."""

    @property
    def version(self) -> str:
        """The version that scores carry."""

    def predict(self, frame: pd.DataFrame) -> Numbers:
        """Return the probability of the outcome for each row."""

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what each feature adds to the log-odds of each row, one column a feature."""


def predict_scores(features: pd.DataFrame, champion: Champion, *, name: str, target: Target) -> pd.DataFrame:
    """Score customers with a champion: one row a customer in `SCORE_COLUMNS`, in the order of `features`.

    `value` is the probability of the target's outcome. The bounds stay empty: the champion states
    no interval for one customer.
    """
    frame = features.reset_index(drop=True)
    values = np.asarray(champion.predict(frame), dtype=float)
    reasons = explain(frame, champion.contributions(frame)) if len(frame) else []
    return _scores(frame, values, name=name, target=target, version=champion.version, reasons=reasons)


def rule_scores(features: pd.DataFrame, *, name: str, target: Target) -> pd.DataFrame:
    """Score customers by the rule where no champion exists: `value` is points, never a probability.

    `unit` is `class` and `class` is the tier, because all that a rule can honestly say is where a
    customer stands among the others.
    """
    frame = features.reset_index(drop=True)
    values, contributions = rule_points(frame, target.kind)
    reasons = explain(frame, contributions) if len(frame) else []
    scores = _scores(frame, values, name=name, target=target, version=RULE_VERSION, reasons=reasons)
    scores["class"] = scores["tier"]
    return scores.assign(unit="class", score_basis="rule")


def percentiles(values: Numbers) -> Numbers:
    """Return each value's mid-rank between 0 and 1; equal values share one.

    >>> percentiles(np.array([0.1, 0.9, 0.1, 0.4])).tolist()
    [0.25, 0.875, 0.25, 0.625]
    """
    if not len(values):
        return np.empty(0)
    ranks = pd.Series(values).rank(method="average").to_numpy()
    return np.asarray((ranks - 0.5) / len(values), dtype=float)


def tiers(values: Numbers, customer_ids: npt.NDArray[np.object_], high_share: float) -> npt.NDArray[np.object_]:
    """Return `high` for the share of customers with the highest values, `medium` up to thrice it, else `low`.

    A list has a length that its readers can work through, so equal values at its end are cut by
    customer id. Nobody is put on a list for a value that most customers have: both tiers stay
    above the middle, unless the share itself reaches below it.
    """
    position = np.empty(len(values), dtype=int)
    position[np.lexsort((customer_ids.astype(str), -values))] = np.arange(len(values))
    standing = percentiles(values)

    def top(share: float) -> npt.NDArray[np.bool_]:
        above_middle = standing > 1 - max(share, 0.5)
        return np.asarray((position < np.ceil(round(share * len(values), 9))) & above_middle)

    high = top(high_share)
    return np.where(high, "high", np.where(top(min(1.0, 3 * high_share)), "medium", "low")).astype(object)


def _scores(
    frame: pd.DataFrame, values: Numbers, *, name: str, target: Target, version: str, reasons: list[str]
) -> pd.DataFrame:
    ids = frame["customer_id"].to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "customer_id": ids,
            "target": name,
            "model_version": version,
            "value": values,
            "unit": "probability",
            "value_low": np.nan,
            "value_high": np.nan,
            "class": pd.Series([None] * len(frame), dtype=object),
            "percentile": percentiles(values),
            "tier": tiers(values, ids, target.high_risk_share),
            "reasons": pd.Series(reasons, dtype=object),
            "score_basis": "model",
        }
    )[list(SCORE_COLUMNS)]
