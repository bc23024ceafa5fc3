"""The valence of English words by a lexicon and rules, without any label. The only module that imports `vaderSentiment`.

Hutto and Gilbert: VADER, a parsimonious rule-based model for sentiment analysis of social media text. ICWSM 2014.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

ENGLISH = "en"
"""The one language whose words the lexicon knows: in another it would call most texts neutral, which nobody said."""


def valences(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return four columns of each English text: compound (from -1 to 1), and the shares that are negative, neutral and positive.

    A text without a word of the lexicon is 0, as one is in which they cancel out.
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - only where there are texts

    analyzer = SentimentIntensityAnalyzer()
    found = (analyzer.polarity_scores(text) for text in texts)
    rows = [(one["compound"], one["neg"], one["neu"], one["pos"]) for one in found]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 4)
