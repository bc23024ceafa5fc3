"""Scores of identity, against counting every pair."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.identity_scores import b_cubed, pair_scores

GROUPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25)


@settings(max_examples=100, deadline=None)
@given(rows=GROUPS)
def test_equals_counting_pairs(rows: list[tuple[int, int]]) -> None:
    """Precision and recall of pairs, and the largest group, equal those counted pair by pair."""
    truth, found = (np.array(column) for column in zip(*rows, strict=True))
    pairs = list(combinations(rows, 2))
    together = [one for one in pairs if one[0][1] == one[1][1]]
    belong = [one for one in pairs if one[0][0] == one[1][0]]
    right = [one for one in together if one[0][0] == one[1][0]]
    scores = pair_scores(truth, found)
    assert scores.precision == pytest.approx(len(right) / len(together) if together else 1.0)
    assert scores.recall == pytest.approx(len(right) / len(belong) if belong else 1.0)
    assert scores.largest == max(np.bincount(found))


@settings(max_examples=100, deadline=None)
@given(rows=GROUPS)
def test_b_cubed_equals_counting(rows: list[tuple[int, int]]) -> None:
    """The mean over identifiers of the share of its group that belongs there, and of what belongs there that is."""
    truth, found = (np.array(column) for column in zip(*rows, strict=True))
    precise, complete = [], []
    for person, group in rows:
        own, same = (
            {i for i, row in enumerate(rows) if row[1] == group},
            {i for i, row in enumerate(rows) if row[0] == person},
        )
        precise.append(len(own & same) / len(own))
        complete.append(len(own & same) / len(same))
    assert b_cubed(truth, found) == pytest.approx((np.mean(precise), np.mean(complete)))


def test_f1() -> None:
    """All put together rightly is one; nothing right is none."""
    assert pair_scores(np.array([1, 1, 2]), np.array([7, 7, 8])).f1 == 1.0
    assert pair_scores(np.array([1, 2, 1, 2]), np.array([1, 1, 2, 2])).f1 == 0.0
