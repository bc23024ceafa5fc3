"""A model is a value."""

import numpy as np
import pandas as pd
import pytest

from tests.training.test_learners import rows
from training.calibration import IDENTITY, choose_calibration
from training.learners import fit_lightgbm, probability
from training.model import Model, fit_model, out_of_fold, read_model, to_matrix

NAMES = ["first", "second", "third", "fourth"]


def _features(count: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    inputs, labels = rows(count, seed)
    frame = pd.DataFrame(inputs, columns=NAMES)
    frame["customer_id"] = [f"c_{number // 2:024x}" for number in range(count)]
    return frame, labels


@pytest.fixture(scope="module")
def model() -> Model:
    features, labels = _features(400)
    return fit_model(features, labels, NAMES, seed=4)


def test_written_and_read_it_predicts_the_same(model: Model) -> None:
    """Text is all that a model needs: the one read back gives the very same numbers."""
    later, _ = _features(200, seed=8)
    again = read_model(model.booster.model_to_string(), model.settings_text())
    np.testing.assert_array_equal(again.predict(later), model.predict(later))
    pd.testing.assert_frame_equal(again.contributions(later), model.contributions(later))
    assert (again.feature_names, again.base_rate) == (model.feature_names, model.base_rate)
    assert again.settings_text() == model.settings_text()


def test_contributions_add_up(model: Model) -> None:
    """Each row's parts and the baseline are its log-odds before calibration; the index is kept."""
    later, _ = _features(200, seed=8)
    later.index = later.index + 1_000
    parts = model.contributions(later)
    assert parts.columns.tolist() == [*NAMES, "baseline"]
    assert parts.index.equals(later.index)
    np.testing.assert_allclose(parts.sum(axis=1), model.log_odds(later), atol=1e-9)
    assert parts["baseline"].nunique() == 1
    assert parts["first"].abs().mean() > parts["third"].abs().mean()


def test_training_twice_gives_the_same(model: Model) -> None:
    """The same rows, in the same order, give the same model to the last digit."""
    features, labels = _features(400)
    again = fit_model(features, labels, NAMES, seed=4)
    assert again.booster.model_to_string() == model.booster.model_to_string()
    assert again.settings_text() == model.settings_text()


def test_predictions_are_calibrated_probabilities(model: Model) -> None:
    """Predictions lie between 0 and 1, and come true about as often as they say."""
    later, labels = _features(2_000, seed=8)
    predicted = model.predict(later)
    assert ((predicted > 0) & (predicted < 1)).all()
    assert predicted.mean() == pytest.approx(labels.mean(), abs=0.06)
    assert model.base_rate == pytest.approx(_features(400)[1].mean())


def test_the_order_of_columns_does_not_matter(model: Model) -> None:
    """A model picks its columns by name and ignores others."""
    later, _ = _features(50, seed=8)
    turned = later[["customer_id", *reversed(NAMES)]].assign(other=1)
    np.testing.assert_array_equal(model.predict(turned), model.predict(later))


def test_out_of_fold_never_saw_the_customer() -> None:
    """What follows from who the customer is can be learned by heart, but not predicted out of fold."""
    numbers = np.repeat(np.arange(20), 20)
    features = pd.DataFrame({"customer_id": [f"c_{number:024x}" for number in numbers], "first": numbers * 1.0})
    labels = np.random.default_rng(3).integers(2, size=20)[numbers].astype(float)
    inputs = to_matrix(features, ["first"])
    predicted = out_of_fold(features, inputs, labels, seed=1)
    by_heart = np.asarray(fit_lightgbm(inputs, labels, seed=1, count_customers=20).predict(inputs))
    assert predicted is not None
    assert ((by_heart > 0.5) == (labels > 0.5)).mean() > 0.95
    assert ((predicted > 0.5) == (labels > 0.5)).mean() < 0.75


def test_without_both_kinds_in_a_fold_nothing_is_calibrated() -> None:
    """Where one customer has all the positives there is nothing to calibrate by."""
    features, _ = _features(100)
    alone = (features["customer_id"] == features["customer_id"].iloc[0]).to_numpy().astype(float)
    assert out_of_fold(features, to_matrix(features, NAMES), alone, seed=1) is None


def test_matrix() -> None:
    """Numbers, flags and what is missing become numbers, whatever kind of column holds them."""
    frame = pd.DataFrame(
        {
            "flag": pd.Series([True, None, False], dtype=object),
            "nullable": pd.Series([1, pd.NA, 3], dtype="Int64"),
            "plain": [0.5, np.nan, 2.0],
            "whole": [1, 2, 3],
        }
    )
    found = to_matrix(frame, ["whole", "flag", "nullable", "plain"])
    np.testing.assert_array_equal(found, [[1, 1, 1, 0.5], [2, np.nan, np.nan, np.nan], [3, 0, 3, 2]])


def test_the_calibration_comes_from_out_of_fold_predictions() -> None:
    """A model is calibrated by what its folds said of customers whom they had not seen, where that helps."""
    features, _ = _features(400)
    labels = (features["first"] > 0).to_numpy(dtype=float)
    model = fit_model(features, labels, NAMES, seed=4)
    held_out = out_of_fold(features, to_matrix(features, NAMES), labels, seed=4)
    assert held_out is not None
    assert model.calibration == choose_calibration(held_out, labels)
    assert model.calibration != IDENTITY
    later, _ = _features(50, seed=8)
    np.testing.assert_allclose(
        model.predict(later), model.calibration.apply(probability(model.log_odds(later))), rtol=1e-12
    )
