"""The lexicon's valence of English texts."""

import numpy as np

from journeys.texts.lexicon import valences


def test_signs() -> None:
    """Praise is above nought, complaint below, negation turns it, and what the lexicon does not know is nought."""
    good, bad, turned, nothing, empty = valences(["great help", "terrible service", "not great", "the parcel", ""])[
        :, 0
    ]
    assert good > 0.3
    assert bad < -0.3
    assert turned < 0
    assert nothing == empty == 0


def test_shape() -> None:
    """Four columns a text, also of none; the shares add up."""
    assert valences([]).shape == (0, 4)
    assert np.allclose(valences(["good day", "bad luck, good heart"])[:, 1:].sum(axis=1), 1, atol=0.01)
