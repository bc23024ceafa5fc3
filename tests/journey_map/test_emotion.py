"""The emotional arc on the map: both kinds apart, coverage beside them, and no small cell."""

from typing import Any

import pandas as pd

from journey_map.emotion import emotional_arc
from journeys.insights.segments import ALL
from journeys.lake.tables import TABLES

LANGUAGES = pd.DataFrame(columns=TABLES["insight_texts"].schema.names)


def _row(stage: str, kind: str, customers: int, mean: float | None, *, at: str = ALL, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(TABLES["insight_emotion"].schema.names)
    numbers = {
        f"{name}{end}": None if mean is None else mean + step
        for name in ("emotion", "emotion_weighted", "difference")
        for end, step in (("", 0.0), ("_low", -0.1), ("_high", 0.1))
    }
    row |= {
        "stage": stage,
        "touchpoint": at,
        "kind": kind,
        "count_customers_entered": 400,
        "count_customers": customers,
    }
    row |= {"coverage": customers / 400, "coverage_low": 0.01, "coverage_high": 0.9, "count_not_scored": 0}
    return row | {"count_said": customers * 2} | numbers | more


def _arc(*rows: dict[str, Any], languages: pd.DataFrame = LANGUAGES) -> Any:
    return emotional_arc(pd.DataFrame(rows), languages, ["first", "second"])


def test_stages_in_their_order() -> None:
    """Each stage holds both kinds, with its own coverage; the mean of all stands apart."""
    arc = _arc(
        _row("second", "stated", 40, 0.5),
        _row("second", "inferred", 100, -0.5),
        _row("first", "stated", 0, None),
        _row("first", "inferred", 60, 0.1),
        _row(ALL, "stated", 40, 0.5),
        _row(ALL, "inferred", 140, -0.2),
    )
    assert [stage.stage for stage in arc.stages] == ["first", "second"]
    assert arc.stages[0].stated.mean.value is None
    assert (arc.stages[1].stated.mean.value, arc.stages[1].inferred.mean.value) == (0.5, -0.5)
    assert (arc.stages[1].inferred.coverage.count, arc.stages[1].inferred.coverage.total) == (100, 400)
    assert arc.whole.inferred.mean.value == -0.2


def test_small_cells() -> None:
    """Of fewer than ten who are heard neither count, coverage nor mean is told, nor that there is a peak."""
    rows = [_row("first", kind, 9, 0.5, extreme="peak") for kind in ("stated", "inferred")]
    arc = _arc(*rows)
    stage = arc.stages[0].stated
    assert (stage.count_said, stage.coverage.count, stage.coverage.value, stage.mean.value) == (None, None, None, None)
    assert stage.coverage.at_most == 10 / 400
    assert arc.extremes == ()


def test_peaks_and_troughs() -> None:
    """In the order of kinds and stages; a touchpoint that is all its stage said is not told twice."""
    arc = _arc(
        *(_row("second", kind, 40, 0.4, extreme="peak") for kind in ("inferred", "stated")),
        *(
            _row("first", kind, 90, -0.4, extreme="trough" if kind == "stated" else None)
            for kind in ("stated", "inferred")
        ),
        _row("second", "stated", 40, 0.4, at="survey", extreme="peak"),
        _row("first", "stated", 30, -0.6, at="call", extreme="trough"),
    )
    told = [(one.kind, one.stage, one.touchpoint, one.extreme) for one in arc.extremes]
    assert told == [
        ("stated", "first", None, "trough"),
        ("stated", "first", "call", "trough"),
        ("stated", "second", None, "peak"),
        ("inferred", "second", None, "peak"),
    ]
    assert (arc.extremes[0].difference.value, arc.extremes[0].difference.low) == (-0.4, -0.5)


def test_languages() -> None:
    """Most texts first; what few customers wrote is not counted out, and no figure rests on few labels."""
    told = {"sentiment_basis": "head", "auc_negative": 0.9, "auc_negative_low": 0.8, "auc_negative_high": 0.95}
    rows = [
        {"language": "de", "count_texts": 90, "count_customers": 80, "count_labels": 70, **told},
        {"language": "en", "count_texts": 200, "count_customers": 150, "count_labels": 9, **told},
        {"language": "tr", "count_texts": 50, "count_customers": 3, "count_labels": 0, **told},
    ]
    languages = pd.DataFrame([dict.fromkeys(LANGUAGES.columns) | row for row in rows])
    arc = _arc(_row("first", "inferred", 20, 0.1), _row("first", "stated", 0, None), languages=languages)
    assert [(one.language, one.count_texts, one.count_labels, one.auc.value) for one in arc.languages] == [
        ("en", 200, None, None),
        ("de", 90, 70, 0.9),
        ("tr", None, 0, None),
    ]


def test_frustration() -> None:
    """It is told where clicks are watched, and of fewer than ten only that it is less than that."""
    watched = {
        "count_frustrated": 40,
        "frustrated_share": 0.1,
        "frustrated_share_low": 0.08,
        "frustrated_share_high": 0.13,
    }
    few = watched | {"count_frustrated": 4}
    arc = _arc(
        *(_row(stage, "stated", 20, 0.1) for stage in ("first", "second", ALL)),
        _row("first", "inferred", 20, 0.1, **watched),
        _row("second", "inferred", 20, 0.1, **few),
        _row(ALL, "inferred", 20, 0.1),
    )
    first, second = (stage.frustrated for stage in arc.stages)
    assert (first.count, first.total, first.value) == (40, 400, 0.1)
    assert (second.count, second.value, second.at_most) == (None, None, 10 / 400)
    assert arc.whole.frustrated is None


def test_nothing_was_said() -> None:
    """Without a rating or a text there is no arc."""
    assert _arc(_row("first", "stated", 0, None), _row("first", "inferred", 0, None)) is None
    assert emotional_arc(pd.DataFrame(columns=TABLES["insight_emotion"].schema.names), LANGUAGES, []) is None
