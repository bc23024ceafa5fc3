"""On which scale a score stands, and what it says there."""

from typing import Any

import ibis
import pyarrow as pa
import pytest

from journeys.config.sources import Source
from journeys.engine import connect, materialize
from journeys.texts.scales import MIN_SCORES, ratings

SOURCES = {
    name: Source.model_validate({"vendor": vendor, "files": "*.csv", **more})
    for name, vendor, more in [
        ("desk", "zendesk", {}),
        ("stars", "reviews", {}),
        ("surveys", "delighted", {}),
        ("web", "segment", {}),
        ("declared", "segment", {"score_scale": [0, 4]}),
    ]
}
_SCHEMA = pa.schema(
    {name: pa.string() for name in ("touchpoint_id", "source", "category", "touchpoint")} | {"score": pa.float64()}
)


def _rated(source: str, scores: list[float | None], category: str = "feedback") -> list[tuple[float, str] | None]:
    """Return value and rating of each score, all at one touchpoint."""
    rows = [
        {
            "touchpoint_id": f"t{number:03}",
            "source": source,
            "category": category,
            "touchpoint": "answer",
            "score": score,
        }
        for number, score in enumerate(scores)
    ]
    with connect(memory="200MB", threads=1) as connection:
        table = materialize(connection, ibis.memtable(pa.Table.from_pylist(rows, schema=_SCHEMA)), "scored")
        found: dict[str, Any] = {
            row["touchpoint_id"]: (row["value"], row["rating"])
            for row in ratings(table, SOURCES).to_pyarrow().to_pylist()
        }
    return [found.get(row["touchpoint_id"]) for row in rows]


def test_the_vendors_own_scale() -> None:
    """Satisfaction at a desk is 0 or 1, a review has one to five stars; neither needs many scores."""
    assert _rated("desk", [1.0, 0.0], "support") == [(1.0, "positive"), (-1.0, "negative")]
    assert _rated("stars", [1.0, 2.0, 3.0, 4.0, 5.0]) == [
        (-1.0, "negative"),
        (-0.5, "negative"),
        (0.0, "neutral"),
        (0.5, "positive"),
        (1.0, "positive"),
    ]


@pytest.mark.parametrize(
    ("scores", "last"),
    [
        ([9.0, 0.0], (0.8, "positive")),
        ([6.0, 10.0], (0.2, "negative")),
        ([8.0, 10.0], (0.6, "neutral")),
        ([4.0, 1.0], (0.5, "positive")),
        ([2.0, 5.0], (-0.5, "negative")),
        ([2.0, 7.0], (-2 / 3, "negative")),
        ([90.0, 15.0], (0.8, "positive")),
    ],
)
def test_a_scale_that_is_found(scores: list[float], last: tuple[float, str]) -> None:
    """The narrowest common scale that holds all of them; on 0 to 10 promoters and detractors count."""
    found = _rated("surveys", [scores[1]] * MIN_SCORES + [scores[0]])[-1]
    assert found is not None
    assert found == (pytest.approx(last[0]), last[1])


@pytest.mark.parametrize(
    "scores",
    [[4.0, 5.0] * 10, [5.0] * 40, [0.0, 1.0] * 40, [101.0, 3.0] * 40, [-3.0, 5.0] * 40, [float("nan"), None] * 40, []],
)
def test_no_scale(scores: list[float | None]) -> None:
    """Of few scores, of one value, of two values, and of what fits no common scale nothing is said."""
    assert _rated("surveys", scores) == [None] * len(scores)


def test_what_is_no_rating() -> None:
    """The score of a quiz is none; that of feedback is, and where the scale is declared all on it are."""
    assert _rated("web", [1.0, 5.0] * 40, "product") == [None] * 80
    assert _rated("web", [1.0, 5.0] * 40)[0] == (-1.0, "negative")
    assert _rated("declared", [0.0, 4.0, 5.0], "product") == [(-1.0, "negative"), (1.0, "positive"), None]


def test_unwritten_tables() -> None:
    """A table without a row gives none."""
    empty = ibis.memtable(_SCHEMA.empty_table())
    assert ratings(empty, SOURCES).to_pyarrow().num_rows == 0
