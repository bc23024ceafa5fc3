"""A head: a logistic regression on the words of texts, taught by the ratings that stand beside them, judged on texts it has not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

Numbers: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Texts: TypeAlias = Sequence[str]

FOLDS = 5
SEED = 20140601
MOST_TAUGHT = 30_000
"""So many different texts with labels teach a head; further ones change little and take long."""

_STRENGTH = 3.0
_MOST_ROUNDS = 1000
_MOST_WORDS = 100_000
_MOST_PARTS = 200_000
_BLOCK = 20_000


@dataclass(frozen=True)
class Labels:
    """Different texts with their class, each pair once.

    Attributes:
        texts: the texts; one that was given two classes stands twice.
        classes: of each, the number of its class.
        weights: how often it was given.
    """

    texts: Texts
    classes: Integers
    weights: Numbers


@dataclass(frozen=True)
class Head:
    """A fitted head; `shares` of a text are the probabilities of its classes, in the order of `classes`."""

    classes: Integers
    _parts: Sequence[Any]
    _dense: Callable[[Texts], Numbers] | None
    _model: Any
    _odds: Numbers

    def shares(self, texts: Texts) -> Numbers:
        """Return one row a text and one column a class; rows add up to 1."""
        found = [self._shares(texts[start : start + _BLOCK]) for start in range(0, len(texts), _BLOCK)]
        return np.concatenate(found) if found else np.empty((0, len(self.classes)))

    def _shares(self, texts: Texts) -> Numbers:
        design = _design([part.transform(texts) for part in self._parts], self._dense, texts)
        # The classes taught with equal weight; what they really have is put back, so that means of shares are right.
        shares = self._model.predict_proba(design) * self._odds
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def fit_head(labels: Labels, dense: Callable[[Texts], Numbers] | None = None, *, with_parts: bool = True) -> Head:
    """Return a head taught by `labels`: TF-IDF of one and two words, and of three to five letters within words.

    All classes weigh the same in teaching; the shares that the head gives are corrected to how often each came.

    Args:
        labels: at least two classes.
        dense: further columns of texts, as the valence by a lexicon or an embedding.
        with_parts: whether parts of words are looked at: they pay where there are many labels.
    """
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, max_features=_MOST_WORDS)
    letters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True, max_features=_MOST_PARTS
    )
    parts, columns = [], []
    for part in (words, letters) if with_parts else (words,):
        try:
            columns.append(part.fit_transform(labels.texts))
        except ValueError:  # no word comes twice
            continue
        parts.append(part)
    design = _design(columns, dense, labels.texts)
    classes, number = np.unique(labels.classes, return_inverse=True)
    counts = np.bincount(number, weights=labels.weights)
    taught = labels.weights / counts[number] * len(number) / len(classes)
    with threadpool_limits(limits=1):  # faster, and the same digits each time
        model = LogisticRegression(C=_STRENGTH, max_iter=_MOST_ROUNDS)
        model.fit(design, labels.classes, sample_weight=taught)
    return Head(classes.astype(np.int64), parts, dense, model, counts / counts.sum())


def _design(columns: Sequence[Any], dense: Callable[[Texts], Numbers] | None, texts: Texts) -> Any:
    blocks = [*columns, *([sparse.csr_array(dense(texts))] if dense else [])]
    return sparse.hstack(blocks).tocsr() if blocks else sparse.csr_array((len(texts), 1))


def unseen_shares(labels: Labels, fit: Callable[[Labels], Head], classes: Sequence[int]) -> Numbers:
    """Return the shares of each label's text by a head that never saw that text: rows of `labels`, columns of `classes`.

    Folds hold whole texts, each about as much of every class.
    """
    folds = fold_of(labels)
    shares = np.zeros((len(labels.texts), len(classes)))
    for fold in range(FOLDS):
        is_out = folds == fold
        if not is_out.any():
            continue
        kept = np.flatnonzero(~is_out)
        head = fit(Labels([labels.texts[row] for row in kept.tolist()], labels.classes[kept], labels.weights[kept]))
        found = head.shares([labels.texts[row] for row in np.flatnonzero(is_out).tolist()])
        for column, one in enumerate(head.classes):
            shares[is_out, list(classes).index(int(one))] = found[:, column]
    return shares


def fold_of(labels: Labels) -> Integers:
    """Return the fold of each row: all rows of one text are in one fold, and the classes are spread over the folds."""
    number, different = pd.factorize(np.asarray(labels.texts, dtype=object), sort=True)
    of_text = np.zeros(len(different), dtype=np.int64)
    of_text[number] = labels.classes
    order = np.random.default_rng(SEED).permutation(len(different))
    order = order[np.argsort(of_text[order], kind="stable")]
    fold = np.empty(len(different), dtype=np.int64)
    fold[order] = np.arange(len(different)) % FOLDS
    return np.asarray(fold[number])


def auc_with_interval(is_case: npt.NDArray[np.bool_], score: Numbers, weights: Numbers) -> tuple[float, float, float]:
    """Return the area under the curve and its 95 % interval; not numbers where one of the two kinds is missing.

    The standard error is that of Hanley and McNeil (1982), by the number of different texts.
    """
    cases, others = int(is_case.sum()), int((~is_case).sum())
    if not cases or not others:
        return np.nan, np.nan, np.nan
    area = float(roc_auc_score(is_case, score, sample_weight=weights))
    first, second = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (cases - 1) * (first - area**2) + (others - 1) * (second - area**2)
    half = 1.96 * float(np.sqrt(max(variance, 0.0) / (cases * others)))
    return area, max(0.0, area - half), min(1.0, area + half)
