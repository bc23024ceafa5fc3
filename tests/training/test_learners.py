"""From rows and labels to something that predicts."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training import learners
from training.learners import fit_lightgbm, fit_linear, fit_xgboost, log_odds, predict_xgboost, probability


def rows(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return four inputs, of which the first raises and a missing second lowers the chance, and the labels."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(count, 4)) * [1, 5, 100, 1]
    inputs[rng.uniform(size=count) < 0.3, 1] = np.nan
    inputs[:, 3] = 7.0
    odds = 1.5 * inputs[:, 0] - 1.5 * np.isnan(inputs[:, 1])
    return inputs, (rng.uniform(size=count) < probability(odds)).astype(float)


def test_log_odds_and_probability_are_inverse() -> None:
    """One undoes the other, away from certainty."""
    assert probability(log_odds(np.array([0.001, 0.5, 0.9]))) == pytest.approx([0.001, 0.5, 0.9])
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_trees_learn_and_repeat() -> None:
    """The same rows and seed give the same trees, byte for byte; they rank rows that they never saw."""
    inputs, labels = rows(600)
    texts = [fit_lightgbm(inputs, labels, seed=1, count_customers=600).model_to_string() for _ in range(2)]
    assert texts[0] == texts[1]
    later, happened = rows(600, seed=9)
    booster = fit_lightgbm(inputs, labels, seed=1, count_customers=600)
    assert roc_auc_score(happened, booster.predict(later)) > 0.75


@pytest.mark.parametrize(("customers", "leaves"), [(100, 4), (5_000, 8), (20_000, 15)])
def test_trees_grow_with_customers(customers: int, leaves: int) -> None:
    """Few customers get small trees, however many rows they have."""
    inputs, labels = rows(2_000)
    booster = fit_lightgbm(inputs, labels, seed=1, count_customers=customers)
    assert max(tree["num_leaves"] for tree in booster.dump_model()["tree_info"]) == leaves


def test_the_challenger_learns_and_repeats() -> None:
    """XGBoost gives the same probabilities for the same rows and seed, and ranks unseen rows."""
    inputs, labels = rows(600)
    later, happened = rows(600, seed=9)
    first, again = (predict_xgboost(fit_xgboost(inputs, labels, seed=1), later) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert roc_auc_score(happened, first) > 0.75
    assert ((first > 0) & (first < 1)).all()


def test_linear_parts_add_up() -> None:
    """Contributions and bias are the log-odds; what never varied contributes nothing."""
    inputs, labels = rows(400)
    linear = fit_linear(inputs, labels)
    parts = linear.contributions(inputs)
    assert parts.shape == inputs.shape
    np.testing.assert_allclose(parts.sum(axis=1) + linear.bias, linear.log_odds(inputs))
    assert (parts[:, 3] == 0).all()
    assert roc_auc_score(labels, linear.log_odds(inputs)) > 0.75


def test_linear_knows_missing_from_nought() -> None:
    """A missing input is an input of its own: here it lowers the log-odds."""
    inputs, labels = rows(2_000)
    linear = fit_linear(inputs, labels)
    probe = np.array([[0.0, 0.0, 0.0, 7.0], [0.0, np.nan, 0.0, 7.0]])
    nought, missing = linear.log_odds(probe)
    assert missing < nought


def test_linear_bounds_what_is_extreme() -> None:
    """A value far outside the training rows counts as one four deviations away."""
    inputs, labels = rows(400)
    linear = fit_linear(inputs, labels)
    far = np.array([[1e12, 0, 0, 7.0], [1e15, 0, 0, 7.0]])
    assert linear.log_odds(far)[0] == linear.log_odds(far)[1]


def test_threads_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees of one thread and of two predict the same."""
    inputs, labels = rows(500)

    def predictions() -> list[np.ndarray]:
        booster = fit_lightgbm(inputs, labels, seed=1, count_customers=500)
        return [booster.predict(inputs), predict_xgboost(fit_xgboost(inputs, labels, seed=1), inputs)]

    with_one = predictions()
    monkeypatch.setattr(learners, "_ROWS_FOR_TWO_THREADS", 1)
    np.testing.assert_array_equal(with_one, predictions())
