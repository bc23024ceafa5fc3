"""Channels by stage, against plain loops over journeys."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from journeys.config.journey_yaml import JourneyConfig
from journeys.insights.channels import HALF_LIFE_DAYS, insight_channels
from journeys.insights.credit import MODELS
from tests.journeys.insights.drawn import CHANNELS, STAGES, Drawn, config_of, tables_of
from tests.journeys.insights.oracle import rate_of
from tests.journeys.insights.strategies import drawn_journeys
from tests.journeys.insights.test_credit import slow_credit

_PLACE = {name: place for place, name in enumerate(["first", "second", "third"])}


def _paths(journeys: list[Drawn]) -> dict[str, list[tuple[str, list[tuple[str, float]], bool, float]]]:
    """Return by stage of each journey: customer, channels with hours, whether it converted, and when."""
    found: dict[str, list[tuple[str, list[tuple[str, float]], bool, float]]] = defaultdict(list)
    for journey in journeys:
        is_won = journey.outcome_kind == "positive"
        is_open = journey.is_open or journey.outcome_kind == "open"
        won_at = journey.path[-1][1]
        lines: dict[str, list[tuple[str, float]]] = defaultdict(list)
        entered: dict[str, float] = {}
        stage = None
        for name, at in journey.path:
            stage = STAGES.get(name, stage)
            if stage:
                lines[stage].append((CHANNELS.get(name, "app"), at))
                entered.setdefault(stage, at)
        stages = sorted(lines, key=_PLACE.__getitem__)
        for place, name in enumerate(stages):
            goes_on = place + 1 < len(stages)
            touches = lines[name] if goes_on or not is_won else [one for one in lines[name] if one[1] < won_at]
            end = entered[stages[place + 1]] if goes_on else won_at
            if touches and (goes_on or is_won or not is_open):
                found[name].append((journey.customer, touches, goes_on or is_won, end))
        touches = [(CHANNELS.get(name, "app"), at) for name, at in journey.path if not is_won or at < won_at]
        if touches and (is_won or not is_open):
            found["all"].append((journey.customer, touches, is_won, won_at))
    return found


def _slow(journeys: list[Drawn]) -> dict[tuple[str, str], dict[str, Any]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for stage, paths in _paths(journeys).items():
        credit = slow_credit([([name for name, _ in touches], won, not won) for _, touches, won, _ in paths])
        decay: dict[str, float] = defaultdict(float)
        for _, touches, won, end in paths:
            weights = [0.5 ** ((end - at) / 24 / HALF_LIFE_DAYS) for _, at in touches]
            for (name, _), weight in zip(touches, weights, strict=True):
                decay[name] += won * weight / sum(weights)
        for channel in {name for _, touches, *_ in paths for name, _ in touches}:
            met = [path for path in paths if channel in {name for name, _ in path[1]}]
            customers = len({customer for customer, *_ in met})
            converted = sum(won for _, _, won, _ in met)
            rate, low, high = rate_of(converted, len(met), customers)
            rows[stage, channel] = {
                "count_journeys": len(met),
                "count_customers": customers,
                "count_converted": converted,
                "conversion_rate": rate,
                "conversion_rate_low": low,
                "conversion_rate_high": high,
                **{f"credit_{name}": credit[name][channel] if customers >= 10 else None for name in MODELS},
                "credit_decay": decay[channel] if customers >= 10 else None,
            }
    return rows


@pytest.fixture(scope="module")
def config() -> JourneyConfig:
    return config_of()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=drawn_journeys())
def test_equals_the_slow_one(connection: Any, config: JourneyConfig, drawn: list[Drawn]) -> None:
    """Reach, conversion and all credits equal those of plain loops; models that disagree span a range."""
    steps, journeys, _ = tables_of(connection, drawn)
    found = {(row["stage"], row["channel"]): row for row in insight_channels(steps, journeys, config).to_pylist()}
    expected = _slow(drawn)
    assert set(found) == set(expected)
    for key, slow in expected.items():
        row = found[key]
        assert {name: row[name] for name in slow} == pytest.approx(slow, abs=1e-9), key
        models = [row[f"credit_{name}"] for name in MODELS]
        if models[0] is not None:
            assert (row["credit_low"], row["credit_high"]) == pytest.approx((min(models), max(models)))
            assert row["credit_markov_low"] <= row["credit_markov_high"]
        assert row["incremental"] is row["incremental_low"] is row["grade"] is None


def test_no_journey_at_all(connection: Any, config: JourneyConfig) -> None:
    """Without a journey there is no row, and no crash."""
    steps, journeys, _ = tables_of(connection, [])
    assert insight_channels(steps, journeys, config).num_rows == 0


def test_stages_in_their_order(connection: Any, config: JourneyConfig) -> None:
    """Rows go by the stages' order, whole journeys last, the channel that most met first."""
    drawn = [Drawn(f"c{number}", [("a", 0.0), ("b", 1.0), ("c", 2.0)], "positive") for number in range(12)]
    steps, journeys, _ = tables_of(connection, drawn)
    rows = insight_channels(steps, journeys, config).to_pylist()
    assert [(row["stage"], row["channel"], row["count_converted"]) for row in rows] == [
        ("first", "mail", 12),
        ("second", "web", 12),
        ("all", "mail", 12),
        ("all", "web", 12),
    ]
