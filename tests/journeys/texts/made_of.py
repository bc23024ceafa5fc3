"""Texts made of a few words, whose meaning is known."""

import numpy as np

from journeys.texts.head import Labels

BAD = ("delay", "broken", "waited", "refused", "lost")
GOOD = ("quick", "spotless", "solved", "kindly", "arrived")
OTHER = ("parcel", "desk", "invoice", "branch", "window", "letter", "monday", "agent")


def opinions(seed: int, count: int, *, clear: float = 0.9) -> tuple[list[str], np.ndarray]:
    """Return different texts and whether each is good (1) or bad (-1); `clear` is the share that shows it."""
    rng = np.random.default_rng(seed)
    classes = np.where(np.arange(count) % 2 == 0, 1, -1)
    texts = []
    for number, kind in enumerate(classes):
        shown = kind if rng.random() < clear else -kind
        words = [*rng.choice(GOOD if shown > 0 else BAD, 2), *rng.choice(OTHER, 3)]
        texts.append(" ".join([*rng.permutation(words), f"no{number}"]))
    return texts, classes


def labels_of(texts: list[str], classes: np.ndarray) -> Labels:
    """Return labels that were each given once."""
    return Labels(texts, np.asarray(classes, dtype=np.int64), np.ones(len(texts)))
