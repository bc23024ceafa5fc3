"""Figures with intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from training.evaluate import (
    customer_draws,
    evaluate,
    weighted_auc,
    weighted_average_precision,
    weighted_calibration_error,
    weighted_lift,
)


@st.composite
def _ranked(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = draw(st.integers(2, 40))
    labels = draw(st.lists(st.integers(0, 1), min_size=count, max_size=count).filter(lambda all_: len(set(all_)) == 2))
    scores = draw(st.lists(st.sampled_from([0.1, 0.2, 0.2, 0.5, 0.9]), min_size=count, max_size=count))
    weights = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    return np.array(labels, float), np.array(scores), np.array(weights, float)


@settings(max_examples=25, deadline=None)
@given(case=_ranked())
def test_auc_equals_that_of_scikit_learn(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Weighted or not, with ties, the area is the one of the reference; with one kind alone there is none."""
    labels, scores, weights = case
    plain, weighted = weighted_auc(labels, scores, np.vstack([np.ones_like(weights), weights]))
    assert plain == pytest.approx(roc_auc_score(labels, scores))
    if len(np.unique(labels[weights > 0])) < 2:
        assert np.isnan(weighted)
    else:
        assert weighted == pytest.approx(roc_auc_score(labels, scores, sample_weight=weights))


@settings(max_examples=25, deadline=None)
@given(case=_ranked())
def test_average_precision_equals_that_of_scikit_learn(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Weighted or not, with ties, the mean precision is the one of the reference."""
    labels, scores, weights = case
    plain, weighted = weighted_average_precision(labels, scores, np.vstack([np.ones_like(weights), weights]))
    assert plain == pytest.approx(average_precision_score(labels, scores))
    if (labels * weights).sum():
        assert weighted == pytest.approx(average_precision_score(labels, scores, sample_weight=weights))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([1, 1] + [0] * 18, 10.0), ([1, 0, 1] + [0] * 17, 5.0), ([0] * 18 + [1, 1], 0.0), ([1] * 20, 1.0)],
    ids=["all in the top tenth", "half of them", "none", "everybody"],
)
def test_lift(labels: list[int], expected: float) -> None:
    """Lift is the rate in the tenth scored highest over the rate of all."""
    scores = np.linspace(1, 0, 20)
    assert weighted_lift(np.array(labels, float), scores, np.ones((1, 20)))[0] == pytest.approx(expected)


def test_lift_of_weights_is_that_of_repeated_rows() -> None:
    """A weight of two counts as the row twice."""
    labels, scores = np.array([1.0, 0, 1, 0, 0, 0]), np.linspace(1, 0, 6)
    weights = np.array([2.0, 1, 3, 1, 2, 1])
    repeated = np.repeat(np.arange(6), weights.astype(int))
    once = weighted_lift(labels, scores, weights[None, :], share=0.3)
    assert once == pytest.approx(
        weighted_lift(labels[repeated], scores[repeated], np.ones((1, len(repeated))), share=0.3)
    )


@pytest.mark.parametrize(("shift", "expected"), [(0.0, 0.0), (0.1, 0.1), (-0.2, 0.2)])
def test_calibration_error(shift: float, expected: float) -> None:
    """Predictions that are off by so much everywhere have that error; those that come true have none."""
    labels = np.tile([1.0] * 5 + [0.0] * 5, 30)
    predicted = np.full(300, 0.5 + shift)
    found = weighted_calibration_error(labels, predicted, np.ones((1, 300)))[0]
    assert found == pytest.approx(expected, abs=1e-9)


def test_draws_take_customers_whole() -> None:
    """Rows of one customer always have the same weight; weights are whole, average one, and repeat with the seed."""
    customers = pd.Series(list("abcabca"))
    draws = customer_draws(customers, seed=1, draws=4_000)
    assert draws.shape == (4_000, 7)
    for name in "abc":
        same = draws[:, (customers == name).to_numpy()]
        assert (same == same[:, :1]).all()
    assert (draws == draws.round()).all()
    assert draws.mean() == pytest.approx(1.0, abs=0.05)
    assert (draws[:, 0] != draws[:, 1]).any()
    np.testing.assert_array_equal(draws, customer_draws(customers, seed=1, draws=4_000))
    assert (draws != customer_draws(customers, seed=2, draws=4_000)).any()


def _predictions(count: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    predicted = rng.uniform(0.02, 0.98, count)
    return (rng.uniform(size=count) < predicted).astype(float), predicted


def test_report_has_every_figure_within_its_interval() -> None:
    """Each figure equals its reference, lies within its interval, and says of how many rows."""
    labels, predicted = _predictions(600)
    report = evaluate("candidate", labels, predicted, pd.Series(range(600)), seed=3)
    assert (report.learner, report.count_rows, report.count_positives) == ("candidate", 600, int(labels.sum()))
    expected = {
        "auc": roc_auc_score(labels, predicted),
        "average_precision": average_precision_score(labels, predicted),
        "brier": brier_score_loss(labels, predicted),
        "log_loss": log_loss(labels, predicted),
    }
    for name, value in expected.items():
        assert report.metrics[name].value == pytest.approx(value), name
    for name in (*expected, "lift_10"):
        figure = report.metrics[name]
        assert figure.low <= figure.value <= figure.high, name
        assert figure.low < figure.high, name
        assert figure.count == 600
    assert report.metrics["calibration_slope"].value == pytest.approx(1.0, abs=0.3)
    assert report.metrics["calibration_intercept"].value == pytest.approx(0.0, abs=0.3)


def test_rows_of_few_customers_tell_less() -> None:
    """The same rows give a wider interval when they belong to few customers, since each is drawn whole."""
    labels, predicted = _predictions(600)
    groups = pd.Series(np.argsort(np.argsort(predicted + labels)) // 60)
    alone = evaluate("x", labels, predicted, pd.Series(range(600)), seed=3).metrics["auc"]
    shared = evaluate("x", labels, predicted, groups, seed=3).metrics["auc"]
    assert shared.value == alone.value
    assert shared.high - shared.low > 1.5 * (alone.high - alone.low)


def test_the_same_seed_gives_the_same_report() -> None:
    """Intervals repeat with the seed and differ without it."""
    labels, predicted = _predictions(100)
    customers = pd.Series(range(100))
    one, again, other = (evaluate("x", labels, predicted, customers, seed=seed).metrics["auc"] for seed in (1, 1, 2))
    assert one == again
    assert one != other


@pytest.mark.parametrize("rows", [200, 2_000])
def test_a_perfect_model_is_within_what_chance_gives(rows: int) -> None:
    """Labels drawn from the predictions show an error that is not 0, and lies where chance puts it."""
    rng = np.random.default_rng(rows)
    inside = 0
    for seed in range(20):
        predicted = rng.uniform(0.05, 0.6, rows)
        labels = (rng.random(rows) < predicted).astype(float)
        report = evaluate("perfect", labels, predicted, pd.Series(np.arange(rows).astype(str)), seed=seed)
        error, chance = report.metrics["calibration_error"], report.metrics["calibration_error_by_chance"]
        inside += error.value <= chance.high
    assert inside >= 18


def test_a_wrong_model_is_outside_what_chance_gives() -> None:
    """Predictions that are twice too high cannot be excused."""
    rng = np.random.default_rng(1)
    predicted = rng.uniform(0.2, 0.9, 1_000)
    labels = (rng.random(1_000) < predicted / 2).astype(float)
    report = evaluate("wrong", labels, predicted, pd.Series(np.arange(1_000).astype(str)), seed=1)
    assert report.metrics["calibration_error"].value > report.metrics["calibration_error_by_chance"].high
