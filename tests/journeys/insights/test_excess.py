"""Excess over what step and group lead to expect."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import root
from scipy.special import expit

from journeys.insights.excess import SHRINKAGE, Visits, excess

PARTS, STEPS, GROUPS = 50, 6, 3
WEAK = 1e-3


def _world(rng: np.random.Generator, extra: float = 0.0) -> tuple[Visits, float]:
    """Return visits, and how much more it happens to group 1 at step 2; elsewhere log-odds of step and group add up."""
    logit = rng.normal(-1.0, 0.8, STEPS)[:, None] + rng.normal(0.0, 0.4, GROUPS)[None, :]
    before = expit(logit[2, 1])
    logit[2, 1] += extra
    entered = rng.poisson(12, (PARTS, STEPS, GROUPS)).astype(float)
    happened = rng.binomial(entered.astype(int), expit(logit)).astype(float)
    part, step, group = (places.ravel() for places in np.indices(entered.shape))
    visits = Visits(step, group[:, None], part, entered.ravel(), happened.ravel(), STEPS, GROUPS, PARTS)
    return visits, float((expit(logit[2, 1]) - before) * entered.sum(axis=0)[2, 1])


def _cube(visits: Visits) -> tuple[np.ndarray, np.ndarray]:
    shape = (PARTS, STEPS, GROUPS)
    return visits.entered.reshape(shape), visits.happened.reshape(shape)


def _slow_odds(entered: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """Return the log-odds of steps and groups where the slope of the likelihood is nought, by a general solver."""

    def slope(odds: np.ndarray) -> np.ndarray:
        of_step, of_group = odds[:STEPS], odds[STEPS:]
        rest = happened - entered * expit(of_step[:, None] + of_group[None, :])
        return np.concatenate([rest.sum(axis=1) - WEAK * of_step, rest.sum(axis=0) - SHRINKAGE * of_group])

    return np.asarray(root(slope, np.zeros(STEPS + GROUPS), tol=1e-12).x)


def test_expected_and_intervals_by_hand() -> None:
    """Without any excess, expected counts are those of the model, and variances those of its parts, place by place."""
    visits, _ = _world(np.random.default_rng(3))
    entered, happened = _cube(visits)
    whole_entered, whole_happened = entered.sum(axis=0), happened.sum(axis=0)
    found = excess(visits)
    odds = _slow_odds(whole_entered, whole_happened)
    share = expit(odds[:STEPS, None] + odds[None, STEPS:])
    assert found.expected == pytest.approx(whole_entered * share, rel=1e-6)
    assert found.others == pytest.approx(whole_entered.sum(axis=1, keepdims=True) - whole_entered)
    bend = whole_entered * share * (1 - share)
    information = np.diag([WEAK] * STEPS + [SHRINKAGE] * GROUPS)
    for step in range(STEPS):
        for group in range(GROUPS):
            both = np.zeros(STEPS + GROUPS)
            both[[step, STEPS + group]] = 1.0
            information += bend[step, group] * np.outer(both, both)
    bread = np.linalg.inv(information)
    for step in range(STEPS):
        for group in range(GROUPS):
            slope = np.zeros(STEPS + GROUPS)
            slope[[step, STEPS + group]] = bend[step, group]
            moved = []
            for part in range(PARTS):
                rest = happened[part] - entered[part] * share
                score = np.concatenate([rest.sum(axis=1), rest.sum(axis=0)])
                moved.append(rest[step, group] - slope @ bread @ score)
            spread = np.sqrt(PARTS / (PARTS - 1) * ((np.array(moved) - np.mean(moved)) ** 2).sum())
            half = stats.t.ppf(0.975, PARTS - 1) * spread
            assert found.count_high[step, group] - found.count[step, group] == pytest.approx(half, rel=1e-5)


def test_what_all_do_is_no_excess() -> None:
    """Where log-odds add up, about one place in twenty lies outside its interval, on either side."""
    outside = total = 0
    for seed in range(40):
        found = excess(_world(np.random.default_rng(seed))[0])
        outside += int(((found.count_low > 0) | (found.count_high < 0)).sum())
        total += found.count.size
    assert stats.binomtest(outside, total, 0.05).pvalue > 1e-4


def test_what_one_group_meets_at_one_step() -> None:
    """An excess planted in one place is found there, its interval covers it, and no other place looks like one."""
    covered, sizes = 0, []
    for seed in range(40):
        visits, truth = _world(np.random.default_rng(1000 + seed), extra=1.0)
        found = excess(visits)
        assert np.unravel_index(found.p_value.argmin(), found.p_value.shape) == (2, 1)
        covered += bool(found.count_low[2, 1] <= truth <= found.count_high[2, 1])
        sizes.append(found.count[2, 1] / truth)
    assert covered >= 33
    assert np.median(sizes) == pytest.approx(1.0, abs=0.1)


def test_groups_that_nobody_knows() -> None:
    """Visits of people whose group is not told count for the step, and for no group."""
    visits, _ = _world(np.random.default_rng(5))
    unknown = np.where(visits.groups == 2, -1, visits.groups)
    found = excess(Visits(visits.step, unknown, visits.part, visits.entered, visits.happened, STEPS, GROUPS, PARTS))
    assert found.expected[:, 2] == pytest.approx(0.0)
    assert (found.p_value[:, 2] >= 0.5).all()


def test_nothing_ever_happens() -> None:
    """Without any event there is neither an excess nor a crash."""
    visits, _ = _world(np.random.default_rng(6))
    never = Visits(
        visits.step, visits.groups, visits.part, visits.entered, np.zeros_like(visits.happened), STEPS, GROUPS, PARTS
    )
    found = excess(never)
    assert np.isfinite(found.count).all()
    assert (found.p_value > 0.4).all()
