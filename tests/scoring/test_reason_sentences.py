"""The wording of reasons."""

from collections.abc import Callable

import pytest

from features.catalogue import features_of
from journeys.lake.workspace import Workspace
from scoring.reason_sentences import sentence


@pytest.mark.parametrize(
    ("name", "value", "usual", "expected"),
    [
        ("days_since_last_touchpoint", 12.0, 3.0, "No touchpoint for 12 days (usually 3)"),
        ("days_since_last_touchpoint", 1.0, 3.0, "Last touchpoint 1 day ago (usually 3)"),
        ("days_since_last_support", 0.4, None, "No support contact for 0.4 days"),
        ("days_since_last_transaction", None, 3.0, "No transaction so far"),
        ("days_since_journey_start", 400.0, 30.0, "Journey began 400 days ago (usually 30)"),
        ("days_since_cart_stage_touchpoint", None, 1.0, "No touchpoint of stage cart in this journey"),
        ("days_since_call_center_channel", 2.0, 4.0, "Last touchpoint through call center 2 days ago (usually 4)"),
        ("days_in_stage", 1.04, 1.0, "In the current stage for 1 day"),
        ("count_touchpoints_7d", 1.0, 4.0, "1 touchpoint in the last 7 days (usually 4)"),
        ("count_touchpoints_1d", 2.0, 4.0, "2 touchpoints in the last day (usually 4)"),
        ("count_transactions_90d", 1234.0, 2.0, "1,234 transactions in the last 90 days (usually 2)"),
        ("count_support_30d", 3.0, 0.0, "3 support contacts in the last 30 days (usually 0)"),
        ("count_waits_over_3d", 2.0, 0.0, "2 pauses of more than 3 days in this journey (usually 0)"),
        ("count_waits_over_1d", 1.0, 0.0, "1 pause of more than a day in this journey (usually 0)"),
        ("count_loops", 1.0, 0.0, "Went back to an earlier touchpoint 1 time (usually 0)"),
        ("hours_longest_wait", 40.0, 12.5, "Longest pause between touchpoints: 40 hours (usually 12 hours)"),
        ("hours_mean_wait", 240.0, 12.5, "Mean pause between touchpoints: 10 days (usually 12 hours)"),
        (
            "trend_touchpoints_30d",
            0.2,
            0.5,
            "20 % of the touchpoints of the last 60 days fell in the last 30 days (usually 50 %)",
        ),
        ("share_email_90d", 0.25, 0.25, "25 % of the touchpoints in the last 90 days were email"),
        ("stage", "checkout", None, "Now in stage checkout"),
        ("stage", None, None, "Stage is not known"),
        ("last_touchpoint", "page_view", None, "Last touchpoint was page view"),
        ("is_journey_open", True, None, "Journey open: yes"),
        ("has_refund", False, None, "Refund: no"),
        ("journey_amount", 250.0, 99.5, "Largest amount in this journey: 250 (usually 100)"),
        ("transactions_90d_amount", 0.0, 2500.0, "Amount of transactions in the last 90 days: 0 (usually 2,500)"),
        ("something_new", -0.04, 3.0, "Something new: 0 (usually 3)"),
        ("minutes_on_page_7d", 5.0, 5.0, "On page 7d: 5 minutes"),
    ],
)
def test_sentences(name: str, value: object, usual: float | None, expected: str) -> None:
    """Each family of features is worded as people speak, unknown ones from their name."""
    assert sentence(name, value, usual) == expected


def test_every_feature_has_a_sentence(make_workspace: Callable[..., Workspace]) -> None:
    """No feature of the catalogue is worded with its bare column name or an unfilled form."""
    config = make_workspace().project.config
    for name, feature in features_of(config).items():
        value: object = {"text": "use", "flag": True}.get(feature.kind, 12.0)
        usual = None if feature.kind in {"text", "flag"} else 3.0
        for text in (sentence(name, value, usual), sentence(name, None, usual)):
            assert "_" not in text
            assert "{" not in text
            assert text[0].isupper() or text[0].isdigit()
