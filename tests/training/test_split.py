"""Parts of the training rows."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.split import folds_by_customer, split_by_time

DAY = pd.Timestamp("2026-01-01", tz="UTC")


def _instants(days: list[int]) -> pd.Series:
    return pd.Series([DAY + pd.Timedelta(days=day) for day in days])


@pytest.mark.parametrize(
    ("days", "embargo", "train", "test"),
    [
        (list(range(10)), 0, list(range(9)), [8, 9]),
        (list(range(10)), 1, list(range(8)), [8, 9]),
        (list(range(10)), 3, list(range(6)), [8, 9]),
        (list(range(10)), 9, [], [8, 9]),
        ([0, 0, 0, 5, 5], 5, [0, 1, 2], [3, 4]),
        ([5, 0, 5, 0, 0], 5, [1, 3, 4], [0, 2]),
    ],
    ids=["no embargo", "one day", "three", "longer than history", "ties stay together", "any order"],
)
def test_embargo(days: list[int], embargo: int, train: list[int], test: list[int]) -> None:
    """The latest fifth tests; only rows whose window closed by its first snapshot train."""
    split = split_by_time(_instants(days), timedelta(days=embargo))
    assert split.test.tolist() == test
    assert split.train.tolist() == [row for row in train if days[row] + embargo <= min(days[at] for at in test)]
    assert split.train.tolist() == train


@settings(max_examples=25, deadline=None)
@given(days=st.lists(st.integers(0, 60), min_size=1, max_size=60), embargo=st.integers(1, 20))
def test_no_label_reaches_across(days: list[int], embargo: int) -> None:
    """No row is in both parts, and each training row's window closed by every test snapshot."""
    split = split_by_time(_instants(days), timedelta(days=embargo))
    assert len(split.test) >= 1
    assert set(split.train).isdisjoint(split.test)
    first = min(days[row] for row in split.test)
    assert split.test_from == DAY + pd.Timedelta(days=first)
    assert all(days[row] + embargo <= first for row in split.train)
    left_out = set(range(len(days))) - set(split.train) - set(split.test)
    assert all(first - embargo < days[row] < first for row in left_out)


def test_folds_keep_customers_together() -> None:
    """Every row is held out once, no customer is on both sides, and a customer's fold never changes."""
    ids = pd.Series([f"c_{number % 40:024x}" for number in range(100)])
    folds = folds_by_customer(ids)
    assert sorted(np.concatenate([held_out for _, held_out in folds])) == list(range(100))
    for fit, held_out in folds:
        assert set(ids[fit]).isdisjoint(ids[held_out])
        assert len(fit) + len(held_out) == 100
    again = folds_by_customer(ids[:10])
    for (_, held_out), (_, few) in zip(folds, again, strict=True):
        assert [row for row in held_out if row < 10] == few.tolist()
