"""Curves of a model on its test part, as pictures."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from training.learners import Vector

mpl.use("Agg")


def draw_curves(labels: Vector, predictions: dict[str, Vector]) -> dict[str, Figure]:
    """Return the ROC, reliability and gain curves by file name; one line a learner."""
    return {
        "roc.png": _roc(labels, predictions),
        "reliability.png": _reliability(labels, predictions),
        "gain.png": _gain(labels, predictions),
    }


def _roc(labels: Vector, predictions: dict[str, Vector]) -> Figure:
    figure, axes = _empty("Share of negatives above the threshold", "Share of positives above the threshold")
    for learner, predicted in predictions.items():
        false_rate, true_rate, _ = roc_curve(labels, predicted)
        axes.plot(false_rate, true_rate, label=learner)
    axes.legend(frameon=False)
    return figure


def _reliability(labels: Vector, predictions: dict[str, Vector]) -> Figure:
    figure, axes = _empty("Predicted probability", "Share that happened")
    for learner, predicted in predictions.items():
        parts = np.array_split(np.argsort(predicted, kind="stable"), 10)
        points = [(predicted[part].mean(), labels[part].mean()) for part in parts if len(part)]
        axes.plot(*zip(*points, strict=True), marker="o", label=learner)
    axes.legend(frameon=False)
    return figure


def _gain(labels: Vector, predictions: dict[str, Vector]) -> Figure:
    figure, axes = _empty("Share of customers, highest score first", "Share of positives among them")
    for learner, predicted in predictions.items():
        gained = np.cumsum(labels[np.argsort(-predicted, kind="stable")]) / max(labels.sum(), 1)
        axes.plot(np.arange(1, len(labels) + 1) / len(labels), gained, label=learner)
    axes.legend(frameon=False)
    return figure


def _empty(x_label: str, y_label: str) -> tuple[Figure, "mpl.axes.Axes"]:
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.set(xlabel=x_label, ylabel=y_label, xlim=(0, 1), ylim=(0, 1))
    return figure, axes
