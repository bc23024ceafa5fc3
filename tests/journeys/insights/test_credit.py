"""Credit of channels, against slow twins that know one path at a time, and against published figures."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.insights.credit import MODELS, Paths, credit_intervals, credits_of

PATHDATA = Path(__file__).parents[3] / "../shared/data/attribution_pathdata/paths.csv"

Rows = list[tuple[list[str], int, int]]


def as_paths(rows: Rows) -> tuple[Paths, list[str]]:
    """Return paths given as (channels, converted, lost), the later half of each path weighing double."""
    channels = sorted({channel for path, _, _ in rows for channel in path})
    decay = [np.array([2.0 ** (place - len(path)) for place in range(len(path))]) for path, _, _ in rows]
    paths = Paths(
        path=np.repeat(np.arange(len(rows)), [len(path) for path, _, _ in rows]),
        channel=np.array([channels.index(channel) for path, _, _ in rows for channel in path], dtype=np.int64),
        decay=np.concatenate([weights / weights.sum() for weights in decay]),
        converted=np.array([converted for _, converted, _ in rows], dtype=float),
        lost=np.array([lost for *_, lost in rows], dtype=float),
        count_channels=len(channels),
    )
    return paths, channels


def slow_credit(rows: Rows) -> dict[str, Counter[str]]:
    """Return every model's credit, path by path and without any matrix."""
    found: dict[str, Counter[str]] = {name: Counter() for name in MODELS}
    for path, converted, _ in rows:
        size = len(path)
        found["first"][path[0]] += converted
        found["last"][path[-1]] += converted
        for place, channel in enumerate(path):
            found["linear"][channel] += converted / size
            is_end = place in (0, size - 1)
            share = 1.0 if size == 1 else 0.5 if size == 2 else 0.4 if is_end else 0.2 / (size - 2)
            found["position"][channel] += converted * share
            found["decay"][channel] += converted * 2.0**place / sum(2.0**other for other in range(size))
        for channel in set(path):
            found["shapley"][channel] += converted / len(set(path))
    found["markov"] = slow_markov(rows)
    return found


def slow_markov(rows: Rows) -> Counter[str]:
    """Return Markov's credit by walking the chain until nearly nobody is on the way any more."""
    follows: dict[str, Counter[str]] = {}
    for path, converted, lost in rows:
        for before, after in zip(["(start)", *path], path, strict=False):
            follows.setdefault(before, Counter())[after] += converted + lost
        follows.setdefault(path[-1], Counter()).update({"(conversion)": converted, "(null)": lost})

    def converts(removed: str | None) -> float:
        here, won = {"(start)": 1.0}, 0.0
        while sum(here.values()) > 1e-13:
            there: dict[str, float] = {}
            for state, share in here.items():
                if state == removed:
                    continue
                total = follows[state].total()
                for after, count in follows[state].items():
                    if after == "(conversion)":
                        won += share * count / total
                    elif after != "(null)":
                        there[after] = there.get(after, 0.0) + share * count / total
            here = there
        return won

    channels = sorted({channel for path, _, _ in rows for channel in path})
    whole = converts(None)
    effects = {channel: 1 - converts(channel) / whole if whole else 0.0 for channel in channels}
    total = sum(effects.values())
    conversions = sum(converted for _, converted, _ in rows)
    return Counter({name: effect / total * conversions if total else 0.0 for name, effect in effects.items()})


_PATHS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5), st.integers(0, 9), st.integers(1, 9)),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(_PATHS)
def test_as_the_slow_twin(rows: Rows) -> None:
    """Every model gives what it gives one path at a time, and no conversion more or less than there were."""
    paths, channels = as_paths(rows)
    slow = slow_credit(rows)
    for name, credit in credits_of(paths).items():
        assert credit == pytest.approx([slow[name][channel] for channel in channels], abs=1e-9), name
        assert credit.sum() == pytest.approx(paths.converted.sum(), abs=1e-9) or not paths.converted.sum()


def test_a_channel_that_every_conversion_needs() -> None:
    """Without it nothing converts; one that only ends in nothing has no credit by Markov's model."""
    paths, channels = as_paths([(["a", "b"], 10, 5), (["b"], 4, 1), (["c"], 0, 30)])
    markov = dict(zip(channels, credits_of(paths)["markov"], strict=True))
    assert markov["b"] > markov["a"] > 0
    assert markov["c"] == pytest.approx(0.0, abs=1e-12)


def test_intervals_hold_the_credit_and_shrink() -> None:
    """Each credit lies in its interval, and with hundredfold journeys the interval is about a tenth as wide."""
    rows: Rows = [(["a", "b"], 10, 40), (["b", "c"], 12, 20), (["a"], 5, 30), (["c", "a", "b"], 8, 10)]
    few, many = (as_paths([(p, c * times, lost * times) for p, c, lost in rows])[0] for times in (1, 100))
    widths = []
    for paths in (few, many):
        rng = np.random.default_rng(7)
        credit, intervals = credits_of(paths), credit_intervals(paths, rng)
        for name in MODELS:
            low, high = intervals[name]
            assert (low <= credit[name] + 1e-9).all(), name
            assert (credit[name] <= high + 1e-9).all(), name
        low, high = intervals["markov"]
        widths.append(((high - low) / paths.converted.sum()).mean())
    assert 5 < widths[0] / widths[1] < 20


def test_nothing_converts() -> None:
    """Without a conversion there is no credit, and no crash."""
    paths, _ = as_paths([(["a", "b"], 0, 3), (["b"], 0, 1)])
    assert all(not credit.any() for credit in credits_of(paths).values())


def test_paths_out_of_order() -> None:
    """Touches of a path that do not lie together are a mistake of the caller."""
    with pytest.raises(ValueError, match="lie together"):
        Paths(np.array([1, 0]), np.array([0, 0]), np.ones(2), np.ones(2), np.ones(2), 1)


@pytest.mark.skipif(not PATHDATA.exists(), reason="needs ../shared/data/attribution_pathdata")
def test_published_figures() -> None:
    """On ChannelAttribution's example first, last and linear credit are the published ones, and all come to 19,785."""
    with PATHDATA.open(newline="") as stream:
        rows: Rows = [
            (row["path"].split(" > "), int(row["total_conversions"]), int(row["total_null"]))
            for row in csv.DictReader(stream, delimiter=";")
        ]
    paths, channels = as_paths(rows)
    credit = credits_of(paths)
    place = {name: number for number, name in enumerate(channels)}
    expected = {
        "alpha": (6308, 8447, 7574.7186),
        "iota": (4606, 3355, 3857.0962),
        "eta": (3164, 4167, 3539.9512),
    }
    for name, figures in expected.items():
        found = [credit[model][place[name]] for model in ("first", "last", "linear")]
        assert found[:2] == pytest.approx(figures[:2], abs=1e-6)
        assert found[2] == pytest.approx(figures[2], abs=5e-5)  # published to four places
    assert {model: round(values.sum(), 6) for model, values in credit.items()} == dict.fromkeys(MODELS, 19785.0)
    slow = slow_markov(rows)
    assert credit["markov"] == pytest.approx([slow[channel] for channel in channels], abs=1e-6)
