"""The scores in worlds whose truth is known: how they are summed up and kept, and that a broken method fails them."""

import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.truth import friction, moments
from benchmarks.truth.__main__ import BEGINS, ENDS, scores_of, write_table
from benchmarks.truth.scores import Area, Job, Row, Scores, summed_up, table
from journeys.insights import friction as product


def _row(how: str) -> Row:
    return Row("a score", "large", "score", how, "at least .5", lambda value: value >= 0.5)


@pytest.mark.parametrize(
    ("how", "value", "low", "high"),
    [
        ("share", 0.75, 0.3006, 0.9544),  # three of four, by Wilson
        ("median", 1.0, 0.0, 1.0),
        ("mean", 0.75, 0.26, 1.24),  # of the two worlds' means 1 and .5
        ("most", 1.0, 0.0, 1.0),
    ],
)
def test_values_are_summed_up(how: str, value: float, low: float, high: float) -> None:
    """Shares, medians and the most are of all values, means of the worlds'."""
    figure = summed_up(_row(how), [{"score": [1.0, 1.0]}, {"score": [0.0, 1.0]}])
    assert (figure.value, figure.low, figure.high) == pytest.approx((value, low, high), abs=0.001)
    assert (figure.count_values, figure.count_worlds) == (4, 2)


def test_nothing_is_no_number() -> None:
    """A score that no world has is left out of the table."""
    assert math.isnan(summed_up(_row("share"), [{}]).value)
    area = Area("one", lambda job: {}, (_row("share"),), (), {})
    assert len(table([area], {"one": {"large": [{}]}}).splitlines()) == 2
    assert "| one | a score | 0.750 |" in table([area], {"one": {"large": [{"score": [1.0, 1.0, 1.0, 0.0]}]}})


def test_a_world_is_scored_once(tmp_path: Path) -> None:
    """What was scored is kept, and scored anew only when what it rests on has changed."""
    runs: list[Job] = []

    def run(job: Job) -> Scores:
        runs.append(job)
        return {"score": [float(job.seed)]}

    area = Area("one", run, (), ("pyproject.toml",), {"large": ((10, 2), (5, 1))})
    for job in [*area.jobs(is_quick=False), *area.jobs(is_quick=False)]:
        assert scores_of(area, job, tmp_path)["score"] == [job.seed]
    assert [job.seed for job in runs] == [1, 2]
    changed = Area("one", run, (), ("Makefile",), area.worlds)
    scores_of(changed, area.jobs(is_quick=False)[0], tmp_path)
    assert len(runs) == 3


def test_the_table_stands_between_its_marks(tmp_path: Path) -> None:
    """Only what is between the marks is replaced; a page without them is refused."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGINS}\nold\n{ENDS}\nafter\n")
    write_table(page, "| new |")
    assert page.read_text() == f"before\n{BEGINS}\n| new |\n{ENDS}\nafter\n"
    page.write_text("no marks")
    with pytest.raises(SystemExit, match="put them where the table is to stand"):
        write_table(page, "| new |")


def test_friction_is_found_in_a_small_world() -> None:
    """One small seed: most of what is planted is found, no decoy, and nothing where nothing is."""
    scores = friction.run(Job("friction", "large", 1, 5000))
    assert np.mean(scores["recall"]) >= 0.6
    assert np.sum(scores["decoys"]) == 0
    assert friction.run(Job("friction", "null", 1, 5000))["anything"] == [0.0]


def test_without_control_of_false_finds_null_worlds_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken product is caught: told at any chance, worlds without friction have finds."""
    monkeypatch.setattr(product, "MAX_FALSE_SHARE", 0.999)
    found = [friction.run(Job("friction", "null", seed, 5000))["anything"][0] for seed in (1, 2, 3)]
    assert sum(found) >= 2


def test_asking_who_ever_met_it_fails_the_signs() -> None:
    """Ever against never: what helps looks harmful, since who buys soon has no time left to meet it."""
    effects = {name: values[2] for name, values in moments.TOUCHES.items()} | {"mail": moments.MAIL[2]}
    life = moments.live(1, 20_000, effects, has_pages=False)
    bought = life.bought < moments.WEEKS
    ever = life.met["webinar"].any(axis=0)
    assert moments.true_differences(1, 20_000, effects)["webinar"] > 0.02
    assert bought[ever].mean() - bought[~ever].mean() < 0.02
