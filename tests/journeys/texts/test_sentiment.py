"""The ladder: by how many labels, in which language, sentiment is found by what."""

import numpy as np
import pytest

from journeys.texts.lexicon import valences
from journeys.texts.sentiment import (
    FEW_LABELS,
    HEAD,
    LEXICON,
    LEXICON_AND_HEAD,
    MANY_LABELS,
    NOT_KNOWN,
    NOT_SUPPORTED,
    sentiment_of,
)
from tests.journeys.texts.made_of import labels_of, opinions

NONE = labels_of([], np.array([]))


@pytest.mark.parametrize(
    ("count", "language", "basis"),
    [
        (0, "en", LEXICON),
        (FEW_LABELS - 1, "en", LEXICON),
        (FEW_LABELS + 30, "en", LEXICON_AND_HEAD),
        (MANY_LABELS + 1, "en", HEAD),
        (0, "de", NOT_SUPPORTED),
        (FEW_LABELS - 1, "de", NOT_SUPPORTED),
        (FEW_LABELS + 30, "de", HEAD),
        (FEW_LABELS + 30, None, NOT_KNOWN),
    ],
)
def test_the_rungs(count: int, language: str | None, basis: str) -> None:
    """Few labels: the lexicon, of English only; more: a head, of any language that is known."""
    texts, classes = opinions(1, 2000)
    found = sentiment_of(texts, language, labels_of(texts[:count], classes[:count]))
    assert (found.basis, found.count_labels) == (basis, count)
    is_known = basis in (LEXICON, LEXICON_AND_HEAD, HEAD)
    assert np.isnan(found.value).all() != is_known
    if basis in (LEXICON_AND_HEAD, HEAD):
        assert found.auc_low > 0.5
        assert (np.sign(found.value[count:]) == classes[count:]).mean() > 0.7
        assert np.abs(found.value).max() <= 1


def test_a_rated_text_is_scored_unseen() -> None:
    """With labels that texts do not tell, the scores of rated texts do not follow their own labels."""
    texts, classes = opinions(2, 2000, clear=0.7)
    wrong = classes.copy()
    turned = np.random.default_rng(3).choice(2000, 400, replace=False)
    wrong[turned] *= -1
    found = sentiment_of(texts, "de", labels_of(texts, wrong))
    agree = np.sign(found.value[turned]) == wrong[turned]
    assert agree.mean() < 0.5


def test_a_head_of_noise_is_not_used() -> None:
    """Labels that no text tells leave English to its lexicon and another language without sentiment."""
    texts, _ = opinions(4, 300)
    classes = np.random.default_rng(6).choice([-1, 1], 300)
    labels = labels_of(texts, classes)
    assert sentiment_of(texts, "en", labels).basis == LEXICON
    foreign = sentiment_of(texts, "de", labels)
    assert foreign.basis == NOT_SUPPORTED
    assert np.isnan(foreign.value).all()


@pytest.mark.parametrize("kind", [-1, 0, 1])
def test_all_rated_alike(kind: int) -> None:
    """One class teaches nothing: the lexicon remains, with its own nought, and no figure is made up."""
    texts, _ = opinions(5, 200)
    found = sentiment_of(texts, "en", labels_of(texts, np.full(200, kind)))
    assert (found.basis, found.centre) == (LEXICON, 0.0)
    assert np.isnan(found.auc)
    assert sentiment_of(texts, "de", labels_of(texts, np.full(200, kind))).basis == NOT_SUPPORTED


def test_a_class_of_a_few_is_not_taught() -> None:
    """Nine neutral texts among many are no class; a text that was rated both ways is one text with two labels."""
    texts, classes = opinions(6, 200)
    classes = classes.copy()
    classes[:9] = 0
    twice = labels_of([*texts, texts[20]], np.append(classes, -classes[20]))
    found = sentiment_of(texts, "de", twice)
    assert (found.basis, found.count_labels) == (HEAD, 200)
    assert np.isfinite(found.value).all()


def test_where_noughts_lie() -> None:
    """Own ratings move the lexicon's nought: where friendly words still mean a bad rating, they are below it."""
    bad = [f"good {word}, thank you" for word in ("queue", "delay", "form", "letter", "branch")]
    best = [
        f"absolutely great and wonderful {word}, I love it" for word in ("queue", "delay", "form", "letter", "branch")
    ]
    more = [f"{text} {number}" for text in (*bad, *best) for number in range(3)]
    labels = labels_of(more, np.array([-1] * 15 + [1] * 15))
    found = sentiment_of(more, "en", labels)
    assert (valences(more)[:, 0] > 0).all()
    assert found.basis == LEXICON
    assert 0 < found.centre < 1
    assert (np.sign(found.value) == labels.classes).all()
    assert found.auc == 1
    few = labels_of(more[:4] + more[15:30], np.array([-1] * 4 + [1] * 15))
    assert sentiment_of(more, "en", few).centre == 0


def test_no_text() -> None:
    """Nothing to score gives nothing."""
    assert len(sentiment_of([], "en", NONE).value) == 0
    assert len(sentiment_of([], "de", NONE).value) == 0


def test_an_embedding_is_told_to_the_head() -> None:
    """Between 50 and 1,500 labels an English head hears the embedding; elsewhere it is not asked for."""
    texts, classes = opinions(7, 300, clear=0.5)
    of_text = dict(zip(texts, classes.tolist(), strict=True))
    asked: list[int] = []

    def encode(some: object) -> np.ndarray:
        asked.append(1)
        return np.array([[float(of_text[text])] for text in some])  # type: ignore[attr-defined]

    labels = labels_of(texts[:100], classes[:100])
    found = sentiment_of(texts, "en", labels, encode)
    assert (np.sign(found.value) == classes).all()
    asked.clear()
    sentiment_of(texts, "de", labels, encode)
    assert not asked
