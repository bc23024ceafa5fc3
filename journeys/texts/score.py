"""The scores of all texts there are: every different text once, language by language."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from journeys.engine import materialize
from journeys.lake.tables import TABLES
from journeys.texts import scales
from journeys.texts.head import Labels, Numbers, Texts
from journeys.texts.sentiment import NEGATIVE, NEUTRAL, POSITIVE, Sentiment, sentiment_of
from journeys.texts.topics import Topics, topics_of

UNKNOWN = "unknown"
"""Stands for the language of texts that do not tell theirs."""

LONGEST = 2000
"""So many signs of a text are looked at."""

_CLASSES = {scales.NEGATIVE: NEGATIVE, scales.NEUTRAL: NEUTRAL, scales.POSITIVE: POSITIVE}


@dataclass(frozen=True)
class TextScores:
    """The tables text_scores and insight_texts."""

    scores: pa.Table
    languages: pa.Table


def score_texts(texts: ibis.Table, rated: ibis.Table, encode: Callable[[Texts], Numbers] | None = None) -> TextScores:
    """Return sentiment and topic of every text, and what is known of each language.

    Args:
        texts: touchpoint_id, customer_id, text, language.
        rated: touchpoint_id, rating: the labels, as `journeys.texts.scales.ratings` gives them.
        encode: embeds English texts.
    """
    connection: Any = texts.get_backend()
    cut = texts.select(
        *("touchpoint_id", "customer_id"),
        text=texts.text.substr(0, LONGEST),
        language=texts.language.fill_null(UNKNOWN),
    )
    rows = cut.left_join(rated.select("touchpoint_id", "rating"), "touchpoint_id").drop("touchpoint_id_right")
    rows = materialize(connection, rows, "texts")
    given = {name: (rows.rating == name).fill_null(False).sum() for name in _CLASSES}
    different = rows.group_by("language", "text").agg(**given)
    different = materialize(connection, different.order_by("language", "text"), "different_texts")
    counted = rows.group_by("language").agg(count_texts=rows.count(), count_customers=rows.customer_id.nunique())
    found, languages = [_FOUND.empty_table()], []
    for language in counted.order_by("language").to_pyarrow().to_pylist():
        name = language["language"]
        frame = different.filter(different.language == name).order_by("text").to_pyarrow()
        known = frame["text"].to_pylist()
        told = None if name == UNKNOWN else name
        sentiment = sentiment_of(known, told, _labels(frame), encode)
        topics = topics_of(known, told)
        found.append(_found(frame, sentiment, topics))
        languages.append(language | _of_language(len(known), sentiment, topics))
    both = materialize(connection, ibis.memtable(pa.concat_tables(found)), "scored_texts")
    joined = rows.left_join(both, ["language", "text"])
    scores = joined.select(
        *("touchpoint_id", "sentiment", "sentiment_basis", "topic"),
        language=joined.language.nullif(UNKNOWN),
    ).order_by("touchpoint_id")
    return TextScores(
        scores.select(*TABLES["text_scores"].schema.names).to_pyarrow().cast(TABLES["text_scores"].schema),
        pa.Table.from_pylist(languages, schema=TABLES["insight_texts"].schema),
    )


_FOUND = pa.schema(
    [
        ("language", pa.string()),
        ("text", pa.string()),
        ("sentiment", pa.float64()),
        ("sentiment_basis", pa.string()),
        ("topic", pa.string()),
    ]
)


def _labels(frame: pa.Table) -> Labels:
    """Return the rated texts with their classes, each pair once."""
    texts = np.asarray(frame["text"].to_pylist(), dtype=object)
    weights = np.stack([frame[name].to_numpy().astype(float) for name in _CLASSES], axis=1)
    row, column = np.nonzero(weights)
    classes = np.array(list(_CLASSES.values()), dtype=np.int64)[column]
    return Labels(texts[row].tolist(), classes, weights[row, column])


def _found(frame: pa.Table, sentiment: Sentiment, topics: Topics) -> pa.Table:
    count = frame.num_rows
    columns = {
        "language": frame["language"],
        "text": frame["text"],
        "sentiment": pa.array(sentiment.value, pa.float64(), from_pandas=True),
        "sentiment_basis": pa.array([sentiment.basis] * count, pa.string()),
        "topic": pa.array(topics.names, pa.string()),
    }
    return pa.table(columns, schema=_FOUND)


def _of_language(count: int, sentiment: Sentiment, topics: Topics) -> dict[str, Any]:
    numbers = {
        "lexicon_centre": sentiment.centre,
        "auc_negative": sentiment.auc,
        "auc_negative_low": sentiment.auc_low,
        "auc_negative_high": sentiment.auc_high,
        "topic_stability": topics.stability,
    }
    return {
        "count_different_texts": count,
        "count_labels": sentiment.count_labels,
        "sentiment_basis": sentiment.basis,
        "count_topics": topics.count_topics,
        **{name: None if np.isnan(number) else float(number) for name, number in numbers.items()},
    }
