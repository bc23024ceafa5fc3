"""Features of a spine."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features import compute
from features.catalogue import features_of
from tests.features.drawn import at, features_of_lines
from tests.features.slow import slow_features
from tests.journeys.made_up import Touch, config_of, customer, identifier

NAMES = ["visit home", "visit pricing", "trial", "use", "buy", "mail sent", "ticket", "cancel now", "praise", "other"]
PEOPLE = "abcde"


@st.composite
def _business(draw: st.DrawFn) -> tuple[list[Touch], list[tuple[str, float]]]:
    touches = [
        Touch(
            who=draw(st.sampled_from(PEOPLE)),
            what=draw(st.sampled_from(NAMES)),
            hours=draw(st.sampled_from([0, 0.25, 23, 48, 240, 241, 700, 1_000, 1_400, 2_000, 3_000]))
            + draw(st.sampled_from([0, 0.5, 1, 5, 30])),
            lag=draw(st.sampled_from([0, 0, 0, 100])),
            amount=draw(st.sampled_from([None, 2.5, 10.0])),
            score=draw(st.sampled_from([None, 1.0, 4.0])),
            channel=draw(st.sampled_from(["website", "helpdesk", "elsewhere"])),
            case=draw(st.sampled_from([None, "one"])),
            position=draw(st.integers(0, 1)),
            key=f"t{number}",
        )
        for number in range(draw(st.integers(5, 60)))
    ]
    instants = st.sampled_from([10, 240.25, 1_000, 1_500, 2_001, 2_100.5, 3_200])
    spine = draw(st.sets(st.tuples(st.sampled_from(PEOPLE), instants), min_size=1, max_size=12))
    return touches, sorted(spine)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(business=_business(), by_case=st.booleans())
def test_equals_the_slow_one(engine: Any, business: tuple[list[Touch], list[tuple[str, float]]], by_case: bool) -> None:
    """Every feature of every customer at every instant equals that of a loop over the touchpoints."""
    touches, spine = business
    config = config_of(journeys={"by_case": by_case})
    found = features_of_lines(engine, touches, spine, config)
    expected = {(name, hours): slow_features(touches, {name}, hours, config) for name, hours in spine}
    assert found.keys() == {key for key, row in expected.items() if row is not None}
    for key, row in found.items():
        slow = expected[key]
        assert slow is not None
        assert row.pop("snapshot_at") == row.pop("known_at") == at(key[1])
        assert row.keys() == slow.keys()
        for name, value in slow.items():
            exact = value is None or isinstance(value, str | bool)
            assert row[name] == (value if exact else pytest.approx(value, abs=1e-6)), name


def test_what_was_known_later_changes_nothing(engine: Any) -> None:
    """Touchpoints that happened or were known after the snapshot, and merges learned after it, leave it as it was."""
    touches = [Touch("a", "visit home", 0), Touch("a", "use", 5), Touch("b", "buy", 4, amount=9.0)]
    late = [Touch("a", "buy", 3, lag=90), Touch("a", "ticket", 11), Touch("b", "cancel now", 6, lag=5)]

    def owners(*, is_merged: bool) -> list[dict[str, Any]]:
        rows = [
            {"identifier_id": identifier(name), "customer_id": customer(name), "known_at": at(0), "known_to": None}
            for name in "ab"
        ]
        if is_merged:
            rows[1]["known_to"] = at(20)
            rows.append({**rows[1], "customer_id": customer("a"), "known_at": at(20), "known_to": None})
        return rows

    spine = [("a", 10.0), ("b", 10.0)]
    before = features_of_lines(engine, touches, spine, config_of(), owners(is_merged=False))
    after = features_of_lines(engine, [*touches, *late], spine, config_of(), owners(is_merged=True))
    assert after == before
    merged = features_of_lines(engine, touches, [("a", 20.0)], config_of(), owners(is_merged=True))
    assert merged["a", 20.0]["count_touchpoints_90d"] == 3


def test_the_snapshot_itself_counts(engine: Any) -> None:
    """What happened and was known at the very instant of the snapshot is seen."""
    touches = [Touch("a", "use", 10), Touch("a", "use", 5, lag=5, key="known now")]
    found = features_of_lines(engine, touches, [("a", 10.0)], config_of())
    assert found["a", 10.0]["count_touchpoints_1d"] == 2


def test_parts_give_the_same(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spine computed in parts, as large ones are, equals one computed at once."""
    touches = [Touch(name, "use", hours, key=f"{name}{hours}") for name in "abc" for hours in range(3)]
    spine = [(name, hours) for name in "abc" for hours in (1.0, 5.0)]
    at_once = features_of_lines(engine, touches, spine, config_of())
    monkeypatch.setattr(compute, "_ROWS_A_PASS", 2)
    assert features_of_lines(engine, touches, spine, config_of()) == at_once
    assert len(at_once) == 6


def test_types(engine: Any) -> None:
    """An empty spine gives no rows, and a value stands in each column even of a customer with one touchpoint."""
    config = config_of()
    assert features_of_lines(engine, [Touch("a", "use", 0)], [], config) == {}
    row = features_of_lines(engine, [Touch("a", "use", 0)], [("a", 1.0)], config)["a", 1.0]
    kinds = {"number": float, "count": int, "flag": bool, "text": str}
    for name, feature in features_of(config).items():
        assert row[name] is None or type(row[name]) is kinds[feature.kind], name
