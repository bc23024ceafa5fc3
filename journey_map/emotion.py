"""The emotional arc on the map: what customers rated and what their texts show, stage by stage, and of how many that is known."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from journey_map.document import Emotion, EmotionalArc, EmotionExtreme, Estimate, Rate, StageEmotion, TextLanguage
from journey_map.small_cells import SMALLEST_CELL, publish_count, publish_estimate, publish_rate
from journeys.insights.emotion import INFERRED, KINDS, STATED
from journeys.insights.segments import ALL

_NOTHING = Estimate(None, None, None)


def emotional_arc(frame: pd.DataFrame, languages: pd.DataFrame, stages: Sequence[str]) -> EmotionalArc | None:
    """Return the arc, or None where nobody rated anything or wrote a text.

    Args:
        frame: the table insight_emotion.
        languages: the table insight_texts.
        stages: the stages in their order.
    """
    if not (frame.count_said + frame.count_not_scored).sum():
        return None
    rows = _rows(frame)
    of_stage = {(row["stage"], row["kind"]): row for row in rows if row["touchpoint"] == ALL}
    found = []
    for stage in (ALL, *stages):
        both = [of_stage.get((stage, kind)) for kind in (STATED, INFERRED)]
        if both[0] and both[1]:
            found.append(StageEmotion(stage, _emotion(both[0]), _emotion(both[1]), _frustrated(both[1])))
    extremes = [
        row
        for row in rows
        if row["extreme"] and row["count_customers"] >= SMALLEST_CELL and not _says_the_same(row, of_stage)
    ]
    place = {stage: number for number, stage in enumerate(stages)}
    extremes.sort(
        key=lambda row: (
            KINDS.index(row["kind"]),
            place.get(row["stage"], len(place)),
            row["touchpoint"] != ALL,
            row["touchpoint"],
        )
    )
    return EmotionalArc(
        whole=next((one for one in found if one.stage == ALL), None),
        stages=tuple(one for one in found if one.stage != ALL),
        extremes=tuple(_extreme(row) for row in extremes),
        languages=tuple(
            _language(row) for row in _rows(languages.sort_values(["count_texts", "language"], ascending=[False, True]))
        ),
    )


def _says_the_same(row: dict[Any, Any], of_stage: dict[Any, dict[Any, Any]]) -> bool:
    """Return whether a touchpoint is all that was said in its stage, so that the stage's row says it already."""
    whole = of_stage[row["stage"], row["kind"]]
    return bool(row["touchpoint"] != ALL and row["count_said"] == whole["count_said"])


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    clean = frame.astype(object)
    return list(clean.where(clean.notna(), None).to_dict("records"))


def _estimate(row: dict[Any, Any], name: str, customers: float) -> Estimate:
    parts = (row[name], row[f"{name}_low"], row[f"{name}_high"])
    return _NOTHING if row[name] is None else publish_estimate(parts, customers)


def _coverage(row: dict[Any, Any]) -> Rate:
    return publish_rate(
        row["count_customers"],
        row["count_customers_entered"],
        (row["coverage"], row["coverage_low"], row["coverage_high"]),
    )


def _frustrated(row: dict[Any, Any]) -> Rate | None:
    if row["count_frustrated"] is None:
        return None
    parts = (row["frustrated_share"], row["frustrated_share_low"], row["frustrated_share_high"])
    return publish_rate(row["count_frustrated"], row["count_customers_entered"], parts)


def _emotion(row: dict[Any, Any]) -> Emotion:
    customers = row["count_customers"]
    return Emotion(
        coverage=_coverage(row),
        count_said=publish_count(row["count_said"], customers),
        mean=_estimate(row, "emotion", customers),
        weighted=_estimate(row, "emotion_weighted", customers),
        extreme=row["extreme"],
    )


def _extreme(row: dict[Any, Any]) -> EmotionExtreme:
    customers = row["count_customers"]
    return EmotionExtreme(
        stage=row["stage"],
        touchpoint=None if row["touchpoint"] == ALL else row["touchpoint"],
        kind=row["kind"],
        extreme=row["extreme"],
        mean=_estimate(row, "emotion", customers),
        difference=_estimate(row, "difference", customers),
        coverage=_coverage(row),
    )


def _language(row: dict[Any, Any]) -> TextLanguage:
    customers = row["count_customers"]
    is_judged = row["auc_negative"] is not None and row["count_labels"] >= SMALLEST_CELL
    return TextLanguage(
        language=row["language"],
        count_texts=publish_count(row["count_texts"], customers),
        basis=row["sentiment_basis"],
        count_labels=publish_count(row["count_labels"], customers if row["count_labels"] else None),
        auc=_estimate(row, "auc_negative", customers) if is_judged else _NOTHING,
    )
