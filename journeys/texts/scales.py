"""Scores on one scale: where between worst (-1) and best (+1) a rating stands, and whether it is a bad or a good one."""

from collections.abc import Mapping
from typing import Any

import ibis
import pyarrow as pa

from journeys.config.sources import Source

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"

MIN_SCORES = 30
"""From fewer scores than this of a touchpoint nobody can tell on which scale they were given."""

VENDOR_SCALES: Mapping[str, tuple[float, float]] = {"zendesk": (0, 1), "intercom": (1, 5), "reviews": (1, 5)}
"""Scales that a vendor has and no other."""

SURVEYS = ("delighted", "qualtrics", "surveymonkey", "typeform", *VENDOR_SCALES)
"""Vendors all of whose scores are ratings; of others only the scores of feedback are, as a quiz has a score as well."""

_COMMON_SCALES = ((1, 5), (1, 7), (0, 10), (0, 100))
_BAD, _GOOD = -1 / 3, 1 / 3
_PROMOTER_SCALE = (0, 10)
_DETRACTOR, _PROMOTER = 6, 9
_FEEDBACK = "feedback"


def ratings(touchpoints: ibis.Table, sources: Mapping[str, Source]) -> ibis.Table:
    """Return touchpoint_id, value and rating of every touchpoint at which a customer rated something.

    `value` is the place on the scale, from -1 to 1. `rating` is negative, neutral or positive: on 0 to 10 as the net promoter score has it
    (up to 6, 7 and 8, 9 and 10; Reichheld 2003), else the lower, middle and upper third of the scale. The scale is
    that of the source's `score_scale`, else the vendor's own, else the narrowest common one (1 to 5, 1 to 7, 0 to 10, 0 to 100) that holds
    all scores of the source's touchpoint, of which there must be thirty. A scale of two values is never guessed: who sees only 0 and 1
    cannot know what 1 is. Scores without a scale, and off it, are no ratings.

    Args:
        touchpoints: touchpoint_id, source, category, touchpoint, score.
        sources: the sources of the configuration.
    """
    connection: Any = touchpoints.get_backend()
    rows = touchpoints.filter(touchpoints.score.notnull() & ~touchpoints.score.isnan())
    found = rows.group_by("source", "category", "touchpoint").agg(
        least=rows.score.min(), most=rows.score.max(), count_scores=rows.count(), count_values=rows.score.nunique()
    )
    groups = connection.to_pyarrow(found.order_by("source", "category", "touchpoint")).to_pylist()
    scales = [(group, _scale(group, sources.get(group["source"]))) for group in groups]
    names = ("source", "category", "touchpoint")
    told = [
        {name: group[name] for name in names} | {"low": scale[0], "high": scale[1]} for group, scale in scales if scale
    ]
    known = ibis.memtable(pa.Table.from_pylist(told, schema=_KNOWN))
    placed = rows.inner_join(known, ["source", "category", "touchpoint"])
    placed = placed.filter(placed.score.between(placed.low, placed.high))
    value = 2.0 * (placed.score - placed.low) / (placed.high - placed.low) - 1.0
    is_promoter_scale = (placed.low == _PROMOTER_SCALE[0]) & (placed.high == _PROMOTER_SCALE[1])
    is_bad = is_promoter_scale.ifelse(placed.score <= _DETRACTOR, value < _BAD - 1e-9)
    is_good = is_promoter_scale.ifelse(placed.score >= _PROMOTER, value > _GOOD + 1e-9)
    return placed.select(
        "touchpoint_id", value=value, rating=ibis.cases((is_bad, NEGATIVE), (is_good, POSITIVE), else_=NEUTRAL)
    )


_KNOWN = pa.schema(
    [
        *((name, pa.string()) for name in ("source", "category", "touchpoint")),
        ("low", pa.float64()),
        ("high", pa.float64()),
    ]
)


def _scale(group: Mapping[str, Any], source: Source | None) -> tuple[float, float] | None:
    """Return the ends of the scale on which the scores of one touchpoint stand, or nothing."""
    if source is None:
        return None
    if source.score_scale:
        return source.score_scale
    if group["category"] != _FEEDBACK and source.vendor not in SURVEYS:
        return None
    if source.vendor in VENDOR_SCALES:
        return VENDOR_SCALES[source.vendor]
    if group["count_scores"] < MIN_SCORES or group["count_values"] < 2 or group["most"] <= 1:
        return None
    fits = (scale for scale in _COMMON_SCALES if scale[0] <= group["least"] and group["most"] <= scale[1])
    return next(fits, None)
