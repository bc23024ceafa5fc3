"""Groups of paths that go in the same way."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.insights.markov_mixture import Counts, beliefs, choose, counts_of, fit, likelihood, stability


def drawn(seed: int, count: int, groups: int, steps: int = 8) -> tuple[Counts, np.ndarray]:
    """Return paths of so many planted groups, and the group of each."""
    rng = np.random.default_rng(seed)
    following = rng.dirichlet(np.full(steps, 0.3), (groups, steps))
    own = rng.integers(0, groups, count)
    lengths = 4 + rng.poisson(8, count)
    path, step = [], []
    for number, (group, length) in enumerate(zip(own, lengths, strict=True)):
        at = int(rng.integers(steps))
        for _ in range(length):
            path.append(number)
            step.append(at)
            at = int(rng.choice(steps, p=following[group, at]))
    return counts_of(np.array(path), np.array(step), steps), own


def _agreement(own: np.ndarray, found: np.ndarray) -> float:
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(own, found))


@pytest.mark.parametrize("groups", [1, 3])
def test_as_many_groups_are_found_as_there_are(groups: int) -> None:
    """What was held out chooses the number of groups: one where there is one, three where there are three, and which path is whose."""
    counts, own = drawn(1, 1500, groups)
    rng = np.random.default_rng(5)
    assert choose(counts, 5, rng) == groups
    mixture = fit(counts, groups, rng)
    if groups > 1:
        assert _agreement(own, beliefs(counts, mixture).argmax(axis=1)) > 0.8
        assert (stability(counts, mixture, rng) > 0.75).all()


def test_groups_that_are_not_there_do_not_stay() -> None:
    """Four groups made of one do not come out again when other paths are drawn."""
    counts, _ = drawn(2, 800, 1)
    rng = np.random.default_rng(5)
    assert stability(counts, fit(counts, 4, rng), rng).min() < 0.75


@settings(max_examples=50, deadline=None)
@given(paths=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=6), min_size=1, max_size=8))
def test_a_path_s_probability_is_the_product_of_its_steps(paths: list[list[int]]) -> None:
    """Counts and likelihood equal walking each path, step by step."""
    path = np.array([number for number, one in enumerate(paths) for _ in one])
    counts = counts_of(path, np.array([step for one in paths for step in one]), 4)
    mixture = fit(counts, 2, np.random.default_rng(1))
    share = {
        (origin, step): mixture.following[column]
        for column, (origin, step) in enumerate(zip(counts.origin.tolist(), counts.step.tolist(), strict=True))
    }
    expected = []
    for one in paths:
        total = mixture.weight + share[-1, one[0]]
        for before, after in pairwise(one):
            total = total + share[before, after]
        expected.append(np.logaddexp.reduce(total))
    assert likelihood(counts, mixture) == pytest.approx(np.array(expected))
    assert beliefs(counts, mixture).sum(axis=1) == pytest.approx(np.ones(len(paths)))
    assert np.exp(mixture.weight).sum() == pytest.approx(1.0)
