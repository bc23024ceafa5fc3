"""Journeys from steps."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.episodes.journeys import journey_variants
from tests.journeys.episodes import drawn
from tests.journeys.episodes.drawn import journeys_of, ordered
from tests.journeys.episodes.slow import slow_journeys, slow_steps
from tests.journeys.made_up import START, Touch, config_of, customer

BY_RULE = config_of()
BY_CASE = config_of(journeys={"by_case": True})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    touches=drawn.touches(),
    by_case=st.booleans(),
    amount=st.sampled_from(["sum", "max", "last", "none"]),
    silence=st.sampled_from([0, 239, 240, 241]),
)
def test_equals_the_slow_one(engine: Any, touches: list[Touch], by_case: bool, amount: str, silence: int) -> None:
    """Every column of every journey equals that of plain loops."""
    config = config_of(journeys={"by_case": by_case, "amount": amount})
    until = max(touch.event_at for touch in touches) + timedelta(hours=silence)
    found = journeys_of(engine, touches, config, until)
    steps = slow_steps(touches, config, {name: customer(name) for name in "abc"})
    expected = slow_journeys(steps, config, until)

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(
            str(row[name]) for name in ("customer_id", "started_at", "path", "amount", "outcome_at", "ended_at")
        )

    assert len(found) == len(expected)
    for row, slow in zip(sorted(found, key=key), sorted(expected.values(), key=key), strict=True):
        assert {name: row[name] for name in slow} == slow


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ([("visit home", 0), ("buy", 1)], ("bought", "positive", False)),
        ([("visit home", 0), ("cancel now", 1)], ("cancelled", "negative", False)),
        ([("praise", 0), ("cancel now", 1)], ("cancelled", "negative", False)),
        ([("praise", 0), ("visit home", 1)], ("praised", "positive", True)),
        ([("visit home", 0), ("visit home", 1)], (None, "open", True)),
        ([("visit home", 0), ("visit home", -300)], (None, "neutral", False)),
    ],
    ids=[
        "the outcome that ends it",
        "a negative one",
        "an ending one before a milestone",
        "a milestone leaves it open",
        "none yet",
        "closed by silence",
    ],
)
def test_outcomes(engine: Any, line: list[tuple[str, float]], expected: tuple[str | None, str, bool]) -> None:
    """The first ending outcome counts, else the first milestone; without an end a journey is open until silence."""
    touches = [Touch("a", what, hours) for what, hours in line]
    row = journeys_of(engine, touches, BY_RULE, START + timedelta(hours=2))[0]
    assert (row["outcome"], row["outcome_kind"], row["is_open"]) == expected
    assert (row["ended_at"] is None) == expected[2]


@pytest.mark.parametrize(
    ("case", "config", "after", "is_open"),
    [
        (None, BY_RULE, 240, True),
        (None, BY_RULE, 240.1, False),
        ("one", BY_RULE, 240.1, False),
        ("one", BY_CASE, 9_000, True),
        (None, BY_CASE, 240.1, False),
    ],
    ids=["silent for the gap", "longer", "a case by rule", "a case by case", "no case by case"],
)
def test_silence_closes(engine: Any, case: str | None, config: Any, after: float, is_open: bool) -> None:
    """Silence beyond the gap closes a journey, but never a source's own case."""
    row = journeys_of(engine, [Touch("a", "use", 0, case=case)], config, START + timedelta(hours=after))[0]
    assert row["is_open"] == is_open


@pytest.mark.parametrize(("amount", "expected"), [("sum", 31.5), ("max", 20.0), ("last", 1.5), ("none", None)], ids=str)
def test_amounts(engine: Any, amount: str, expected: float | None) -> None:
    """A journey's amount is what journey.yaml says: sum, largest, last or none; missing amounts do not count."""
    amounts = [10.0, 20.0, 1.5, None]
    touches = [Touch("a", "use", hours, amount=value) for hours, value in enumerate(amounts)]
    row = journeys_of(engine, touches, config_of(journeys={"amount": amount}), START)[0]
    assert row["amount"] == expected


def test_a_journey_without_amounts_has_none(engine: Any) -> None:
    """Nothing named is missing, not 0."""
    assert journeys_of(engine, [Touch("a", "use", 0)], BY_RULE, START)[0]["amount"] is None


def test_variants_collapse_repeats(engine: Any) -> None:
    """Immediate repeats count once in a path; the same path has the same variant, whoever went it."""
    lines = {"a": "use use trial use", "b": "use trial trial use", "c": "use trial"}
    touches = [Touch(who, what, hours) for who, line in lines.items() for hours, what in enumerate(line.split())]
    table = ordered(engine, touches, BY_RULE)
    rows = engine.to_pyarrow(journey_variants(table)).to_pylist()
    assert sorted(row["path"] for row in rows) == ["use > trial", "use > trial > use", "use > trial > use"]
    assert len({row["variant_id"] for row in rows}) == 2
    assert all(len(row["variant_id"]) == 16 for row in rows)
