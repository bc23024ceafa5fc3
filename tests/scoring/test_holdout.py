"""The persistent holdout."""

import hashlib

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.holdout import EXPERIMENT, arms, assigned_arms, bucket, held_out, with_new_units

EMPTY = pd.DataFrame({name: [] for name in ("unit_type", "unit_id", "experiment", "arm", "assigned_at")})
FIRST, SECOND = pd.Timestamp("2026-03-01", tz="UTC"), pd.Timestamp("2026-03-02", tz="UTC")


def test_bucket_is_the_documented_hash() -> None:
    """Anybody can recompute a bucket from the project's name and the customer's id."""
    digest = hashlib.sha256(b"shop:c1").hexdigest()
    assert bucket("shop", "c1") == int(digest, 16) % 10_000


def test_share_is_kept_and_projects_differ() -> None:
    """About the asked share is held out, others in another project."""
    people = [f"c{n}" for n in range(20_000)]
    here = held_out(people, project="shop", share=0.05, assigned={})
    there = held_out(people, project="bank", share=0.05, assigned={})
    assert 900 < len(here) < 1_100
    assert len(here & there) < 100
    assert held_out(people, project="shop", share=0.0, assigned={}) == frozenset()


@given(st.floats(0, 0.5), st.floats(0, 0.5))
def test_arms_stay(first_share: float, second_share: float) -> None:
    """Whoever has an arm keeps it whatever the share becomes; only new customers follow the new share."""
    people = [f"c{n}" for n in range(40)]
    table = with_new_units(EMPTY, people[:20], {}, project="shop", share=first_share, at=FIRST)
    after = with_new_units(table, people, {}, project="shop", share=second_share, at=SECOND)
    pd.testing.assert_frame_equal(after.iloc[:20], table)
    fresh = arms(people[20:], project="shop", share=second_share, assigned={})
    assert assigned_arms(after, {}) == {**assigned_arms(table, {}), **fresh}
    assert set(after.assigned_at[20:]) == {SECOND}


def test_no_new_unit_changes_nothing() -> None:
    """Asking again for the same customers returns the very table."""
    table = with_new_units(EMPTY, ["b", "a", "a"], {}, project="shop", share=0.5, at=FIRST)
    assert table.unit_id.tolist() == ["a", "b"]
    assert with_new_units(table, ["a"], {}, project="shop", share=0.1, at=SECOND) is table


def test_other_experiments_are_left_alone() -> None:
    """Arms of another experiment neither count nor change."""
    other = pd.DataFrame([["customer", "a", "colour", "holdout", FIRST]], columns=list(EMPTY.columns))
    assert assigned_arms(other, {}) == {}
    after = with_new_units(other, ["a"], {}, project="shop", share=0.0, at=SECOND)
    assert after.experiment.tolist() == ["colour", EXPERIMENT]
    assert after.arm.tolist() == ["holdout", "treated"]


@pytest.mark.parametrize(
    ("arms_before", "expected"),
    [
        ({"a": "treated", "b": "holdout"}, "holdout"),
        ({"a": "holdout", "b": "treated"}, "holdout"),
        ({"b": "holdout"}, "holdout"),
        ({"b": "treated"}, "treated"),
        ({"a": "treated"}, "treated"),
    ],
)
def test_a_merge_forgets_no_holdout(arms_before: dict[str, str], expected: str) -> None:
    """Where b turned out to be a, a is held out if either was; the rows stay as they are and none is added."""
    rows = [("customer", who, EXPERIMENT, arm, FIRST) for who, arm in arms_before.items()]
    table = pd.DataFrame(rows, columns=list(EMPTY.columns))
    assert assigned_arms(table, {"b": "a"}) == {"a": expected}
    assert with_new_units(table, ["a"], {"b": "a"}, project="shop", share=0.5, at=SECOND) is table
