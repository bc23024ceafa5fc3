"""Departures from the planned path, against plain loops and as drawn."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from journeys.insights.deviations import KINDS, MISSING, OUT_OF_SEQUENCE, TOO_OFTEN, insight_deviations
from journeys.insights.planned_path import planned_path
from tests.journeys.insights.drawn import Drawn, config_of, quantile, tables_of
from tests.journeys.insights.oracle import rate_of
from tests.journeys.insights.strategies import drawn_journeys

PLAN = ["a", "b", "c"]


def _deviations(names: list[str]) -> dict[tuple[str, str], bool]:
    """Return of each planned step that this or a later one was reached, whether the path departs there, and how."""
    places = {step: [place for place, name in enumerate(names) if name == step] for step in PLAN}
    found = {}
    for number, step in enumerate(PLAN):
        later = [places[other][0] for other in PLAN[number + 1 :] if places[other]]
        if not places[step] and not later:
            continue
        runs = sum(place - 1 not in places[step] for place in places[step])
        found[step, MISSING] = not places[step]
        found[step, TOO_OFTEN] = runs > 1
        found[step, OUT_OF_SEQUENCE] = bool(places[step] and later and min(later) < places[step][0])
    return found


def _slow(journeys: list[Drawn]) -> dict[tuple[str, str], dict[str, Any]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    told = [(journey, _deviations([name for name, _ in journey.path])) for journey in journeys]
    for key in [(step, kind) for step in PLAN for kind in KINDS]:
        entered = [(journey, found[key]) for journey, found in told if key in found]
        deviates = [journey for journey, has in entered if has]
        if not deviates:
            continue
        row: dict[str, Any] = {"count_entered": len(entered), "count_journeys": len(deviates)}
        row["count_customers"] = len({journey.customer for journey in deviates})
        everybody = len({journey.customer for journey, _ in entered})
        names = ("share", "share_low", "share_high")
        row |= dict(zip(names, rate_of(len(deviates), len(entered), everybody), strict=True))
        for suffix, wanted in (("", True), ("_without", False)):
            over = [journey for journey, has in entered if has is wanted and journey.outcome_kind != "open"]
            customers = len({journey.customer for journey in over})
            won = sum(journey.outcome_kind == "positive" for journey in over)
            names = tuple(f"conversion_rate{suffix}{end}" for end in ("", "_low", "_high"))
            row |= dict(zip(names, rate_of(won, len(over), customers) if over else (None,) * 3, strict=True))
            hours = [journey.path[-1][1] - journey.path[0][1] for journey in over]
            row[f"hours_p50{suffix}"] = quantile(hours, 0.5, enough=customers >= 10)
        rows[key] = row
    return rows


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=drawn_journeys())
def test_equals_the_slow_one(connection: Any, drawn: list[Drawn]) -> None:
    """Counts, shares, rates and hours equal those of plain loops over the journeys."""
    steps, journeys, _ = tables_of(connection, drawn)
    path = planned_path(config_of(journeys={"steps": PLAN}))
    found = {(row["step"], row["kind"]): row for row in insight_deviations(steps, journeys, path).to_pylist()}
    expected = _slow(drawn)
    assert set(found) == set(expected)
    for key, slow in expected.items():
        assert {name: found[key][name] for name in slow} == pytest.approx(slow, abs=1e-9), key


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("abc", set()),
        ("aabbc", set()),
        ("axbc", set()),
        ("ac", {("b", MISSING)}),
        ("bc", {("a", MISSING)}),
        ("abac", {("a", TOO_OFTEN)}),
        ("axa", {("a", TOO_OFTEN)}),
        ("bac", {("a", OUT_OF_SEQUENCE)}),
        ("cba", {("a", OUT_OF_SEQUENCE), ("b", OUT_OF_SEQUENCE)}),
        ("x", set()),
    ],
)
def test_drawn(connection: Any, names: str, expected: set[tuple[str, str]]) -> None:
    """Which path departs from a, b, c where and how."""
    steps, journeys, _ = tables_of(connection, [Drawn("c1", [(name, float(at)) for at, name in enumerate(names)])])
    rows = insight_deviations(steps, journeys, planned_path(config_of(journeys={"steps": PLAN}))).to_pylist()
    assert {(row["step"], row["kind"]) for row in rows} == expected
