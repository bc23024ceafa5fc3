"""Heads: taught by labels, judged on texts that they have not seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.texts.head import FOLDS, Labels, auc_with_interval, fit_head, fold_of, unseen_shares
from tests.journeys.texts.made_of import labels_of, opinions


def test_learns_words() -> None:
    """Texts that it has not seen are told apart by the words that they share with those that it has."""
    texts, classes = opinions(1, 400, clear=1.0)
    head = fit_head(labels_of(texts[:300], classes[:300]))
    assert head.classes.tolist() == [-1, 1]
    shares = head.shares(texts[300:])
    assert np.allclose(shares.sum(axis=1), 1)
    assert (np.where(shares[:, 1] > 0.5, 1, -1) == classes[300:]).mean() > 0.95


@pytest.mark.parametrize("with_parts", [True, False])
def test_shares_are_those_of_the_classes(with_parts: bool) -> None:
    """Where words say nothing, the shares are how often each class came, though all are taught alike."""
    rng = np.random.default_rng(3)
    texts = [" ".join(rng.choice(["parcel", "desk", "invoice", "branch"], 3)) + f" no{row}" for row in range(2000)]
    classes = np.where(rng.random(2000) < 0.15, -1, 1)
    shares = unseen_shares(labels_of(texts, classes), lambda some: fit_head(some, with_parts=with_parts), (-1, 1))
    assert shares[:, 0].mean() == pytest.approx((classes == -1).mean(), abs=0.03)


def test_how_often_counts() -> None:
    """A text that was given one class nine times and the other once is mostly the first."""
    labels = Labels(
        ["parcel lost", "parcel lost", "desk quick", "desk quick"], np.array([-1, 1, 1, -1]), np.array([9.0, 1, 9, 1])
    )
    lost, quick = fit_head(labels).shares(["parcel lost", "desk quick"])
    assert lost[0] > 0.6
    assert quick[0] < 0.4


def test_further_columns() -> None:
    """What is told beside the words is used, and is enough where no word comes twice."""
    texts = [f"w{number}" for number in range(60)]
    classes = np.where(np.arange(60) < 30, -1, 1)
    head = fit_head(labels_of(texts, classes), lambda some: np.array([[float(one[1:]) / 60 - 0.5] for one in some]))
    assert (head.shares(["w2", "w58"]).argmax(axis=1) == [0, 1]).all()


def test_nothing_to_score() -> None:
    """No text, and a text of unknown words only, are no fault."""
    texts, classes = opinions(2, 60)
    head = fit_head(labels_of(texts, classes))
    assert head.shares([]).shape == (0, 2)
    assert head.shares(["", "?!"]).shape == (2, 2)


@settings(max_examples=50, deadline=None)
@given(numbers=st.lists(st.tuples(st.integers(0, 30), st.sampled_from([-1, 0, 1])), min_size=1, max_size=80))
def test_folds_hold_whole_texts(numbers: list[tuple[int, int]]) -> None:
    """No text is in two folds, the folds are of nearly one size, and they depend on nothing but the labels."""
    pairs = sorted(set(numbers))
    labels = labels_of([f"text {number}" for number, _ in pairs], np.array([kind for _, kind in pairs]))
    folds = fold_of(labels)
    of_text: dict[str, set[int]] = {}
    for text, fold in zip(labels.texts, folds.tolist(), strict=True):
        of_text.setdefault(text, set()).add(fold)
    assert all(len(found) == 1 for found in of_text.values())
    sizes = np.bincount([found.pop() for found in of_text.values()], minlength=FOLDS)
    assert sizes.max() - sizes.min() <= 1
    assert (fold_of(labels) == folds).all()


def test_random_labels_are_not_learned() -> None:
    """Labels that texts do not tell give areas about one half on unseen texts: nothing leaks from label to score."""
    areas = []
    for seed in range(8):
        texts, _ = opinions(100 + seed, 400)
        classes = np.random.default_rng(seed).choice([-1, 1], 400)
        unseen = unseen_shares(labels_of(texts, classes), fit_head, (-1, 1))[:, 0]
        areas.append(auc_with_interval(classes == -1, unseen, np.ones(400))[0])
    assert np.mean(areas) == pytest.approx(0.5, abs=0.05)


def test_area() -> None:
    """All right, all wrong, all alike, weighted, and of one kind only."""
    is_case = np.array([True, True, False, False])
    ones = np.ones(4)
    assert auc_with_interval(is_case, np.array([4.0, 3, 2, 1]), ones)[0] == 1
    assert auc_with_interval(is_case, np.array([1.0, 2, 3, 4]), ones)[0] == 0
    assert auc_with_interval(is_case, ones, ones)[0] == 0.5
    weighted = auc_with_interval(is_case, np.array([4.0, 1, 2, 3]), np.array([3.0, 1, 1, 1]))
    assert weighted[0] == pytest.approx(0.75)
    assert weighted[1] < weighted[0] < weighted[2]
    assert np.isnan(auc_with_interval(np.array([True, True]), ones[:2], ones[:2])).all()
