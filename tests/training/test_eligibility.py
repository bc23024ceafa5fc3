"""Who is scored, on a drawn table."""

import pandas as pd
import pytest

from journeys.config.targets import Target
from scoring.eligible import eligible_customers

FEATURES = pd.DataFrame(
    [
        # customer, stage, open, days since the last touchpoint
        ("just now", "use", True, 0.0),
        ("on the edge", "use", True, 90.0),
        ("too long ago", "use", True, 90.1),
        ("never seen", "use", True, None),
        ("other stage", "start", True, 1.0),
        ("closed", "use", False, 1.0),
        ("unknown", None, None, 1.0),
    ],
    columns=["customer_id", "stage", "is_journey_open", "days_since_last_touchpoint"],
)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, {"just now", "on the edge", "other stage"}),
        ({"eligible_stages": ["use"]}, {"just now", "on the edge"}),
        ({"eligible_open": False}, {"just now", "on the edge", "other stage", "closed", "unknown"}),
        ({"eligible_open": False, "eligible_stages": ["use"]}, {"just now", "on the edge", "closed"}),
        ({"observation_window": "12h"}, {"just now"}),
    ],
)
def test_eligible_customers(rules: dict[str, object], expected: set[str]) -> None:
    """Stage, openness and the observation window each rule out their own."""
    target = Target.model_validate({"outcome": "cancelled", "kind": "churn", **rules})
    assert set(FEATURES.customer_id[eligible_customers(FEATURES, target)]) == expected


def test_nobody() -> None:
    """An empty table gives an empty answer of booleans."""
    target = Target(outcome="cancelled", kind="churn")
    found = eligible_customers(FEATURES.iloc[:0], target)
    assert found.empty
    assert found.dtype == bool
