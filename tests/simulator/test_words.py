"""What people write."""

import numpy as np
import pytest

from simulator.words import comment


@pytest.mark.parametrize(
    ("feeling", "expected"), [(-1.0, "frustrated with"), (0.0, "question about"), (1.0, "really like")]
)
def test_words_fit_the_feeling(feeling: float, expected: str) -> None:
    """The same random numbers choose words of another kind for another feeling."""
    assert expected in comment(feeling, np.array([0.5, 0.0, 0.3, 0.3]))


def test_some_write_german_and_some_mean_the_contrary() -> None:
    """A small random number makes German, the next ones irony of the unhappy."""
    assert comment(-1.0, np.array([0.05, 0.0, 0.0, 0.0])).startswith("Leider")
    assert comment(-1.0, np.array([0.2, 0.0, 0.0, 0.0])).startswith("Well, that was a wonderful")


def test_comments_are_many() -> None:
    """A thousand comments are a few hundred different ones."""
    draw = np.random.default_rng(1)
    assert len({comment(float(draw.normal()), draw.random(4)) for _ in range(1000)}) > 200
