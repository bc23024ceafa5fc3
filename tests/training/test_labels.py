"""Did the outcome happen within the horizon, as far as was known."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.config.targets import Target
from journeys.episodes.vocabulary import describe_touchpoints
from journeys.lake.tables import TIMESTAMP
from tests.journeys.made_up import START, config_of
from training.labels import label_rows, longest_lag, outcome_events


class Event(NamedTuple):
    """An outcome of a customer, so many days after the start, known so many days later."""

    who: str
    day: float
    lag: float = 0.0


def _at(days: float) -> datetime:
    return START + timedelta(days=days)


def _target(gap: int, horizon: int) -> Target:
    return Target(outcome="bought", kind="conversion", gap=timedelta(days=gap), horizon=timedelta(days=horizon))


def _labels(
    engine: Any,
    rows: list[tuple[str, float]],
    events: list[Event],
    target: Target,
    known_until: float,
    later: dict[str, str] | None = None,
    lag: float = 0.0,
) -> dict[tuple[str, float], int]:
    text, whole = pa.string(), {name: name for name in {who for who, _ in rows}}
    became = whole | (later or {})
    found = label_rows(
        ibis.memtable(
            pa.Table.from_pylist(
                [{"customer_id": who, "snapshot_at": _at(day)} for who, day in rows],
                schema=pa.schema({"customer_id": text, "snapshot_at": TIMESTAMP}),
            )
        ),
        ibis.memtable(
            pa.Table.from_pylist(
                [
                    {"customer_id": event.who, "known_at": _at(event.day + event.lag), "outcome_at": _at(event.day)}
                    for event in events
                ],
                schema=pa.schema({"customer_id": text, "known_at": TIMESTAMP, "outcome_at": TIMESTAMP}),
            )
        ),
        ibis.memtable(
            pa.Table.from_pylist(
                [{"earlier_customer_id": earlier, "customer_id": now} for earlier, now in became.items()],
                schema=pa.schema({"earlier_customer_id": text, "customer_id": text}),
            )
        ),
        target,
        _at(known_until),
        timedelta(days=lag),
    )
    days = {_at(day): day for _, day in rows}
    return {
        (row["customer_id"], days[row["snapshot_at"]]): row["label"] for row in engine.to_pyarrow(found).to_pylist()
    }


@pytest.mark.parametrize(("known_until", "expected"), [(12.5, {}), (13.0, {("a", 0): 0, ("b", 0): 1})])
def test_a_lagging_source_matures_later(
    engine: Any, known_until: float, expected: dict[tuple[str, float], int]
) -> None:
    """A window has no label before the sources had their lag to tell of an outcome at its very end."""
    events = [Event("b", 10, lag=3)]
    assert _labels(engine, [("a", 0), ("b", 0)], events, _target(0, 10), known_until, lag=3.0) == expected


def test_the_longest_lag_of_the_sources_that_tell() -> None:
    """Only the lags of the sources asked for count; one that is declared no longer has none."""
    base = {"vendor": "segment", "files": "*.jsonl"}
    config = config_of(sources={"web": base, "till": {**base, "lag": "2d"}, "post": {**base, "lag": "9d"}})
    assert longest_lag(config, ["web", "till", "gone"]) == timedelta(days=2)
    assert longest_lag(config, []) == timedelta(0)


@pytest.mark.parametrize(
    ("events", "known_until", "expected"),
    [
        ([], 20, 0),
        ([Event("a", 15)], 20, 1),
        ([Event("a", 20)], 20, 1),
        ([Event("a", 20.001)], 40, 0),
        ([Event("a", 12)], 20, None),
        ([Event("a", 12.001)], 20, 1),
        ([Event("a", 10)], 20, 0),
        ([Event("a", 10.001)], 20, None),
        ([Event("a", 11), Event("a", 15)], 20, None),
        ([Event("a", 15)], 19.999, None),
        ([Event("a", 15, lag=6)], 20, 0),
        ([Event("a", 15, lag=6)], 21, 1),
        ([Event("b", 15)], 20, 0),
    ],
    ids=[
        "never",
        "within",
        "at the very end",
        "just after the end",
        "at the end of the gap",
        "just after the gap",
        "at the snapshot",
        "just after the snapshot",
        "within the gap and again",
        "not mature, not even positive",
        "not yet known",
        "known meanwhile",
        "somebody else's",
    ],
)
def test_label_windows(engine: Any, events: list[Event], known_until: float, expected: int | None) -> None:
    """The outcome counts in (snapshot + gap, snapshot + gap + horizon]; here (day 12, day 20] of a snapshot on day 10."""
    found = _labels(engine, [("a", 10)], events, _target(2, 8), known_until)
    assert found == ({} if expected is None else {("a", 10): expected})


def test_a_merge_brings_the_outcome_along(engine: Any) -> None:
    """An earlier customer's row gets the outcome of whom it became."""
    found = _labels(engine, [("a", 10), ("b", 10)], [Event("a", 15)], _target(0, 10), 30, {"b": "a"})
    assert found == {("a", 10): 1, ("b", 10): 1}


@st.composite
def _cases(draw: st.DrawFn) -> dict[str, Any]:
    people = st.sampled_from("abcd")
    rows = draw(st.sets(st.tuples(people, st.integers(0, 20)), min_size=1, max_size=10))
    events = draw(st.lists(st.builds(Event, people, st.integers(0, 40), st.sampled_from([0, 0, 5])), max_size=12))
    later = draw(st.dictionaries(people, people, max_size=2))
    return {
        "rows": sorted(rows),
        "events": events,
        "target": _target(draw(st.integers(0, 5)), draw(st.integers(1, 10))),
        "known_until": draw(st.integers(0, 40)),
        "later": later,
    }


def _slow(case: dict[str, Any]) -> dict[tuple[str, float], int]:
    gap, horizon = case["target"].gap.days, case["target"].horizon.days
    found = {}
    for who, day in case["rows"]:
        if day + gap + horizon > case["known_until"]:
            continue
        owner = case["later"].get(who, who)
        known = [
            event for event in case["events"] if event.who == owner and event.day + event.lag <= case["known_until"]
        ]
        if any(day < event.day <= day + gap for event in known):
            continue
        found[who, day] = int(any(day + gap < event.day <= day + gap + horizon for event in known))
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=_cases())
def test_equals_the_slow_one(engine: Any, case: dict[str, Any]) -> None:
    """Labels equal those of a loop over rows and outcomes."""
    assert _labels(engine, **case) == _slow(case)


def test_outcome_events(engine: Any) -> None:
    """Every touchpoint whose name reaches the outcome is one, and no other."""
    names = ["buy", "use", "cancel now", "buy"]
    touches = ibis.memtable(
        pd.DataFrame(
            {
                "touchpoint": names,
                "customer_id": list("abcd"),
                "event_at": [_at(day) for day in range(4)],
                "known_at": [_at(day + 1) for day in range(4)],
            }
        )
    )
    vocabulary = ibis.memtable(describe_touchpoints(names, config_of()))
    found = engine.to_pyarrow(outcome_events(touches, vocabulary, "bought").order_by("customer_id")).to_pylist()
    assert [(row["customer_id"], row["outcome_at"], row["known_at"]) for row in found] == [
        ("a", _at(0), _at(1)),
        ("d", _at(3), _at(4)),
    ]
