"""The sentiment of texts, from -1 to 1, by as much as a business's own ratings can teach: a ladder by the number of labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from journeys.texts.head import (
    MOST_TAUGHT,
    SEED,
    Head,
    Integers,
    Labels,
    Numbers,
    Texts,
    auc_with_interval,
    fit_head,
    unseen_shares,
)
from journeys.texts.lexicon import ENGLISH, valences

LEXICON, LEXICON_AND_HEAD, HEAD = "lexicon", "lexicon_and_head", "head"
NOT_SUPPORTED = "language_not_supported"
NOT_KNOWN = "language_not_known"

FEW_LABELS = 50
"""With fewer different texts that were rated, nothing is learned but where the lexicon's nought lies."""

MANY_LABELS = 1500
"""With more of them, words alone say more than words and lexicon (US airline tweets: .773 against .763 of 2,000 right)."""

MOST_EMBEDDED = 20_000
"""More different texts than this are not embedded: that would take a quarter of an hour each night."""

MIN_OF_CLASS = 10
"""Fewer texts of a class teach it to nobody."""

MIN_TO_CENTRE = 20
"""So many rated texts, five bad and five good ones among them, say where the lexicon's nought lies."""

NEGATIVE, NEUTRAL, POSITIVE = -1, 0, 1

LEAST_AREA = 0.55
"""A head of which it is not sure that it tells bad ratings from others better than this is not used; chance is .5."""

_LEAST_OF_KIND = 5


@dataclass(frozen=True)
class Sentiment:
    """The sentiment of the texts of one language.

    Attributes:
        value: of each text, from -1 to 1; not a number where it is not known.
        basis: how it was found, or why it was not.
        count_labels: different texts that were rated.
        centre: the lexicon's value that is taken for nought: 0 unless own ratings say otherwise, not a number where it is not used.
        auc: how well it tells bad ratings from others, on texts that taught it nothing; not a number where nobody rated.
        auc_low: lower bound of the 95 % interval.
        auc_high: upper bound.
    """

    value: Numbers
    basis: str
    count_labels: int
    centre: float = np.nan
    auc: float = np.nan
    auc_low: float = np.nan
    auc_high: float = np.nan


def sentiment_of(
    texts: Texts,
    language: str | None,
    labels: Labels,
    encode: Callable[[Texts], Numbers] | None = None,
) -> Sentiment:
    """Return the sentiment of different texts of one language.

    With fewer than fifty rated texts it is the lexicon's, which knows English only; with up to 1,500 that of a head taught
    by them, to which the lexicon's valence (of English) and the embedding (where there is one) are told; with more that of a
    head of words and parts of words. A head's sentiment is the probability of a good rating less that of a bad one. A rated text gets
    the one of a head that did not see it. A head that is hardly better than chance on such texts is not used. A language
    with neither labels nor lexicon is not supported: its texts have no sentiment, which is not a neutral one.

    Args:
        texts: each once.
        language: ISO 639-1, or None where it is not known.
        labels: rated texts, all of them among `texts`, with -1, 0 or 1 as their class.
        encode: embeds English texts.
    """
    count = len(set(labels.texts))
    is_english = language == ENGLISH
    unknown = Sentiment(np.full(len(texts), np.nan), NOT_KNOWN if language is None else NOT_SUPPORTED, count)
    if language is None:
        return unknown
    taught = _taught(labels)
    if count >= FEW_LABELS and len(np.unique(taught.classes)) > 1:
        found = _by_head(texts, taught, count, is_english=is_english, encode=encode)
        if found.auc_low > LEAST_AREA:
            return replace(found, count_labels=count)
    return _by_lexicon(texts, labels, count) if is_english else unknown


def _taught(labels: Labels) -> Labels:
    """Return the labels of classes that enough texts have; of too many the same few each time."""
    classes, counts = np.unique(labels.classes, return_counts=True)
    kept = np.flatnonzero(np.isin(labels.classes, classes[counts >= MIN_OF_CLASS]))
    if len(kept) > MOST_TAUGHT:
        kept = np.sort(np.random.default_rng(SEED).choice(kept, MOST_TAUGHT, replace=False))
    return Labels([labels.texts[row] for row in kept.tolist()], labels.classes[kept], labels.weights[kept])


def _by_head(
    texts: Texts, labels: Labels, count: int, *, is_english: bool, encode: Callable[[Texts], Numbers] | None
) -> Sentiment:
    has_many = count > MANY_LABELS
    place = {text: row for row, text in enumerate(texts)}
    known: Numbers | None = None
    if is_english and not has_many:
        known = valences(texts)
        if encode and len(texts) <= MOST_EMBEDDED:
            known = np.hstack([known, encode(texts)])

    def dense(some: Texts) -> Numbers:
        assert known is not None
        return known[[place[text] for text in some]]

    def fit(some: Labels) -> Head:
        return fit_head(some, None if known is None else dense, with_parts=has_many)

    unseen = _difference(unseen_shares(labels, fit, (NEGATIVE, NEUTRAL, POSITIVE)), (NEGATIVE, NEUTRAL, POSITIVE))
    auc, low, high = auc_with_interval(labels.classes == NEGATIVE, -unseen, labels.weights)
    if not low > LEAST_AREA:
        return Sentiment(np.full(len(texts), np.nan), NOT_SUPPORTED, count, auc=auc, auc_low=low, auc_high=high)
    head = fit(labels)
    value = _difference(head.shares(texts), head.classes)
    value[[place[text] for text in labels.texts]] = unseen
    basis = HEAD if has_many or not is_english else LEXICON_AND_HEAD
    return Sentiment(value, basis, count, auc=auc, auc_low=low, auc_high=high)


def _difference(shares: Numbers, classes: Integers | Sequence[int]) -> Numbers:
    """Return the share of good less that of bad."""
    return np.asarray(shares @ np.asarray(classes, dtype=float))


def _by_lexicon(texts: Texts, labels: Labels, count: int) -> Sentiment:
    compound = valences(texts)[:, 0]
    place = {text: row for row, text in enumerate(texts)}
    rated = compound[[place[text] for text in labels.texts]]
    centre = _centre(rated, labels.classes)
    auc, low, high = auc_with_interval(labels.classes == NEGATIVE, -rated, labels.weights)
    return Sentiment(_moved(compound, centre), LEXICON, count, centre, auc, low, high)


def _centre(rated: Numbers, classes: Integers) -> float:
    """Return the value that best parts bad from good ratings, each kind weighing the same; the one nearest to 0 of several."""
    bad, good = np.sort(rated[classes == NEGATIVE]), np.sort(rated[classes == POSITIVE])
    if len(rated) < MIN_TO_CENTRE or min(len(bad), len(good)) < _LEAST_OF_KIND:
        return 0.0
    values = np.unique(np.append(rated, 0.0))
    values = np.append((values[:-1] + values[1:]) / 2, 0.0)
    is_right = np.searchsorted(bad, values) / len(bad) + 1 - np.searchsorted(good, values) / len(good)
    best = values[is_right >= is_right.max() - 1e-12]
    return float(best[np.abs(best).argmin()])


def _moved(compound: Numbers, centre: float) -> Numbers:
    """Return values with `centre` moved to 0 and both ends of the scale where they were."""
    return np.where(
        compound >= centre, (compound - centre) / max(1 - centre, 1e-9), (compound - centre) / max(1 + centre, 1e-9)
    )
