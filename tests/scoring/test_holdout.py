"""The persistent holdout."""

import hashlib

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.holdout import arms, assigned_arms, bucket, held_out, new_units

FIRST, SECOND = pd.Timestamp("2026-03-01", tz="UTC"), pd.Timestamp("2026-03-02", tz="UTC")


def test_bucket_is_the_documented_hash() -> None:
    """Anybody can recompute a bucket from the project's name and the customer's id."""
    digest = hashlib.sha256(b"shop:c1").hexdigest()
    assert bucket("shop", "c1") == int(digest, 16) % 10_000


def test_share_is_kept_and_projects_differ() -> None:
    """About the asked share is held out, others in another project."""
    people = [f"c{n}" for n in range(20_000)]
    here = held_out(arms(people, project="shop", share=0.05, assigned={}))
    there = held_out(arms(people, project="bank", share=0.05, assigned={}))
    assert 900 < len(here) < 1_100
    assert len(here & there) < 100
    assert held_out(arms(people, project="shop", share=0.0, assigned={})) == frozenset()


@given(st.floats(0, 0.5), st.floats(0, 0.5))
def test_arms_stay(first_share: float, second_share: float) -> None:
    """Whoever has an arm keeps it whatever the share becomes; only new customers follow the new share."""
    people = [f"c{n}" for n in range(40)]
    before = arms(people[:20], project="shop", share=first_share, assigned={})
    after = arms(people, project="shop", share=second_share, assigned=before)
    fresh = arms(people[20:], project="shop", share=second_share, assigned={})
    assert after == {**before, **fresh}
    rows = new_units(after, before, at=SECOND)
    assert dict(zip(rows.unit_id, rows.arm, strict=True)) == fresh
    assert set(rows.assigned_at) == {SECOND}


def test_a_row_is_read_as_it_was_written() -> None:
    """The rows of new units say the arms that they were made of; whoever has one gets none."""
    rows = new_units({"b": "holdout", "a": "treated"}, {}, at=FIRST)
    assert rows.unit_id.tolist() == ["a", "b"]
    assert assigned_arms(rows, {}) == {"a": "treated", "b": "holdout"}
    assert new_units({"a": "holdout"}, {"a": "treated"}, at=SECOND).empty


def test_other_experiments_are_left_alone() -> None:
    """Arms of another experiment do not count."""
    other = pd.DataFrame([["customer", "a", "colour", "holdout", FIRST]], columns=list(new_units({}, {}, at=FIRST)))
    assert assigned_arms(other, {}) == {}


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
    """Where b turned out to be a, a is held out if either was."""
    table = new_units(arms_before, {}, at=FIRST)
    assert assigned_arms(table, {"b": "a"}) == {"a": expected}
