"""Who is scored for a target at a snapshot."""

from datetime import timedelta

import pandas as pd

from journeys.config.targets import Target


def eligible_customers(features: pd.DataFrame, target: Target) -> pd.Series:
    """Return for each row of `features` whether the target applies to that customer.

    A customer is scored when the stage is one of the target's `eligible_stages` (any stage where
    none is named), when the current journey is still open (if the target asks for that), and when
    the last touchpoint lies within the target's observation window before the snapshot.

    Args:
        features: one row a customer, with `stage`, `is_journey_open` and `days_since_last_touchpoint`.
        target: the target as declared in `journey.yaml`.
    """
    window_days = target.observation_window / timedelta(days=1)
    seen = pd.to_numeric(features["days_since_last_touchpoint"]).le(window_days)
    if target.eligible_stages:
        seen &= features["stage"].isin(target.eligible_stages)
    if target.eligible_open:
        seen &= features["is_journey_open"].eq(True).fillna(False)
    return seen.astype(bool)
