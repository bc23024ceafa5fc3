"""Which decisions count as contacts."""

from dataclasses import replace

import pandas as pd
import pytest

from scoring.contacts import contacts_of, decided_arms, may_be_told
from tests.scoring.activation.test_plan import known

DECISIONS = pd.DataFrame(
    [
        ("d1", "a", "call", "treated"),
        ("d2", "b", "call", "treated"),
        ("d3", "c", "mail", "holdout"),
        ("d4", "d", None, "none"),
    ],
    columns=["decision_id", "customer_id", "action", "arm"],
)


@pytest.mark.parametrize(
    ("title", "told", "expected"),
    [
        ("nobody takes decisions, so people do", None, ["a", "b", "c"]),
        ("all were told", {"a", "b"}, ["a", "b", "c"]),
        ("some were told", {"b"}, ["b", "c"]),
        ("nobody could be told", set(), []),
    ],
)
def test_drawn(title: str, told: set[str] | None, expected: list[str]) -> None:
    """The treated who were told, and the holdout where anybody was; never who was left without an action."""
    assert contacts_of(DECISIONS, told).customer_id.tolist() == expected, title


def test_a_holdout_alone_would_have_been_told() -> None:
    """Where everybody with an action is held out, nobody is told, and they rest all the same."""
    assert contacts_of(DECISIONS[DECISIONS.arm == "holdout"], set()).customer_id.tolist() == ["c"]


@pytest.mark.parametrize(
    ("state", "operation", "is_told"),
    [
        ("delivered", "add", True),
        ("delivered", "change", True),
        ("sent", "add", True),
        ("pending", "add", False),
        ("rejected", "add", False),
        ("dead", "add", False),
        ("delivered", "withdraw", False),
    ],
)
def test_may_be_told(state: str, operation: str, is_told: bool) -> None:
    """What left, and was neither refused nor taken back, may have been read."""
    row = replace(known("a", "delivered"), state=state, operation=operation)  # type: ignore[arg-type]
    assert may_be_told(row) == is_told


def test_decided_arms() -> None:
    """Only who got an action has an arm by the decision."""
    assert decided_arms(DECISIONS) == {"a": "treated", "b": "treated", "c": "holdout"}
