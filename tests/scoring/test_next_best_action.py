"""The next best action: the rules drawn, and the choice against a slow one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config.playbook import Playbook
from scoring.next_best_action import DECISION_COLUMNS, choose, decide, decision_id, policy_version
from scoring.playbook_rules import fit_actions

AT = datetime(2026, 3, 1, tzinfo=UTC)
KEY = "20260301T000000Z"
NO_PAST = pd.DataFrame({"customer_id": [], "action": [], "snapshot_at": []}, dtype=object)


def action(name: str, effect: float = -0.1, **rules: Any) -> dict[str, Any]:
    return {
        "name": name,
        "target": "churn",
        "channel": "email",
        "text": f"Do {name}.",
        "expected_effect": effect,
        "effect_source": "team",
        **rules,
    }


def run(
    actions: list[dict[str, Any]],
    scores: dict[str, float],
    past: pd.DataFrame = NO_PAST,
    held_out: str = "",
    worth: float = 100.0,
    **policy: Any,
) -> pd.DataFrame:
    book = Playbook.model_validate({"actions": actions, "contact_policy": policy})
    ids = sorted(scores)
    features = pd.DataFrame({"customer_id": ids, "stage": "use"})
    table = pd.DataFrame({"customer_id": ids, "target": "churn", "value": [scores[name] for name in ids]})
    fits = fit_actions(book, features, table, np.full(len(ids), worth))
    found = decide(
        fits,
        book,
        features["customer_id"].to_numpy(object),
        past,
        frozenset(held_out),
        snapshot_at=AT,
        snapshot_key=KEY,
    )
    return found.set_index("customer_id")


def past(*rows: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["customer_id", "action", "days"])
    return table.assign(snapshot_at=[pd.Timestamp(AT - timedelta(days=days)) for days in table.days])


def test_row_of_a_decision() -> None:
    """Every column that others rely on, for one decision."""
    row = run([action("call", cost_amount=4)], {"a": 0.9}).loc["a"]
    assert row.to_dict() == {
        "decision_id": decision_id("a", KEY),
        "target": "churn",
        "action": "call",
        "channel": "email",
        "text": "Do call.",
        "arm": "treated",
        "choice_probability": 1.0,
        "uplift": -0.1,
        "uplift_low": pytest.approx(float("nan"), nan_ok=True),
        "uplift_source": "prior: team",
        "expected_value_amount": pytest.approx(6.0),
        "priority": 1.0,
        "policy_version": row.policy_version,
        "trace": '{"call": "chosen"}',
    }


def test_one_action_each_and_why_not_the_others() -> None:
    """The most valuable action wins; the trace tells of each action where it dropped out."""
    found = run(
        [
            action("mail", -0.05),
            action("call", -0.2, min_score=0.5, capacity=1),
            action("visit", -0.3, stages=["gone"]),
        ],
        {"a": 0.9, "b": 0.8, "c": 0.1},
    )
    assert found.action.to_dict() == {"a": "call", "b": "mail", "c": "mail"}
    assert {name: json.loads(text) for name, text in found.trace.items()} == {
        "a": {"mail": "not_best", "call": "chosen", "visit": "stage"},
        "b": {"mail": "chosen", "call": "capacity", "visit": "stage"},
        "c": {"mail": "chosen", "call": "score", "visit": "stage"},
    }
    assert found.priority.to_dict() == {"a": 1.0, "b": 2.0, "c": 3.0}


@pytest.mark.parametrize(
    ("title", "rows", "policy", "expected"),
    [
        ("no past", (), {}, "call"),
        ("resting", (("a", "call", 13.9),), {}, "mail"),
        ("rested", (("a", "call", 14.0),), {}, "call"),
        ("another's past", (("b", "call", 1),), {}, "call"),
        ("cap of the week", (("a", "x", 1), ("a", "y", 6.9)), {}, None),
        ("just outside the week", (("a", "x", 1), ("a", "y", 7.0)), {}, "call"),
        ("cap of the month", (("a", "x", 10), ("a", "y", 29.9)), {"per_30_days": 2}, None),
        ("just outside the month", (("a", "x", 10), ("a", "y", 30.0)), {"per_30_days": 2}, "call"),
        ("this very snapshot, run again", (("a", "call", 0.0),), {"per_7_days": 1}, "call"),
        ("no contact at all", (), {"per_7_days": 0}, None),
    ],
)
def test_past_contacts(title: str, rows: tuple[Any, ...], policy: dict[str, int], expected: str | None) -> None:
    """Caps count all actions, the cool-off one; both by the time of the snapshot."""
    found = run([action("call", -0.2), action("mail", -0.1)], {"a": 0.9}, past(*rows), **policy)
    assert found.action["a"] == expected, title
    assert found.arm["a"] == ("none" if expected is None else "treated")


def test_held_out_choose_like_the_others() -> None:
    """The held-out get the action that they would have got, in an arm of their own, and use up capacity alike."""
    found = run([action("call", capacity=2)], {"a": 0.9, "b": 0.8, "c": 0.7}, held_out="a")
    assert found.arm.to_dict() == {"a": "holdout", "b": "treated", "c": "none"}
    assert found.action.to_dict() == {"a": "call", "b": "call", "c": None}


def test_without_any_worth_the_score_decides() -> None:
    """Where nobody's worth is known, effect and score order the customers, and no amount is claimed."""
    found = run([action("call", capacity=1)], {"a": 0.2, "b": 0.8}, worth=float("nan"))
    assert found.action.to_dict() == {"b": "call", "a": None}
    assert found.expected_value_amount.isna().all()


def test_only_those_who_were_eligible() -> None:
    """Customers for whom no action was eligible have no row; an empty playbook decides nothing."""
    assert list(run([action("call", min_score=0.5)], {"a": 0.9, "b": 0.1}).index) == ["a"]
    assert run([], {"a": 0.9}).empty
    assert list(run([], {"a": 0.9}).reset_index().columns) == [
        "customer_id",
        *(n for n in DECISION_COLUMNS if n != "customer_id"),
    ]


def test_policy_version_follows_the_playbook() -> None:
    """The same rules have the same version, others another."""
    one, same, other = (Playbook.model_validate({"actions": [action("call", effect)]}) for effect in (-0.1, -0.1, -0.2))
    assert policy_version(one) == policy_version(same) != policy_version(other)


def slow_choice(ranks: np.ndarray, capacities: list[int | None]) -> list[int]:
    chosen, left = [-1] * len(ranks), list(capacities)
    pairs = [(rank, row, column) for (row, column), rank in np.ndenumerate(ranks) if np.isfinite(rank)]
    for _rank, row, column in sorted(pairs):
        room = left[column]
        if chosen[row] == -1 and (room is None or room > 0):
            chosen[row] = column
            left[column] = None if room is None else room - 1
    return chosen


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_choice_is_the_slow_one(data: st.DataObject) -> None:
    """The same as giving pairs in the order of their ranks while customer and capacity are free."""
    rows, columns = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 4))
    ranks = np.array(data.draw(st.permutations(range(rows * columns))), dtype=float).reshape(rows, columns)
    out = data.draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    ranks[np.array(out).reshape(rows, columns)] = np.inf
    capacities = data.draw(st.lists(st.none() | st.integers(0, 4), min_size=columns, max_size=columns))
    assert choose(ranks, capacities).tolist() == slow_choice(ranks, capacities)
