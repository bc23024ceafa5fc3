"""How good a model is on rows that it never saw: figures with intervals, and curves."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from training.calibration import slope_and_intercept
from training.learners import Vector

Weights = np.ndarray[tuple[int, int], np.dtype[np.float64]]

_DRAWS = 200
_BINS = 15


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval (bootstrap over customers) and its denominator."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Report:
    """What the test part showed of one learner."""

    learner: str
    count_rows: int
    count_positives: int
    metrics: dict[str, Estimate]


def evaluate(learner: str, labels: Vector, predicted: Vector, customers: pd.Series, *, seed: int) -> Report:
    """Return the figures of `predicted` on the test part.

    Args:
        learner: its name, for the report.
        labels: what happened, 0 or 1.
        predicted: probability or score of each row, higher meaning likelier.
        customers: the customer of each row: rows of one customer are drawn together.
        seed: of the bootstrap.
    """
    metrics = {
        name: Estimate(
            float(point[0]), float(np.nanquantile(drawn, 0.025)), float(np.nanquantile(drawn, 0.975)), len(labels)
        )
        for name, point, drawn in _figures(labels, predicted, customer_draws(customers, seed=seed))
    }
    by_chance = calibration_error_by_chance(predicted, seed=seed)
    low, high = np.quantile(by_chance, [0.025, 0.975])
    metrics["calibration_error_by_chance"] = Estimate(float(by_chance.mean()), float(low), float(high), len(labels))
    slope, intercept = slope_and_intercept(labels, np.clip(predicted, 1e-6, 1 - 1e-6))
    for name, value in (("calibration_slope", slope), ("calibration_intercept", intercept)):
        metrics[name] = Estimate(value, float("nan"), float("nan"), len(labels))
    return Report(learner, len(labels), int(labels.sum()), metrics)


def customer_draws(customers: pd.Series, *, seed: int, draws: int = _DRAWS) -> Weights:
    """Return weights of shape (draws, rows): each draw takes customers with Poisson(1) weights."""
    codes, unique = pd.factorize(customers)
    weights = np.random.default_rng(seed).poisson(1.0, size=(draws, len(unique)))
    return weights[:, codes].astype(np.float64)


def weighted_auc(labels: Vector, predicted: Vector, weights: Weights) -> Vector:
    """Return the area under the ROC curve for each row of `weights`; ties count half."""
    order = np.argsort(predicted, kind="stable")
    ranked, positive = predicted[order], labels[order]
    starts = np.flatnonzero(np.r_[True, np.diff(ranked) > 0])
    weighted = weights[:, order]
    positives = np.add.reduceat(weighted * positive, starts, axis=1)
    negatives = np.add.reduceat(weighted * (1 - positive), starts, axis=1)
    below = np.cumsum(negatives, axis=1) - negatives
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (positives * (below + negatives / 2)).sum(axis=1) / (positives.sum(axis=1) * negatives.sum(axis=1))
    return np.asarray(area, dtype=np.float64)


def weighted_lift(labels: Vector, predicted: Vector, weights: Weights, *, share: float = 0.1) -> Vector:
    """Return, for each row of `weights`, the rate among the `share` scored highest divided by the rate among all."""
    order = np.argsort(-predicted, kind="stable")
    mass, hits = weights[:, order], weights[:, order] * labels[order]
    is_top = np.cumsum(mass, axis=1) <= share * mass.sum(axis=1, keepdims=True) + 1e-9
    with np.errstate(invalid="ignore", divide="ignore"):
        top = (hits * is_top).sum(axis=1) / (mass * is_top).sum(axis=1)
        return np.asarray(top / (hits.sum(axis=1) / mass.sum(axis=1)), dtype=np.float64)


def weighted_calibration_error(labels: Vector, predicted: Vector, weights: Weights) -> Vector:
    """Return, for each row of `weights`, the expected calibration error over 15 bins of equal size (ECE)."""
    order = np.argsort(predicted, kind="stable")
    starts = np.unique(np.linspace(0, len(order), min(_BINS, len(order)), endpoint=False).astype(int))
    difference = np.add.reduceat(weights[:, order] * (labels - predicted)[order], starts, axis=1)
    return np.asarray(np.abs(difference).sum(axis=1) / weights.sum(axis=1), dtype=np.float64)


def calibration_error_by_chance(predicted: Vector, *, seed: int, draws: int = _DRAWS) -> Vector:
    """Return the calibration errors that a perfect model would show: labels drawn from its own predictions.

    The error over bins is never 0, and the larger the fewer rows there are; what is not above this is no
    evidence against a model.
    """
    bounded = np.clip(predicted, 0, 1)
    everybody = np.ones((1, len(predicted)))
    rng = np.random.default_rng(seed)
    drawn = [(rng.random(len(bounded)) < bounded).astype(np.float64) for _ in range(draws)]
    return np.array([weighted_calibration_error(labels, bounded, everybody)[0] for labels in drawn])


def weighted_average_precision(labels: Vector, predicted: Vector, weights: Weights) -> Vector:
    """Return, for each row of `weights`, the mean precision at the positives, ties taken together."""
    order = np.argsort(-predicted, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(predicted[order]) < 0, True])
    hits = np.cumsum(weights[:, order] * labels[order], axis=1)[:, ends]
    mass = np.cumsum(weights[:, order], axis=1)[:, ends]
    gained = np.diff(hits, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((gained * np.nan_to_num(hits / mass)).sum(axis=1) / hits[:, -1], dtype=np.float64)


def _figures(labels: Vector, predicted: Vector, draws: Weights) -> Iterator[tuple[str, Vector, Vector]]:
    """Yield each figure's name, its value on all rows, and its values on the draws."""
    everybody = np.ones((1, len(labels)))
    bounded = np.clip(predicted, 1e-6, 1 - 1e-6)
    losses = {
        "brier": (labels - np.clip(predicted, 0, 1)) ** 2,
        "log_loss": -(labels * np.log(bounded) + (1 - labels) * np.log(1 - bounded)),
    }
    ranked = {
        "auc": weighted_auc,
        "average_precision": weighted_average_precision,
        "lift_10": weighted_lift,
        "calibration_error": weighted_calibration_error,
    }
    for name, figure in ranked.items():
        yield name, figure(labels, predicted, everybody), figure(labels, predicted, draws)
    for name, loss in losses.items():
        yield name, everybody @ loss / len(labels), draws @ loss / draws.sum(axis=1)
