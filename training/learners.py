"""Learners: from rows and labels to something that predicts. Each is a function; none keeps state.

The champion is the mean, in log-odds, of a strongly regularised LightGBM and a ridge logistic
regression on log-scaled inputs: on small journeys data the two err differently, and the mean beat
either alone (`benchmarks/loan_applications_models.py`).
"""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
import xgboost
from sklearn.linear_model import LogisticRegression

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Vector = np.ndarray[tuple[int], np.dtype[np.float64]]

_CLIP = 4.0
_RIDGE = 0.003
_TINY = 1e-6
_ROWS_FOR_TWO_THREADS = 50_000
"""With fewer rows one thread is enough: two wait for each other, on a busy machine for many seconds. The answer is the same."""


def log_odds(probability: Vector) -> Vector:
    """Return ln(p / (1 - p)), with p kept away from 0 and 1."""
    bounded = np.clip(probability, _TINY, 1 - _TINY)
    return np.asarray(np.log(bounded / (1 - bounded)), dtype=np.float64)


def probability(odds: Vector) -> Vector:
    """Return 1 / (1 + exp(-x)), the inverse of `log_odds`."""
    return 1.0 / (1.0 + np.exp(-odds))


@dataclass(frozen=True)
class Linear:
    """A logistic regression on scaled inputs, as plain numbers.

    Attributes:
        mean: of each transformed input over the training rows.
        scale: standard deviation of each; 0 marks an input that never varied.
        weights: one a transformed input; values first, then whether each was missing.
        bias: log-odds of a customer at the mean.
    """

    mean: Vector
    scale: Vector
    weights: Vector
    bias: float

    def contributions(self, inputs: Matrix) -> Matrix:
        """Return each input's part of the log-odds, missing and value together, before the bias."""
        parts = _standardised(inputs, self.mean, self.scale) * self.weights
        count = inputs.shape[1]
        return parts[:, :count] + parts[:, count:]

    def log_odds(self, inputs: Matrix) -> Vector:
        """Return the log-odds of each row."""
        return np.asarray(self.contributions(inputs).sum(axis=1) + self.bias, dtype=np.float64)


def fit_lightgbm(
    inputs: Matrix, labels: Vector, *, seed: int, count_customers: int, names: list[str] | None = None
) -> lightgbm.Booster:
    """Fit gradient-boosted trees; deterministic for the same rows, in the same order, and seed.

    Trees grow with the number of customers, not of rows: several snapshots of one customer are
    nearly one observation. With a few thousand customers, trees of four leaves and a low rate beat
    deeper ones.
    """
    leaves = 4 if count_customers < 5_000 else 8 if count_customers < 20_000 else 15
    parameters = {
        "objective": "binary",
        "learning_rate": 0.03,
        "num_leaves": leaves,
        "min_child_samples": 20 if count_customers < 5_000 else 50,
        "feature_fraction": 0.3,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": _threads(labels),
        "verbose": -1,
    }
    data = lightgbm.Dataset(inputs, labels, feature_name=names or "auto", free_raw_data=True)
    return lightgbm.train(parameters, data, num_boost_round=250 if count_customers < 20_000 else 400)


def fit_xgboost(inputs: Matrix, labels: Vector, *, seed: int) -> Any:
    """Fit the challenger: XGBoost of comparable size; returns its booster."""
    parameters = {
        "objective": "binary:logistic",
        "eta": 0.04,
        "max_depth": 3,
        "min_child_weight": 5,
        "subsample": 0.8,
        "colsample_bytree": 0.4,
        "lambda": 5.0,
        "seed": seed,
        "nthread": _threads(labels),
        "verbosity": 0,
    }
    return xgboost.train(parameters, xgboost.DMatrix(inputs, labels), num_boost_round=200)


def predict_xgboost(booster: Any, inputs: Matrix) -> Vector:
    """Return the challenger's probabilities."""
    return np.asarray(booster.predict(xgboost.DMatrix(inputs)), dtype=np.float64)


def fit_linear(inputs: Matrix, labels: Vector) -> Linear:
    """Fit the logistic regression on sign(x) ln(1 + |x|) of the inputs and on whether they are missing."""
    transformed = _transformed(inputs)
    mean, scale = transformed.mean(axis=0), transformed.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 0.0)
    fitted = LogisticRegression(C=_RIDGE, max_iter=1_000).fit(_standardised(inputs, mean, scale), labels)
    return Linear(mean, scale, fitted.coef_[0].astype(np.float64), float(fitted.intercept_[0]))


def _threads(labels: Vector) -> int:
    return 2 if len(labels) >= _ROWS_FOR_TWO_THREADS else 1


def _transformed(inputs: Matrix) -> Matrix:
    present = np.nan_to_num(inputs, nan=0.0)
    return np.hstack([np.sign(present) * np.log1p(np.abs(present)), np.isnan(inputs).astype(np.float64)])


def _standardised(inputs: Matrix, mean: Vector, scale: Vector) -> Matrix:
    divisor = np.where(scale > 0, scale, 1.0)
    standard = np.clip((_transformed(inputs) - mean) / divisor, -_CLIP, _CLIP)
    return standard * (scale > 0)
