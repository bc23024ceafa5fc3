"""A model is a value: fitted once, it predicts, explains itself, and can be written as text."""

import json
from dataclasses import dataclass

import lightgbm
import numpy as np
import pandas as pd

from training.calibration import IDENTITY, Calibration, choose_calibration
from training.learners import Linear, Matrix, Vector, fit_lightgbm, fit_linear, probability
from training.split import folds_by_customer


@dataclass(frozen=True)
class Model:
    """A fitted model of one target.

    Attributes:
        feature_names: the columns that it reads, in order.
        booster: the trees.
        linear: the logistic regression.
        calibration: applied to the mean of both.
        base_rate: share of positives among the training rows.
    """

    feature_names: tuple[str, ...]
    booster: lightgbm.Booster
    linear: Linear
    calibration: Calibration
    base_rate: float

    def predict(self, features: pd.DataFrame) -> Vector:
        """Return the calibrated probability of the outcome for each row."""
        return self.calibration.apply(probability(self.log_odds(features)))

    def log_odds(self, features: pd.DataFrame) -> Vector:
        """Return the log-odds before calibration: the mean of trees and logistic regression."""
        inputs = to_matrix(features, self.feature_names)
        trees = np.asarray(self.booster.predict(inputs, raw_score=True), dtype=np.float64)
        return (trees + self.linear.log_odds(inputs)) / 2

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return each feature's exact part of the log-odds before calibration (SHAP values).

        A row's parts and the column `baseline` add up to `log_odds`.
        """
        inputs = to_matrix(features, self.feature_names)
        trees = np.asarray(self.booster.predict(inputs, pred_contrib=True), dtype=np.float64)
        parts = (trees[:, :-1] + self.linear.contributions(inputs)) / 2
        frame = pd.DataFrame(parts, columns=list(self.feature_names), index=features.index)
        return frame.assign(baseline=(trees[:, -1] + self.linear.bias) / 2)

    def settings_text(self) -> str:
        """Return all but the trees as JSON."""
        return json.dumps(
            {
                "feature_names": list(self.feature_names),
                "base_rate": self.base_rate,
                "calibration": [self.calibration.a, self.calibration.b, self.calibration.c],
                "linear": {
                    "mean": self.linear.mean.tolist(),
                    "scale": self.linear.scale.tolist(),
                    "weights": self.linear.weights.tolist(),
                    "bias": self.linear.bias,
                },
            },
            indent=1,
        )


def read_model(booster_text: str, settings_text: str) -> Model:
    """Return the model that was written as the booster's text and `settings_text`."""
    settings = json.loads(settings_text)
    linear = settings["linear"]
    return Model(
        feature_names=tuple(settings["feature_names"]),
        booster=lightgbm.Booster(model_str=booster_text),
        linear=Linear(
            np.asarray(linear["mean"]), np.asarray(linear["scale"]), np.asarray(linear["weights"]), linear["bias"]
        ),
        calibration=Calibration(*settings["calibration"]),
        base_rate=settings["base_rate"],
    )


def fit_model(features: pd.DataFrame, labels: Vector, names: list[str], *, seed: int) -> Model:
    """Fit trees and logistic regression on all rows, and the calibration on out-of-fold predictions.

    Args:
        features: customer_id and the columns `names`, in the order of time.
        labels: 0 or 1.
        names: the columns to read.
        seed: of the trees.
    """
    inputs = to_matrix(features, names)
    calibration = IDENTITY
    held_out = out_of_fold(features, inputs, labels, seed=seed)
    if held_out is not None:
        calibration = choose_calibration(held_out, labels)
    return Model(
        feature_names=tuple(names),
        booster=fit_lightgbm(
            inputs, labels, seed=seed, count_customers=features["customer_id"].nunique(), names=list(names)
        ),
        linear=fit_linear(inputs, labels),
        calibration=calibration,
        base_rate=float(labels.mean()),
    )


def out_of_fold(features: pd.DataFrame, inputs: Matrix, labels: Vector, *, seed: int) -> Vector | None:
    """Return each row's raw probability from models that never saw its customer; None if a fold lacks a class."""
    predicted = np.empty(len(labels))
    for fit, held_out in folds_by_customer(features["customer_id"]):
        if len(held_out) == 0:
            continue
        if len(np.unique(labels[fit])) < 2:
            return None
        size = features["customer_id"].iloc[fit].nunique()
        booster = fit_lightgbm(inputs[fit], labels[fit], seed=seed, count_customers=size)
        trees = np.asarray(booster.predict(inputs[held_out], raw_score=True), dtype=np.float64)
        linear = fit_linear(inputs[fit], labels[fit]).log_odds(inputs[held_out])
        predicted[held_out] = probability((trees + linear) / 2)
    return predicted


def to_matrix(features: pd.DataFrame, names: list[str] | tuple[str, ...]) -> Matrix:
    """Return the columns `names` as numbers: flags are 0 and 1, what is missing is NaN."""
    return features[list(names)].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
