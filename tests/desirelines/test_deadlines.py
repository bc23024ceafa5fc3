"""Late runs: the alert, and the line that it writes."""

import logging
from datetime import timedelta

import pytest
from airflow import sdk

from desirelines.deadlines import deadline_alert, on_late


def test_a_run_is_late_after_so_many_hours() -> None:
    """Counted from when it was queued; the alert calls the function that writes the line."""
    alert = deadline_alert(sdk, hours=3, arguments=["airflow", "scheduler"])
    assert alert.interval == timedelta(hours=3)
    assert alert.reference == sdk.DeadlineReference.DAGRUN_QUEUED_AT
    assert alert.callback.path == "desirelines.deadlines.on_late"


def test_trying_a_dag_by_hand_has_no_deadline() -> None:
    """`airflow dags test` would fail on it."""
    assert deadline_alert(sdk, hours=3, arguments=["airflow", "dags", "test", "score_customers"]) is None


def test_a_late_run_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """With the run and its DAG, as an error."""
    with caplog.at_level(logging.ERROR):
        on_late({"dag_run": {"dag_run_id": "run-1", "dag_id": "score_customers"}})
    assert caplog.messages == ["Deadline missed: the run run-1 of score_customers is not finished."]
