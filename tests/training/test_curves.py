"""Curves as pictures."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure

from training.curves import draw_curves

LABELS = np.array([0.0, 0, 1, 0, 1, 1] * 20)
PREDICTIONS = {"candidate": np.linspace(0, 1, 120), "base_rate": np.full(120, 0.5)}


@pytest.fixture(scope="module")
def curves() -> dict[str, Figure]:
    return draw_curves(LABELS, PREDICTIONS)


def test_one_line_a_learner(curves: dict[str, Figure]) -> None:
    """Each picture has the diagonal and one named line a learner, and can be written as PNG."""
    assert set(curves) == {"roc.png", "reliability.png", "gain.png"}
    for figure in curves.values():
        (axes,) = figure.axes
        assert len(axes.lines) == 3
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["candidate", "base_rate"]
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        written = io.BytesIO()
        figure.savefig(written, format="png")
        assert written.getvalue().startswith(b"\x89PNG")


def test_gain_counts_positives_from_the_top(curves: dict[str, Figure]) -> None:
    """The gain curve ends with all positives, and a useful order lies above the diagonal."""
    line = curves["gain.png"].axes[0].lines[1]
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    assert (x[-1], y[-1]) == (1.0, 1.0)
    top = LABELS[np.argsort(-PREDICTIONS["candidate"])][:12].sum() / LABELS.sum()
    assert y[11] == pytest.approx(top)


def test_reliability_compares_said_with_happened(curves: dict[str, Figure]) -> None:
    """Ten groups of equal size: the mean of what was predicted against the share that happened."""
    line = curves["reliability.png"].axes[0].lines[1]
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    assert len(x) == 10
    assert x[0] == pytest.approx(PREDICTIONS["candidate"][:12].mean())
    assert y[0] == pytest.approx(LABELS[:12].mean())
