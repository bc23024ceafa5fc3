"""To whom a target applies, on a drawn table."""

import pandas as pd
import pytest

from journeys.config.targets import Target
from training.eligibility import NEEDED, is_eligible

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
def test_who_is_eligible(rules: dict[str, object], expected: set[str]) -> None:
    """Stage, openness and the observation window each rule out their own."""
    target = Target.model_validate({"outcome": "cancelled", "kind": "churn", **rules})
    assert set(FEATURES.customer_id[is_eligible(FEATURES, target)]) == expected


def test_missing_values_of_any_kind_exclude() -> None:
    """Nullable columns, as an engine may return them, give the same answer as plain ones."""
    target = Target(outcome="cancelled", kind="churn", eligible_stages=["use"])
    nullable = FEATURES.convert_dtypes()
    assert is_eligible(nullable, target).tolist() == is_eligible(FEATURES, target).tolist()


def test_only_the_named_features_are_needed() -> None:
    """The columns in NEEDED suffice."""
    target = Target(outcome="cancelled", kind="churn")
    assert is_eligible(FEATURES[list(NEEDED)], target).sum() == 3


def test_nobody() -> None:
    """An empty table gives an empty answer of booleans."""
    target = Target(outcome="cancelled", kind="churn")
    found = is_eligible(FEATURES.iloc[:0], target)
    assert not len(found)
    assert found.dtype == bool
