"""Who may receive a prediction: the same rule when training and when scoring."""

import numpy as np
import pandas as pd

from journeys.config.targets import Target

NEEDED = ("stage", "is_journey_open", "days_since_last_touchpoint")
"""The features that eligibility looks at."""


def is_eligible(features: pd.DataFrame, target: Target) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return, for each row of features at a snapshot, whether the target applies to that customer.

    A customer is eligible when seen within the observation window, when the stage in force is one
    of the target's (all, if it names none), and, if the target says so, when the journey is open.
    """
    days = target.observation_window.total_seconds() / 86_400
    eligible = features["days_since_last_touchpoint"].le(days).fillna(False).to_numpy(dtype=bool)
    if target.eligible_stages:
        eligible &= features["stage"].isin(target.eligible_stages).to_numpy(dtype=bool)
    if target.eligible_open:
        eligible &= features["is_journey_open"].eq(True).fillna(False).to_numpy(dtype=bool)
    return eligible
