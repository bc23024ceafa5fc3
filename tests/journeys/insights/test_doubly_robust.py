"""A contrast between the exposed and others like them."""

import numpy as np
import pytest

from journeys.insights.doubly_robust import MIN_EXPOSED, Trial, contrast, e_value, robustness, unknown_share


def drawn_trial(seed: int, count: int = 6000, effect: float = 0.1, hidden: float = 0.0) -> Trial:
    """Return a trial whose exposure and outcome both grow with something that is recorded, and with something that is not."""
    rng = np.random.default_rng(seed)
    known, unknown = rng.normal(size=(count, 3)), rng.normal(size=count)
    exposed = rng.random(count) < 1 / (1 + np.exp(1.0 - known[:, 0] - hidden * unknown))
    rate = np.clip(0.3 + 0.1 * known[:, 0] + 0.1 * hidden * unknown + effect * exposed, 0, 1)
    outcome = (rng.random(count) < rate).astype(float)
    noise = rng.normal(size=(count, 3))
    return Trial(known, rng.normal(size=count), known, known + noise, exposed, outcome, np.arange(count))


def test_what_is_recorded_is_adjusted_for() -> None:
    """Of ten worlds, nine or more of the intervals hold the truth, and the raw difference is far above it."""
    found = [contrast(drawn_trial(seed), seed=1) for seed in range(10)]
    covered = [one.difference_low <= 0.1 <= one.difference_high for one in found]
    assert sum(covered) >= 9
    assert all(one.raw_difference > 0.15 for one in found)
    assert all(one.worst_imbalance < 0.1 and one.effective_share > 0.2 for one in found)


def test_nothing_is_found_where_nothing_is() -> None:
    """Without an effect the interval holds nought."""
    found = [contrast(drawn_trial(seed, effect=0.0), seed=1) for seed in range(10)]
    assert sum(one.difference_low <= 0 <= one.difference_high for one in found) >= 9


def test_rows_of_one_customer_stand_together() -> None:
    """The same rows twice say no more than once: the interval stays as wide."""
    once = drawn_trial(3, count=3000)
    twice = Trial(
        *(np.concatenate([getattr(once, name)] * 2) for name in ("covariates", "placebo", "earlier", "thinned")),
        np.concatenate([once.is_exposed] * 2),
        np.concatenate([once.outcome] * 2),
        np.concatenate([once.unit] * 2),
    )
    first, second = contrast(once, seed=1), contrast(twice, seed=1)
    width = [one.difference_high - one.difference_low for one in (first, second)]
    assert width[1] == pytest.approx(width[0], rel=0.1)


def test_too_few_say_nothing() -> None:
    """Fewer exposed customers than needed, a constant outcome or no others: None, and no number."""
    trial = drawn_trial(1, count=1000)
    few = np.flatnonzero(trial.is_exposed)[: MIN_EXPOSED - 1]
    rows = np.concatenate([few, np.flatnonzero(~trial.is_exposed)])

    def part(chosen: np.ndarray, outcome: np.ndarray) -> Trial:
        names = ("covariates", "placebo", "earlier", "thinned", "is_exposed")
        return Trial(*(getattr(trial, name)[chosen] for name in names), outcome[chosen], trial.unit[chosen])

    assert contrast(part(rows, trial.outcome), seed=1) is None
    assert contrast(part(np.arange(1000), np.ones(1000)), seed=1) is None
    assert contrast(part(np.flatnonzero(trial.is_exposed), trial.outcome), seed=1) is None


def test_a_difference_that_was_there_before_is_seen() -> None:
    """Where the exposed had already been more active than what was known explains, the placebo says so."""
    trial = drawn_trial(5)
    moved = Trial(
        trial.covariates,
        trial.placebo + trial.is_exposed,
        trial.earlier,
        trial.thinned,
        trial.is_exposed,
        trial.outcome,
        trial.unit,
    )
    assert abs(contrast(trial, seed=1).placebo) < 0.1
    assert contrast(moved, seed=1).placebo > 0.5


@pytest.mark.parametrize(
    ("raw", "half", "all_of_it", "expected"),
    [
        (3.0, 1.5, 1.0, 0.5),  # b = 3, s = 2: a third is left of three, over two that were taken out
        (3.0, 1.0, 1.0, 0.5),  # half does as much as all; never less than a half is taken as left
        (3.0, 2.0, 1.0, 3.0),  # each half takes out as much as the other: there is no end in sight
        (3.0, 3.5, 1.0, 3.0),  # no rule in it
    ],
)
def test_what_is_left_by_how_fast_it_went(raw: float, half: float, all_of_it: float, expected: float) -> None:
    """The less the second half of the events adds, the less is left."""
    assert unknown_share(raw, half, all_of_it) == pytest.approx(expected)


def test_published_figures() -> None:
    """E-values of VanderWeele and Ding (2017): 3.9 gives 7.26; robustness of Cinelli and Hazlett (2020): t 4.184, 783 give .139."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.01)
    assert robustness(4.184, 783) == pytest.approx(0.139, abs=0.0005)
