"""Scores: what is counted in worlds whose truth is known, how it is summed up, and what is wanted of it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from statsmodels.stats.proportion import proportion_confint

Scores = Mapping[str, Sequence[float]]
"""Of one world: by score, its values; often one for each thing that was planted."""


@dataclass(frozen=True)
class Job:
    """One world to be scored; the same job gives the same scores."""

    area: str
    world: str
    seed: int
    people: int

    @property
    def name(self) -> str:
        """The name of its file of results."""
        return f"{self.area}-{self.world}-{self.people}-{self.seed}"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        label: what it says.
        world: of the jobs it sums up.
        score: of their scores.
        how: `share` (of ones among the values), `median`, `mean` (over the worlds, with 1.96 standard errors) or `most`.
        target: in words.
        is_met: whether a figure meets it.
    """

    label: str
    world: str
    score: str
    how: str
    target: str
    is_met: Callable[[float], bool]


@dataclass(frozen=True)
class Area:
    """One kind of finding, with its worlds.

    Attributes:
        name: of the area.
        run: makes the world of a job and returns its scores.
        rows: of the table.
        depends: files and folders, from the project's own, on which the scores rest.
        worlds: by name, the people and the number of seeds; first the whole size, then a quick one.
    """

    name: str
    run: Callable[[Job], Scores]
    rows: tuple[Row, ...]
    depends: tuple[str, ...]
    worlds: Mapping[str, tuple[tuple[int, int], tuple[int, int]]]

    def jobs(self, *, is_quick: bool) -> list[Job]:
        """Return its jobs."""
        sizes = {name: sizes[int(is_quick)] for name, sizes in self.worlds.items()}
        return [
            Job(self.name, world, seed, people)
            for world, (people, seeds) in sizes.items()
            for seed in range(1, seeds + 1)
        ]


@dataclass(frozen=True)
class Figure:
    """A score summed up: its value with an interval, and how many values and worlds stand behind it."""

    value: float
    low: float
    high: float
    count_values: int
    count_worlds: int


def summed_up(row: Row, worlds: Sequence[Scores]) -> Figure:
    """Return the figure of a row; not a number where no world has the score."""
    per_world = [list(world.get(row.score, ())) for world in worlds]
    values = np.array([value for world in per_world for value in world], dtype=float)
    if not len(values):
        return Figure(math.nan, math.nan, math.nan, 0, len(per_world))
    if row.how == "share":
        low, high = proportion_confint(values.sum(), len(values), method="wilson")
        value = float(values.mean())
    elif row.how == "median":
        value = float(np.median(values))
        low, high = _median_interval(values)
    elif row.how == "most":
        value, low, high = float(values.max()), float(values.min()), float(values.max())
    else:
        means = np.array([np.mean(world) for world in per_world if world])
        value = float(means.mean())
        half = 1.96 * float(means.std(ddof=1)) / math.sqrt(len(means)) if len(means) > 1 else math.nan
        low, high = value - half, value + half
    return Figure(value, float(low), float(high), len(values), len(per_world))


def _median_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a median by its binomial order statistics."""
    ordered = np.sort(values)
    half = 1.96 * math.sqrt(len(ordered)) / 2
    low, high = max(0, math.floor(len(ordered) / 2 - half)), min(len(ordered) - 1, math.ceil(len(ordered) / 2 + half))
    return float(ordered[low]), float(ordered[high])


def table(areas: Sequence[Area], results: Mapping[str, Mapping[str, Sequence[Scores]]]) -> str:
    """Return the table in Markdown; rows of worlds that were not run are left out.

    Args:
        areas: in their order.
        results: by area and world, the scores of its worlds.
    """
    lines = ["| area | score | value | 95 % interval | of | target | |", "|---|---|---|---|---|---|---|"]
    for area in areas:
        for row in area.rows:
            worlds = results.get(area.name, {}).get(row.world, [])
            figure = summed_up(row, worlds)
            if not worlds or math.isnan(figure.value):
                continue
            people = f"{figure.count_values} in {figure.count_worlds} worlds"
            interval = "" if math.isnan(figure.low) else f"{figure.low:.3f} to {figure.high:.3f}"
            met = "" if not row.target else "reached" if row.is_met(figure.value) else "missed"
            lines.append(
                f"| {area.name} | {row.label} | {figure.value:.3f} | {interval} | {people} | {row.target} | {met} |"
            )
    return "\n".join(lines)


def project_folder() -> Path:
    """Return the folder of the project, which `depends` of an area starts from."""
    return Path(__file__).resolve().parents[2]
