"""Topics: groups of texts that share words, with names that people can read."""

import numpy as np
import pytest
from sklearn.metrics import normalized_mutual_info_score

from journeys.texts.topics import MIN_OF_TOPIC, MIN_TEXTS, topics_of

THEMES = {
    "card": ["card", "lost", "stolen", "block", "replace", "plastic", "pin", "chip"],
    "loan": ["loan", "interest", "rate", "repay", "mortgage", "monthly", "borrow", "credit"],
    "app": ["app", "login", "password", "crash", "screen", "update", "phone", "install"],
    "branch": ["branch", "queue", "staff", "counter", "closed", "hours", "visit", "town"],
    "wire": ["wire", "transfer", "abroad", "fee", "iban", "pending", "recipient", "swift"],
    "tax": ["tax", "statement", "document", "yearly", "form", "print", "certificate", "office"],
    "bond": ["bond", "share", "market", "fund", "dividend", "broker", "sell", "portfolio"],
    "home": ["home", "insurance", "claim", "damage", "water", "policy", "cover", "storm"],
}


def _texts(seed: int, count: int) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(seed)
    themes = [list(THEMES)[number % len(THEMES)] for number in range(count)]
    return [f"{' '.join(rng.choice(THEMES[theme], 5))} {number}a" for number, theme in enumerate(themes)], themes


@pytest.mark.parametrize("language", ["en", "de"])
def test_themes_are_found(language: str) -> None:
    """Texts of eight themes make eight topics, each named by words of its theme alone."""
    texts, themes = _texts(1, 800)
    found = topics_of(texts, language)
    assert found.count_topics == 8
    assert found.stability > 0.8
    assert normalized_mutual_info_score(themes, [str(name) for name in found.names]) > 0.9
    for name in {name for name in found.names if name}:
        words = {word for part in name.split(", ") for word in part.split()}
        assert any(words <= set(theme) for theme in THEMES.values()), name


def test_the_same_each_time() -> None:
    """The same texts have the same topics."""
    texts, _ = _texts(2, 400)
    assert topics_of(texts, "en") == topics_of(texts, "en")


def test_too_little() -> None:
    """Few texts, an unknown language, and texts without a common word have no topic."""
    texts, _ = _texts(3, 400)
    assert topics_of(texts[: MIN_TEXTS - 1], "en").count_topics == 0
    assert topics_of(texts, None).names == [None] * 400
    assert topics_of([f"only{number}" for number in range(400)], "en").count_topics == 0
    assert topics_of([], "en").names == []
    assert topics_of(["the same"] * 400, "en").count_topics == 0


def test_no_name_of_a_person() -> None:
    """A word of fewer than ten texts names no topic, and a text of such words only has none."""
    texts, _ = _texts(4, 400)
    rare = [f"{text} millicent" for text in texts[: MIN_OF_TOPIC - 2]] + texts[MIN_OF_TOPIC - 2 :]
    found = topics_of([*rare, "millicent blogg"], "en")
    assert not any("millicent" in (name or "") for name in found.names)
    assert found.names[-1] is None
