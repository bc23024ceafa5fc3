"""What texts are about: groups of texts that share words, named by the words that set them apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from journeys.texts.head import SEED, Integers, Numbers, Texts
from journeys.texts.lexicon import ENGLISH

MIN_TEXTS = 200
"""Fewer different texts of a language make no topics."""

MIN_OF_TOPIC = 10
"""A topic of fewer texts is none, and a word that stands in fewer of them names none: it may be somebody's name."""

COUNTS = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
"""How many topics are tried."""

MOST_GROUPED = 50_000
"""So many texts make the topics; further ones are put to the nearest."""

_TEXTS_A_TOPIC = 25
_PAIRS = 3
_DIMENSIONS = 50
_COMMON = 0.3
_MOST_WORDS = 20_000
_WORDS_OF_NAME = 3
_BATCH = 1024
_BLOCK = 20_000


@dataclass(frozen=True)
class Topics:
    """The topic of each text, and how sure the grouping is.

    Attributes:
        names: of each text, the words that name its topic; None where it has none.
        count_topics: how many there are.
        stability: how alike two groupings made from two halves of the texts are (adjusted Rand index; 1 is the same, 0 is
            chance); not a number where there are no topics.
    """

    names: Sequence[str | None]
    count_topics: int
    stability: float


def topics_of(texts: Texts, language: str | None) -> Topics:
    """Return the topics of different texts of one language.

    Texts are TF-IDF of one and two words, in fifty dimensions, in as many groups (k-means) as are found again best from
    each half of the texts. A topic is named by the three words that tell most of it by class-based TF-IDF, share of the word in the
    topic x log(1 + A/f), with A the mean number of words a topic and f how often the word is used in all (Grootendorst
    2022, arXiv:2203.05794). A text without any word that is used often enough is of no topic.

    Args:
        texts: each once.
        language: ISO 639-1. Of English, words without a meaning of their own are left out; of others only those that a third
            of the texts use.
    """
    with threadpool_limits(limits=1):  # threads add in another order each time, and then texts change their group
        return _topics_of(texts, language)


def _topics_of(texts: Texts, language: str | None) -> Topics:
    nothing = Topics([None] * len(texts), 0, float("nan"))
    if len(texts) < MIN_TEXTS or language is None:
        return nothing
    rng = np.random.default_rng(SEED)
    grouped = np.sort(rng.choice(len(texts), MOST_GROUPED, replace=False)) if len(texts) > MOST_GROUPED else None
    some = texts if grouped is None else [texts[row] for row in grouped]
    words = TfidfVectorizer(
        ngram_range=(1, 2),
        min_df=MIN_OF_TOPIC,
        max_df=_COMMON,
        sublinear_tf=True,
        max_features=_MOST_WORDS,
        stop_words=sorted(ENGLISH_STOP_WORDS) if language == ENGLISH else None,
    )
    try:
        weights = words.fit_transform(some)
    except ValueError:  # no word is used often enough
        return nothing
    if weights.shape[1] <= _DIMENSIONS:
        return nothing
    plane = TruncatedSVD(_DIMENSIONS, random_state=SEED).fit(weights)
    points, has_words = _placed(plane, weights)
    found = _grouping(points[has_words])
    if found is None:
        return nothing
    groups, count, stability = found
    topic = np.full(len(texts), -1, dtype=np.int64)
    for start in range(0, len(texts), _BLOCK):
        block, is_worded = _placed(plane, words.transform(texts[start : start + _BLOCK]))
        part = topic[start : start + _BLOCK]
        part[is_worded] = groups.predict(block[is_worded]) if is_worded.any() else []
    of_some = topic if grouped is None else topic[grouped]
    names = _names(weights, of_some, count, words.get_feature_names_out().tolist())
    told = [names[one] if one >= 0 else None for one in topic.tolist()]
    return Topics(told, len({name for name in told if name}), stability)


def _placed(plane: Any, weights: Any) -> tuple[Numbers, Any]:
    """Return the direction of each text, and whether it has any word."""
    return normalize(plane.transform(weights)), np.asarray(weights.sum(axis=1)).ravel() > 0


def _grouping(points: Numbers) -> tuple[Any, int, float] | None:
    """Return the groups that are found again best from halves of the points, how many, and how well."""
    tried = [count for count in COUNTS if count * _TEXTS_A_TOPIC <= len(points)]
    if not tried:
        return None
    halves = [np.random.default_rng([SEED, pair]).permutation(len(points)) for pair in range(_PAIRS)]
    stability = [
        float(np.mean([_agreement(points, order, count, pair) for pair, order in enumerate(halves)])) for count in tried
    ]
    best = int(np.argmax(stability))
    return _groups(points, tried[best], 0), tried[best], stability[best]


def _agreement(points: Numbers, order: Integers, count: int, pair: int) -> float:
    half = len(order) // 2
    one, other = (_groups(points[part], count, pair).predict(points) for part in (order[:half], order[half:]))
    return float(adjusted_rand_score(one, other))


def _groups(points: Numbers, count: int, number: int) -> Any:
    return MiniBatchKMeans(count, n_init=5, batch_size=_BATCH, random_state=SEED + number).fit(points)


def _names(weights: Any, topic: Integers, count: int, words: Sequence[str]) -> list[str | None]:
    """Return the name of each topic: its most telling words, none of which is part of another one named before it."""
    is_used = (weights > 0).astype(np.float64)
    rows = np.flatnonzero(topic >= 0)
    member = sparse.csr_array((np.ones(len(rows)), (topic[rows], rows)), shape=(count, len(topic)))
    used = np.asarray((member @ is_used).todense())
    in_all = used.sum(axis=0)
    per_topic = used.sum(axis=1, keepdims=True)
    telling = used / np.maximum(per_topic, 1.0) * np.log1p(per_topic.mean() / np.maximum(in_all, 1.0))
    telling[used < MIN_OF_TOPIC] = 0.0
    names: list[str | None] = []
    for one in range(count):
        chosen: list[str] = []
        for place in np.argsort(-telling[one], kind="stable"):
            if telling[one, place] <= 0 or len(chosen) == _WORDS_OF_NAME:
                break
            parts = set(words[place].split())
            if not any(parts & set(word.split()) for word in chosen):
                chosen.append(words[place])
        names.append(", ".join(chosen) or None)
    return names
