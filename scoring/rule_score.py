"""A score by rule for targets that have no champion: points from recency and trend, not a probability."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

RULE_VERSION = "rule-1"
"""Stands in `scores.model_version`; changes whenever the formula does."""

RECENCY, TREND = "days_since_last_touchpoint", "trend_touchpoints_30d"


def rule_points(
    features: pd.DataFrame, kind: Literal["conversion", "churn"]
) -> tuple[npt.NDArray[np.float64], pd.DataFrame]:
    """Return points between 0 and 1 for each customer, and what each of the two parts adds above its middle.

    With d the days since the last touchpoint, u the median of d over these customers, and t the share
    of the last 30 days' touchpoints among those of the last 60:

        quiet   = d / (d + u)            0.5 at the median, towards 1 in long silence
        falling = 1 - t                  0.5 when activity is level, 1 when it has stopped

    Churn scores (quiet + falling) / 2, conversion its complement. What is not known counts as 0.5.

    Args:
        features: one row a customer with `days_since_last_touchpoint` and `trend_touchpoints_30d`.
        kind: what the target predicts.
    """
    days = pd.to_numeric(features[RECENCY]).to_numpy(dtype=float, na_value=np.nan)
    trend = pd.to_numeric(features[TREND]).to_numpy(dtype=float, na_value=np.nan)
    usual = float(np.nanmedian(days)) if np.isfinite(days).any() else 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        quiet = np.nan_to_num(days / (days + usual), nan=0.5)
    falling = np.nan_to_num(1.0 - trend, nan=0.5)
    parts = {RECENCY: quiet, TREND: falling}
    if kind == "conversion":
        parts = {name: 1.0 - part for name, part in parts.items()}
    contributions = pd.DataFrame({name: (part - 0.5) / 2 for name, part in parts.items()}, index=features.index)
    points = np.asarray(0.5 + contributions.sum(axis=1).to_numpy(dtype=float), dtype=float)
    return points, contributions
