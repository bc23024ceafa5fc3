"""The tables of texts: every different text is looked at once, every touchpoint gets its own row."""

from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest

from journeys.engine import connect, materialize
from journeys.lake.tables import TABLES
from journeys.texts import sentiment
from journeys.texts.score import UNKNOWN, TextScores, score_texts
from tests.journeys.texts.made_of import opinions

_TEXTS = pa.schema({name: pa.string() for name in ("touchpoint_id", "customer_id", "text", "language")})
_RATED = pa.schema({"touchpoint_id": pa.string(), "rating": pa.string()})


def _scored(rows: list[tuple[str, str, str | None]], rated: dict[int, str] | None = None) -> TextScores:
    """Return the scores of texts: customer, text, language of each, and the rating of some by their place."""
    texts = [
        {"touchpoint_id": f"t{number:04}", "customer_id": who, "text": text, "language": language}
        for number, (who, text, language) in enumerate(rows)
    ]
    labels = [{"touchpoint_id": f"t{number:04}", "rating": rating} for number, rating in (rated or {}).items()]
    with connect(memory="300MB", threads=1) as connection:
        return score_texts(
            materialize(connection, ibis.memtable(pa.Table.from_pylist(texts, schema=_TEXTS)), "told"),
            materialize(connection, ibis.memtable(pa.Table.from_pylist(labels, schema=_RATED)), "rated"),
        )


def _languages(found: TextScores) -> dict[str, dict[str, Any]]:
    return {row["language"]: row for row in found.languages.to_pylist()}


def test_languages_are_told_apart() -> None:
    """English is scored, German without ratings and what tells no language are not, and that is said."""
    found = _scored([("c1", "great help", "en"), ("c2", "toller Service", "de"), ("c1", "ok", None), ("c3", "", None)])
    rows = found.scores.to_pylist()
    assert [row["sentiment_basis"] for row in rows] == [
        sentiment.LEXICON,
        sentiment.NOT_SUPPORTED,
        sentiment.NOT_KNOWN,
        sentiment.NOT_KNOWN,
    ]
    assert [row["language"] for row in rows] == ["en", "de", None, None]
    assert rows[0]["sentiment"] > 0.3
    assert [row["sentiment"] for row in rows[1:]] == [None, None, None]
    languages = _languages(found)
    assert (languages[UNKNOWN]["count_texts"], languages[UNKNOWN]["count_customers"]) == (2, 2)
    assert languages["en"]["lexicon_centre"] == 0
    assert languages["de"]["lexicon_centre"] is None


def test_equal_texts_are_scored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lexicon sees each different text once; all touchpoints with it have its sentiment."""
    seen: list[str] = []
    whole = sentiment.valences
    monkeypatch.setattr(sentiment, "valences", lambda texts: (seen.extend(texts), whole(texts))[1])
    found = _scored([(f"c{number}", f"great {number % 3}", "en") for number in range(30)])
    assert sorted(seen) == ["great 0", "great 1", "great 2"]
    assert found.scores.num_rows == 30
    assert len(set(found.scores["sentiment"].to_pylist())) <= 3
    assert _languages(found)["en"]["count_different_texts"] == 3


def test_ratings_teach() -> None:
    """With ratings beside them, texts of a language without a lexicon are scored, and it is told how well."""
    texts, classes = opinions(1, 300, clear=1.0)
    rows = [(f"c{number}", text, "fr") for number, text in enumerate(texts)]
    rated = {number: "positive" if classes[number] > 0 else "negative" for number in range(200)}
    found = _scored(rows, rated)
    value = np.array(found.scores["sentiment"].to_pylist())
    assert (np.sign(value[200:]) == classes[200:]).mean() > 0.9
    told = _languages(found)["fr"]
    assert (told["count_labels"], told["sentiment_basis"]) == (200, sentiment.HEAD)
    assert told["auc_negative_low"] > 0.8


def test_no_texts() -> None:
    """Without a text both tables are there, typed and empty."""
    found = _scored([])
    assert found.scores.schema.equals(TABLES["text_scores"].schema)
    assert found.scores.num_rows == found.languages.num_rows == 0
    assert found.languages.schema.names == TABLES["insight_texts"].schema.names
