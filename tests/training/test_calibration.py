"""Probabilities that come true as often as they say."""

import numpy as np
import pytest

from training.calibration import IDENTITY, Calibration, choose_calibration, fit_beta, slope_and_intercept
from training.learners import log_odds, probability


def _drawn(count: int, distort: float, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return raw predictions whose log-odds are `distort` times too large, what happened, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.03, 0.97, count)
    labels = (rng.uniform(size=count) < truth).astype(float)
    return probability(log_odds(truth) * distort), labels, truth


def test_the_identity_changes_nothing() -> None:
    """With a = b = 1 and c = 0 what goes in comes out, and certainty is kept away from 0 and 1."""
    raw = np.array([0.0, 0.01, 0.5, 0.99, 1.0])
    assert IDENTITY.apply(raw) == pytest.approx([1e-6, 0.01, 0.5, 0.99, 1 - 1e-6])


def test_a_calibration_is_its_formula() -> None:
    """Log-odds are a ln p - b ln(1 - p) + c."""
    found = Calibration(2.0, 0.5, -0.3).apply(np.array([0.2, 0.7]))
    expected = [2.0 * np.log(p) - 0.5 * np.log(1 - p) - 0.3 for p in (0.2, 0.7)]
    assert log_odds(found) == pytest.approx(expected)


def test_overconfidence_is_mended() -> None:
    """Predictions twice too sure become right: the fitted formula finds the truth, and keeps the order."""
    raw, labels, truth = _drawn(4_000, 2.0)
    mended = choose_calibration(raw, labels)
    assert mended != IDENTITY
    assert np.abs(mended.apply(raw) - truth).mean() < 0.03 < np.abs(raw - truth).mean()
    grid = np.linspace(0.01, 0.99, 50)
    assert (np.diff(mended.apply(grid)) > 0).all()


def test_fit_beta_equals_the_library() -> None:
    """The three numbers give the probabilities that the fitted library object gives."""
    from betacal import BetaCalibration

    raw, labels, _ = _drawn(800, 1.7)
    reference = BetaCalibration(parameters="abm").fit(raw.reshape(-1, 1), labels)
    assert fit_beta(raw, labels).apply(raw) == pytest.approx(reference.predict(raw.reshape(-1, 1)), abs=1e-6)


def test_too_few_to_judge_leave_it_alone() -> None:
    """With fewer than twenty of either kind in either half nothing is fitted."""
    raw, labels, _ = _drawn(4_000, 2.0)
    few = labels.copy()
    few[np.flatnonzero(few[:2_000])[19:]] = 0
    assert choose_calibration(raw, few) == IDENTITY
    assert choose_calibration(raw[:30], labels[:30]) == IDENTITY


def test_what_does_not_help_later_is_not_taken() -> None:
    """A calibration that the later half contradicts is left out."""
    raw, labels, _ = _drawn(4_000, 1.0)
    turned = labels.copy()
    turned[:2_000] = (np.random.default_rng(2).uniform(size=2_000) < 1 - raw[:2_000]).astype(float)
    assert choose_calibration(raw, turned) == IDENTITY


@pytest.mark.parametrize(("distort", "slope"), [(1.0, 1.0), (2.0, 0.5), (0.5, 2.0)])
def test_slope(distort: float, slope: float) -> None:
    """Right predictions have slope 1, overconfident ones less, timid ones more."""
    raw, labels, _ = _drawn(6_000, distort)
    found = slope_and_intercept(labels, raw)
    assert found == pytest.approx((slope, 0.0), rel=0.1, abs=0.1)
