"""What groups do next otherwise than the others."""

from collections import Counter
from itertools import pairwise
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.engine import connect, materialize
from journeys.insights import segment_differences
from journeys.insights.segment_differences import insight_segments


def _found(connection: Any, paths: dict[str, list[str]], groups: dict[str, str]) -> pd.DataFrame:
    steps = [
        {"journey_id": customer, "customer_id": customer, "step_number": place, "touchpoint": name}
        for customer, path in paths.items()
        for place, name in enumerate(path)
    ]
    told = [{"customer_id": customer, "segment": f"plan={group}"} for customer, group in groups.items()]
    told += [{"customer_id": customer, "segment": "all"} for customer in paths]
    made = [materialize(connection, ibis.memtable(pd.DataFrame(rows)), "drawn") for rows in (steps, told)]
    return insight_segments(*made).to_pandas()


def _drawn(share: dict[str, float], count: int = 200) -> tuple[dict[str, list[str]], dict[str, str]]:
    rng = np.random.default_rng(4)
    paths, groups = {}, {}
    for number in range(count):
        group = "pro" if number % 3 == 0 else "free"
        groups[f"c{number}"] = group
        paths[f"c{number}"] = [name for _ in range(3) for name in ("a", "b" if rng.random() < share[group] else "d")]
    return paths, groups


def test_a_habit_of_one_group_is_found_with_its_sign(connection: Any) -> None:
    """One group goes from a to b more often: both groups have a row, with opposite signs and the truth in the interval."""
    found = _found(connection, *_drawn({"pro": 0.7, "free": 0.4})).set_index(
        ["segment", "from_touchpoint", "to_touchpoint"]
    )
    row = found.loc["plan=pro", "a", "b"]
    assert row.difference_low <= 0.3 <= row.difference_high
    assert found.loc["plan=free", "a", "b"].difference == pytest.approx(-row.difference)
    assert row.rate > row.rate_others
    assert (row.count_customers, row.count_customers_others) == (67, 133)


def test_groups_that_do_the_same_differ_in_nothing(connection: Any) -> None:
    """Without a difference no row is told."""
    assert len(_found(connection, *_drawn({"pro": 0.5, "free": 0.5}))) == 0


@pytest.mark.parametrize("count", [1, 40])
def test_few_customers_say_nothing(connection: Any, count: int) -> None:
    """Fewer than thirty of a group: no row, however large the difference."""
    paths, groups = _drawn({"pro": 1.0, "free": 0.0}, count)
    assert len(_found(connection, paths, groups)) == 0


def test_one_group_alone_is_compared_with_nobody(connection: Any) -> None:
    """A split with one value, and nobody in any, give no row."""
    paths, groups = _drawn({"pro": 1.0, "free": 0.0})
    assert len(_found(connection, paths, dict.fromkeys(groups, "pro"))) == 0
    assert len(_found(connection, paths, {"stranger": "pro"})) == 0


def test_the_variance_is_that_of_all_permutations(connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The p-value agrees with two thousand shuffles of the customers, also where some do much more than others."""
    monkeypatch.setattr(segment_differences, "MAX_FALSE_SHARE", 1.0)
    monkeypatch.setattr(segment_differences, "MIN_DIFFERENCE", 0.0)
    rng = np.random.default_rng(8)
    paths, groups = {}, {}
    for number in range(120):
        turns = int(rng.integers(1, 12))
        share = rng.beta(2, 2)
        paths[f"c{number}"] = [name for _ in range(turns) for name in ("a", "b" if rng.random() < share else "d")]
        groups[f"c{number}"] = "pro" if number % 2 else "free"
    found = _found(connection, paths, groups).set_index(["segment", "from_touchpoint", "to_touchpoint"])
    p_values = sorted(found.q_value.unique())
    moved = np.array([sum(b == "b" for b in path[1::2]) for path in paths.values()], float)
    out = np.array([len(path) // 2 for path in paths.values()], float)
    above = moved - moved.sum() / out.sum() * out
    own = np.array([group == "pro" for group in groups.values()])
    seen = abs(above[own].sum())
    shuffled = np.array([abs(above[rng.permutation(own)].sum()) for _ in range(2000)])
    assert min(abs(p - (shuffled >= seen).mean()) for p in p_values) < 0.05


@settings(max_examples=40, deadline=None)
@given(
    paths=st.lists(
        st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.sampled_from("xy")),
        min_size=4,
        max_size=30,
    )
)
def test_counts_and_rates_equal_those_counted_one_by_one(paths: list[tuple[list[str], str]]) -> None:
    """Every row's counts, rates and difference equal those of plain loops."""
    with pytest.MonkeyPatch.context() as patch, connect(memory="500MB") as connection:
        patch.setattr(segment_differences, "MIN_VISITORS", 1)
        patch.setattr(segment_differences, "MIN_CUSTOMERS", 0)
        patch.setattr(segment_differences, "MAX_FALSE_SHARE", 0.999)
        patch.setattr(segment_differences, "MIN_DIFFERENCE", 0.0)
        names = {f"c{number}": path for number, (path, _) in enumerate(paths)}
        found = _found(connection, names, {f"c{number}": group for number, (_, group) in enumerate(paths)})
    moves: Counter[tuple[str, str, str]] = Counter()
    for path, group in paths:
        moves.update((group, first, second) for first, second in pairwise(path))
    for row in found.itertuples():
        group, first, second = row.segment.split("=")[1], row.from_touchpoint, row.to_touchpoint
        out = sum(count for (g, a, _), count in moves.items() if g == group and a == first)
        others = sum(count for (g, a, _), count in moves.items() if g != group and a == first)
        went = sum(count for (g, a, b), count in moves.items() if g != group and (a, b) == (first, second))
        assert row.count_transitions == moves[group, first, second]
        assert row.count_out == out
        assert row.rate == pytest.approx(moves[group, first, second] / out)
        assert row.difference == pytest.approx(moves[group, first, second] / out - went / others)
