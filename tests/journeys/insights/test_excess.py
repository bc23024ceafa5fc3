"""Excess over what the others at a step, and the group elsewhere, lead to expect."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import root
from scipy.special import expit

from journeys.insights.excess import SHRINKAGE, excess, expected_shares

PARTS, STEPS, GROUPS = 50, 6, 3


def _world(rng: np.random.Generator, extra: float = 0.0) -> tuple[np.ndarray, np.ndarray, float]:
    """Return entered, happened and how much more it happens in one cell; elsewhere the odds of step and group multiply."""
    odds = np.exp(rng.normal(-1.0, 0.8, STEPS))[:, None] * np.exp(rng.normal(0.0, 0.4, GROUPS))[None, :]
    share = odds / (1 + odds)
    more = min(extra, 0.95 - share[2, 1])
    share[2, 1] += more
    entered = rng.poisson(12, (PARTS, STEPS, GROUPS)).astype(float)
    return entered, rng.binomial(entered.astype(int), share).astype(float), more * float(entered.sum(axis=0)[2, 1])


def _slow_expected(entered: np.ndarray, happened: np.ndarray, is_compared: np.ndarray) -> np.ndarray:
    """Return the expected shares where the slope of the likelihood is nought, found by a general solver."""
    steps, groups = entered.shape

    def slope(odds: np.ndarray) -> np.ndarray:
        of_step, of_group = odds[:steps], np.append(odds[steps:], -odds[steps:].sum())
        rest = is_compared * (happened - entered * expit(of_step[:, None] + of_group[None, :]))
        by_group = rest.sum(axis=0) - SHRINKAGE * of_group
        return np.concatenate([rest.sum(axis=1) + 0.5 - expit(of_step), by_group[:-1] - by_group[-1]])

    found = root(slope, np.zeros(steps + groups - 1), tol=1e-10).x
    of_group = np.append(found[steps:], -found[steps:].sum())
    return np.asarray(expit(found[:steps, None] + of_group[None, :]))


@pytest.mark.parametrize("seed", [3, 4])
def test_expected_as_a_general_solver_finds_it(seed: int) -> None:
    """The fitted shares are those of the greatest likelihood, also where some are left out."""
    rng = np.random.default_rng(seed)
    entered, happened, _ = _world(rng)
    is_compared = (rng.random((STEPS, GROUPS)) > 0.2).astype(float)
    whole = entered.sum(axis=0), happened.sum(axis=0)
    found = expected_shares(whole[0][None], whole[1][None], is_compared)[0]
    assert found == pytest.approx(_slow_expected(*whole, is_compared), abs=1e-6)


def test_intervals_by_leaving_out_each_part() -> None:
    """Counts and intervals equal those of one part left out after the other."""
    entered, happened, _ = _world(np.random.default_rng(3))
    found = excess(entered, happened)
    left, everywhere = [], np.ones((STEPS, GROUPS))
    for part in range(PARTS):
        rest = [np.delete(table, part, 0).sum(axis=0) for table in (entered, happened)]
        share = expected_shares(rest[0][None], rest[1][None], everywhere)[0]
        left.append((rest[1] - rest[0] * share) * PARTS / (PARTS - 1))
    spread = np.sqrt((PARTS - 1) / PARTS * ((np.array(left) - np.mean(left, axis=0)) ** 2).sum(axis=0))
    half = stats.t.ppf(0.975, PARTS - 1) * spread
    assert found.count_low == pytest.approx(found.count - half)
    assert found.count_high == pytest.approx(found.count + half)
    assert found.count == pytest.approx(happened.sum(axis=0) - entered.sum(axis=0) * found.expected)


def test_what_all_do_is_no_excess() -> None:
    """Where odds multiply, about one cell in twenty lies outside its interval, on either side."""
    outside = total = 0
    for seed in range(40):
        entered, happened, _ = _world(np.random.default_rng(seed))
        found = excess(entered, happened)
        outside += int(((found.count_low > 0) | (found.count_high < 0)).sum())
        total += found.count.size
    assert stats.binomtest(outside, total, 0.05).pvalue > 1e-4


def test_what_one_group_meets_at_one_step() -> None:
    """An excess planted in one cell is found there, with about its size, and its interval covers it."""
    covered, sizes = 0, []
    for seed in range(40):
        entered, happened, truth = _world(np.random.default_rng(1000 + seed), extra=0.15)
        found = excess(entered, happened)
        assert np.unravel_index(found.p_value.argmin(), found.p_value.shape) == (2, 1)
        covered += bool(found.count_low[2, 1] <= truth <= found.count_high[2, 1])
        sizes.append(found.count[2, 1] / truth)
    assert covered >= 33
    assert np.median(sizes) == pytest.approx(1.0, abs=0.2)


def test_nothing_ever_happens() -> None:
    """Without any event there is neither an excess nor a crash."""
    found = excess(np.full((PARTS, 2, 2), 3.0), np.zeros((PARTS, 2, 2)))
    assert np.isfinite(found.count).all()
    assert (found.p_value >= 0.5).all()
