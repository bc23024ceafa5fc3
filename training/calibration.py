"""Calibration: from raw scores to probabilities that come true as often as they say."""

from dataclasses import dataclass

import numpy as np
from betacal import BetaCalibration
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from training.learners import Vector, log_odds, probability


@dataclass(frozen=True)
class Calibration:
    """A beta calibration: log-odds = a ln p - b ln(1 - p) + c; the identity is a = b = 1, c = 0.

    Source: Kull, Silva Filho and Flach (2017), Beta calibration.
    """

    a: float = 1.0
    b: float = 1.0
    c: float = 0.0

    def apply(self, raw: Vector) -> Vector:
        """Return calibrated probabilities."""
        bounded = np.clip(raw, 1e-6, 1 - 1e-6)
        return probability(self.a * np.log(bounded) - self.b * np.log1p(-bounded) + self.c)


IDENTITY = Calibration()


def choose_calibration(raw: Vector, labels: Vector) -> Calibration:
    """Return a beta calibration if it helps on later rows, else the identity.

    Args:
        raw: out-of-fold probabilities, in the order of time.
        labels: what happened.

    The first half fits, the second judges by log loss; the winner is fitted on all.
    """
    half = len(raw) // 2
    first, second = slice(0, half), slice(half, len(raw))
    if min(labels[first].sum(), labels[second].sum(), (1 - labels[first]).sum(), (1 - labels[second]).sum()) < 20:
        return IDENTITY
    tried = fit_beta(raw[first], labels[first])
    if log_loss(labels[second], tried.apply(raw[second])) < log_loss(labels[second], raw[second]):
        return fit_beta(raw, labels)
    return IDENTITY


def fit_beta(raw: Vector, labels: Vector) -> Calibration:
    """Fit the three numbers of a beta calibration."""
    fitted = BetaCalibration(parameters="abm").fit(np.clip(raw, 1e-6, 1 - 1e-6).reshape(-1, 1), labels)
    a, b, middle = fitted.calibrator_.map_
    return Calibration(float(a), float(b), float(b * np.log(1 - middle) - a * np.log(middle)))


def slope_and_intercept(labels: Vector, predicted: Vector) -> tuple[float, float]:
    """Return the slope and intercept of the labels on the predicted log-odds; 1 and 0 are perfect."""
    fitted = LogisticRegression(C=1e6, max_iter=1_000).fit(log_odds(predicted).reshape(-1, 1), labels)
    return float(fitted.coef_[0][0]), float(fitted.intercept_[0])
