"""The emotional arc, against plain loops, in worlds whose truth is known, and where there is too little to say."""

from collections import defaultdict
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from scipy import stats
from statsmodels.stats.multitest import multipletests

from journeys.engine import materialize
from journeys.insights import emotion
from journeys.insights.emotion import INFERRED, KINDS, MIN_SAID, PEAK, STATED, TROUGH, insight_emotion
from journeys.insights.segments import ALL
from tests.journeys.insights.drawn import STAGES, Drawn, config_of, tables_of
from tests.journeys.insights.oracle import rate_of
from tests.journeys.insights.strategies import drawn_journeys

_SAID = pa.schema({"touchpoint_id": pa.string(), "kind": pa.string(), "value": pa.float64()})
_SEGMENTS = pa.schema({"customer_id": pa.string(), "segment": pa.string()})
Key = tuple[str, str, str]
KIND_OF = {"x": INFERRED, "b": STATED}


def _found(
    connection: Any, steps: ibis.Table, said: list[dict[str, Any]], segments: list[dict[str, str]] | None = None
) -> dict[Key, dict[str, Any]]:
    tables = [
        materialize(connection, ibis.memtable(pa.Table.from_pylist(rows, schema=schema)), "emotion_drawn")
        for rows, schema in ((said, _SAID), (segments or [], _SEGMENTS))
    ]
    rows = insight_emotion(steps, tables[0], tables[1], config_of()).to_pylist()
    found = {(row["stage"], row["touchpoint"], row["kind"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def _say(drawn: list[Drawn]) -> list[tuple[str, str | None, str, str, float | None]]:
    """Return touchpoint id, stage, touchpoint, customer and value of all touchpoints; the value is nothing at some."""
    rows: list[tuple[str, str | None, str, str, float | None]] = []
    for journey in drawn:
        stage = None
        for name, _ in journey.path:
            stage = STAGES.get(name, stage)
            number = len(rows)
            value = None if number % 11 == 3 else (number * 37 % 21 - 10) / 10
            rows.append((f"t{number}", stage, name, journey.customer, value))
    return rows


def _slow(drawn: list[Drawn]) -> dict[Key, dict[str, Any]]:
    """Return the rows by plain loops; without the weighted mean."""
    entered: dict[str, set[str]] = defaultdict(set)
    said: dict[Key, dict[str, list[float | None]]] = defaultdict(lambda: defaultdict(list))
    for _, stage, name, customer, value in _say(drawn):
        for place in (stage, ALL) if stage else (ALL,):
            entered[place].add(customer)
            if name in KIND_OF:
                for at in {name, ALL} if place != ALL else {ALL}:
                    said[place, at, KIND_OF[name]][customer].append(value)
    keys = {(place, ALL, kind) for place in entered for kind in KINDS} | set(said)
    rows = {key: _slow_mean(said[key], len(entered[key[0]])) for key in keys}
    for kind in KINDS:
        of_kind = {key: row for key, row in rows.items() if key[2] == kind}
        told = [(name, value) for _, _, name, _, value in _say(drawn) if value is not None]
        alike = {name for name in KIND_OF if len({value for other, value in told if other == name}) == 1}
        _add_slow_tests(of_kind, alike)
    return rows


def _slow_mean(of_customer: dict[str, list[float | None]], count_entered: int) -> dict[str, Any]:
    values = {who: [one for one in some if one is not None] for who, some in of_customer.items()}
    spoke = {who: some for who, some in values.items() if some}
    everything = [one for some in spoke.values() for one in some]
    row: dict[str, Any] = {
        "count_customers_entered": count_entered,
        "count_customers": len(spoke),
        "count_said": len(everything),
        "count_not_scored": sum(one is None for some in of_customer.values() for one in some),
        "is_told": len(everything) >= emotion.MIN_SAID and len(spoke) >= 10,
    }
    names = ("coverage", "coverage_low", "coverage_high")
    row |= dict(zip(names, rate_of(len(spoke), count_entered, count_entered), strict=True))
    row |= {f"{name}{end}": None for name in ("emotion", "difference") for end in ("", "_low", "_high")}
    if everything:
        mean = float(np.mean(everything))
        row["moved"] = {who: sum(one - mean for one in some) / len(everything) for who, some in spoke.items()}
        row["mean"] = mean
    if row["is_told"]:
        half = _half(list(row["moved"].values()))[0]
        row |= {"emotion": mean, "emotion_low": max(-1, mean - half), "emotion_high": min(1, mean + half)}
    return row


def _half(moved: list[float]) -> tuple[float, float]:
    """Return half the interval, and the standard error, of what customers move."""
    people = len(moved)
    error = np.sqrt(people / (people - 1) * sum(one**2 for one in moved))
    return stats.t.ppf(0.975, people - 1) * error, error


def _add_slow_tests(rows: dict[Key, dict[str, Any]], alike: set[str]) -> None:
    told = {key: row for key, row in rows.items() if row["is_told"] and key[0] != ALL}
    whole = next((row for key, row in rows.items() if key[0] == ALL), None)
    tested = {key: row for key, row in told.items() if key[1] not in alike}
    if whole is None or not told:
        return
    p_values = []
    for key, row in told.items():
        half, error = _half([row["moved"].get(who, 0.0) - one for who, one in whole["moved"].items()])
        gap = row["mean"] - whole["mean"]
        row.update({"difference": gap, "difference_low": gap - half, "difference_high": gap + half})
        if key in tested:
            p_values.append(1.0 if error <= 1e-9 else 2 * stats.t.sf(abs(gap) / error, len(whole["moved"]) - 1))
    if not tested:
        return
    sure, q_values, *_ = multipletests(p_values, 0.05, method="fdr_bh")
    for row, is_sure, q_value in zip(tested.values(), sure, q_values, strict=True):
        is_extreme = is_sure and abs(row["difference"]) >= emotion.MIN_DIFFERENCE
        side = PEAK if row["difference"] > 0 else TROUGH
        row.update({"q_value": q_value, "extreme": side if is_extreme else None})


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=drawn_journeys())
def test_equals_the_slow_one(connection: Any, drawn: list[Drawn]) -> None:
    """Counts, coverage, means, intervals and tests equal those of plain loops."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emotion, "MIN_SAID", 5)
        said = [
            {"touchpoint_id": number, "kind": KIND_OF[name], "value": value}
            for number, _, name, _, value in _say(drawn)
            if name in KIND_OF
        ]
        found = _found(connection, tables_of(connection, drawn)[0], said)
        expected = _slow(drawn)
    assert set(found) == set(expected)
    for key, slow in expected.items():
        numbers = {name: one for name, one in slow.items() if name not in {"is_told", "mean", "moved", "extreme"}}
        assert {name: found[key][name] for name in numbers} == pytest.approx(numbers, abs=1e-8), key
        assert found[key]["extreme"] == slow.get("extreme"), key


def _world(
    seed: int, count: int, moods: dict[str, float], *, spread: float = 0.4
) -> tuple[list[Drawn], list[dict[str, Any]]]:
    """Return journeys through a, b and c, and what was said: at each about half say something, some of them often.

    `moods` is the mean of what is said at a touchpoint; some customers are happier than others everywhere.
    """
    rng = np.random.default_rng(seed)
    drawn, said, number = [], [], 0
    for person in range(count):
        happy = rng.normal(0, 0.3)
        drawn.append(Drawn(f"c{person}", [(name, float(place)) for place, name in enumerate("axbxcx")]))
        for name in "axbxcx":
            if name == "x" or rng.random() < 0.5:
                stage = "abc"[number % 6 // 2]
                value = float(np.clip(moods[stage] + happy + rng.normal(0, spread), -1, 1))
                said.append({"touchpoint_id": f"t{number}", "kind": INFERRED, "value": value})
            number += 1
    return drawn, said


def test_peaks_and_troughs_are_found(connection: Any) -> None:
    """A stage of which worse is said is a trough, one of which better is said a peak, and the one between is neither."""
    drawn, said = _world(1, 300, {"a": 0.4, "b": -0.4, "c": 0.0})
    found = _found(connection, tables_of(connection, drawn)[0], said)
    extremes = {stage: found[stage, ALL, INFERRED]["extreme"] for stage in ("first", "second", "third", ALL)}
    assert extremes == {"first": PEAK, "second": TROUGH, "third": None, ALL: None}
    worst = found["second", "x", INFERRED]
    assert worst["extreme"] == TROUGH
    assert worst["difference_low"] < worst["difference"] < worst["difference_high"] < 0
    assert found["second", ALL, STATED]["emotion"] is None
    assert found["second", ALL, STATED]["coverage"] == 0
    assert found[ALL, ALL, INFERRED]["difference"] is None


def test_where_all_is_alike(connection: Any) -> None:
    """Where all stages are alike hardly any world has a peak or a trough, though some customers are always happier."""
    worlds = 30
    told = 0
    for seed in range(worlds):
        drawn, said = _world(seed, 60, dict.fromkeys("abc", 0.2), spread=0.5)
        found = _found(connection, tables_of(connection, drawn)[0], said)
        told += any(row["extreme"] for row in found.values())
    assert told <= stats.binom.ppf(0.999, worlds, 0.05)


def test_intervals_take_customers_as_one(connection: Any) -> None:
    """Ten texts of each of thirty customers who always say the same are thirty opinions."""
    rng = np.random.default_rng(4)
    drawn = [Drawn(f"c{person}", [("a", float(place)) for place in range(10)]) for person in range(30)]
    moods = rng.normal(0, 0.3, 30)
    said = [
        {"touchpoint_id": f"t{number}", "kind": INFERRED, "value": float(moods[number // 10])} for number in range(300)
    ]
    row = _found(connection, tables_of(connection, drawn)[0], said)["first", ALL, INFERRED]
    half = stats.t.ppf(0.975, 29) * moods.std(ddof=1) / np.sqrt(30)
    assert row["emotion_high"] - row["emotion"] == pytest.approx(half)


def test_intervals_cover(connection: Any) -> None:
    """Of 200 touchpoints, each with customers of its own, 95 in 100 intervals hold the mean that their customers come from."""
    rng = np.random.default_rng(8)
    drawn, said, number = [], [], 0
    for touchpoint in range(200):
        for person in range(25):
            times = int(rng.integers(1, 6))
            happy = rng.normal(0.1, 0.3)
            drawn.append(Drawn(f"c{touchpoint}-{person}", [(f"x{touchpoint}", float(place)) for place in range(times)]))
            for value in happy + rng.normal(0, 0.2, times):
                said.append({"touchpoint_id": f"t{number}", "kind": STATED, "value": float(np.clip(value, -1, 1))})
                number += 1
    steps = tables_of(connection, drawn)[0].mutate(stage=ibis.literal("first"))
    rows = [row for key, row in _found(connection, steps, said).items() if key[1] != ALL]
    assert len(rows) == 200
    covered = sum(row["emotion_low"] <= 0.1 <= row["emotion_high"] for row in rows)
    assert stats.binom.ppf(0.001, 200, 0.95) <= covered <= stats.binom.ppf(0.999, 200, 0.95)
    assert sum(row["extreme"] is not None for row in rows) <= 2


def test_silent_groups_are_stood_for(connection: Any) -> None:
    """Where the discontented plan answers less often, the weighted mean is that of all, and the plain one is not."""
    drawn = [Drawn(f"c{person}", [("a", 0.0), ("x", 1.0)]) for person in range(1000)]
    segments, said = [], []
    for person in range(1000):
        is_pro = person % 2 == 0
        segments += [
            {"customer_id": f"c{person}", "segment": one} for one in (ALL, f"plan={'pro' if is_pro else 'free'}")
        ]
        if person % 20 < (10 if is_pro else 3):
            said.append({"touchpoint_id": f"t{2 * person + 1}", "kind": STATED, "value": 0.8 if is_pro else -0.4})
    row = _found(connection, tables_of(connection, drawn)[0], said, segments)["first", ALL, STATED]
    assert row["count_customers"] == len(said)
    assert row["emotion"] > 0.5
    assert row["emotion_weighted"] == pytest.approx(0.2, abs=0.03)
    assert row["emotion_weighted_low"] < 0.2 < row["emotion_weighted_high"]
    assert row["effective_customers"] < row["count_customers"]


def test_a_touchpoint_named_by_its_answer_is_no_peak(connection: Any) -> None:
    """Where 'b' is only ever a good rating and 'c' a bad one, both are what they are called; of the stage it is told."""
    drawn = [Drawn(f"c{person}", [("a", 0.0), ("c" if person % 10 else "b", 1.0)]) for person in range(400)]
    said = [
        {"touchpoint_id": f"t{2 * person + 1}", "kind": STATED, "value": -1.0 if person % 10 else 1.0}
        for person in range(400)
    ]
    steps = tables_of(connection, drawn)[0]
    found = _found(connection, steps.mutate(stage=ibis.literal("first")), said)
    assert (found["first", "b", STATED]["emotion"], found["first", "b", STATED]["extreme"]) == (1.0, None)
    assert found["first", "c", STATED]["q_value"] is None
    assert found["first", ALL, STATED]["q_value"] == 1.0


def test_stated_and_inferred_are_apart(connection: Any) -> None:
    """One touchpoint at which a good rating stands beside a bad text is two rows, neither of which knows the other."""
    drawn = [Drawn(f"c{person}", [("a", 0.0)]) for person in range(40)]
    both = [
        {"touchpoint_id": f"t{person}", "kind": kind, "value": value}
        for person in range(40)
        for kind, value in ((STATED, 1.0), (INFERRED, -1.0))
    ]
    found = _found(connection, tables_of(connection, drawn)[0], both)
    assert found["first", "a", STATED]["emotion"] == 1
    assert found["first", "a", INFERRED]["emotion"] == -1
    assert found["first", "a", INFERRED]["emotion_low"] == -1, "a constant has no spread"
    assert [row["extreme"] for row in found.values()] == [None] * len(found)


@pytest.mark.parametrize(("customers", "times"), [(1, 40), (9, 5), (29, 1)])
def test_too_little(connection: Any, customers: int, times: int) -> None:
    """One customer, nine, or too few texts: counts, but no mean."""
    drawn = [Drawn(f"c{person}", [("a", 0.0)] * times) for person in range(customers)]
    assert customers * times < MIN_SAID or customers < 10
    said = [{"touchpoint_id": f"t{number}", "kind": INFERRED, "value": 0.5} for number in range(customers * times)]
    row = _found(connection, tables_of(connection, drawn)[0], said)["first", ALL, INFERRED]
    assert row["count_said"] == customers * times
    assert {
        name: one for name, one in row.items() if name.startswith(("emotion", "difference", "q_", "eff"))
    } == dict.fromkeys([name for name in row if name.startswith(("emotion", "difference", "q_", "eff"))])


def test_texts_that_are_not_scored(connection: Any) -> None:
    """Texts in a language that is not supported are counted and say nothing."""
    drawn = [Drawn(f"c{person}", [("a", 0.0)]) for person in range(40)]
    said = [{"touchpoint_id": f"t{person}", "kind": INFERRED, "value": None} for person in range(40)]
    row = _found(connection, tables_of(connection, drawn)[0], said)["first", ALL, INFERRED]
    assert (row["count_not_scored"], row["count_said"], row["count_customers"], row["coverage"]) == (40, 0, 0, 0)
    assert row["emotion"] is None


def test_nothing(connection: Any) -> None:
    """Without journeys there is no row; with journeys and no word there are stages without a mean."""
    assert _found(connection, tables_of(connection, [])[0], []) == {}
    found = _found(connection, tables_of(connection, [Drawn("c1", [("a", 0.0), ("x", 1.0)])])[0], [])
    assert set(found) == {(stage, ALL, kind) for stage in ("first", ALL) for kind in (STATED, INFERRED)}
    assert all(row["emotion"] is None for row in found.values())


def test_frustration_stands_apart(connection: Any) -> None:
    """Clicks in anger are counted by customer and stage, in no mean; where none is recorded nothing is said."""
    angry = [
        Drawn(f"c{person}", [("a", 0.0), ("Rage click", 1.0), ("rage_click", 2.0), ("b", 3.0)]) for person in range(10)
    ]
    calm = [Drawn(f"c{person}", [("a", 0.0), ("b", 1.0)]) for person in range(10, 40)]
    found = _found(connection, tables_of(connection, [*angry, *calm])[0], [])
    first, second = (found[stage, ALL, INFERRED] for stage in ("first", "second"))
    assert (first["count_frustrated"], first["frustrated_share"]) == (10, 0.25)
    assert first["frustrated_share_low"] < 0.25 < first["frustrated_share_high"]
    assert (second["count_frustrated"], second["frustrated_share"]) == (0, 0.0)
    assert found["first", ALL, STATED]["count_frustrated"] is None
    assert first["emotion"] is None
    unwatched = _found(connection, tables_of(connection, calm)[0], [])["first", ALL, INFERRED]
    assert (unwatched["count_frustrated"], unwatched["frustrated_share"]) == (None, None)
