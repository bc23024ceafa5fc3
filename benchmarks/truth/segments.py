"""Are habits of groups found, and nothing where groups do the same?

Worlds of journeys over twelve pages, written as the tables that the insights read. People have a size, a region and an industry, eight
groups in all. After one page each, three of the groups open one other page more often than everybody; people differ in what they
like besides, and in how much they do.
"""

from typing import Any

import ibis
import numpy as np
import pandas as pd

from benchmarks.truth.scores import Area, Job, Row, Scores
from journeys.engine import connect, materialize
from journeys.insights.segment_differences import insight_segments

PAGES = 12
SPLITS = {"size": ["small", "large"], "region": ["north", "east", "south"], "industry": ["retail", "health", "public"]}
SHARES = {"size": [0.75, 0.25], "region": [0.5, 0.3, 0.2], "industry": [0.5, 0.3, 0.2]}
PLANTED = 3
STEPS = 40


def run(job: Job) -> Scores:
    """Return of one world: planted habits found, and what is found elsewhere."""
    steps, segments, planted = make_world(job.seed, job.people, has_habits=job.world != "null")
    with connect(memory="4GB") as connection:
        made = [materialize(connection, ibis.memtable(frame), "world") for frame in (steps, segments)]
        found = insight_segments(*made).to_pandas()
    if job.world == "null":
        return {"anything": [float(len(found) > 0)]}
    keys = set(zip(found.segment, found.from_touchpoint, found.to_touchpoint, strict=True))
    # Where one group opens a page more, it opens the others less, and the groups beside it differ from it: that is true, too.
    splits = {(segment.split("=")[0], page) for segment, page, _ in planted}
    scores: dict[str, list[float]] = {"found": [float(key in keys) for key in planted]}
    scores["elsewhere"] = [
        float((row.segment.split("=")[0], row.from_touchpoint) not in splits) for row in found.itertuples()
    ]
    scores["cover"] = [
        float(row.difference_low <= planted[key] <= row.difference_high)
        for row in found.itertuples()
        if (key := (row.segment, row.from_touchpoint, row.to_touchpoint)) in planted
    ]
    return scores


def make_world(
    seed: int, people: int, *, has_habits: bool
) -> tuple[pd.DataFrame, pd.DataFrame, dict[tuple[str, str, str], float]]:
    """Return journey_steps, segments, and by group, page and next page how much more often it is opened."""
    rng = np.random.default_rng(seed)
    groups = {name: rng.choice(len(values), people, p=SHARES[name]) for name, values in SPLITS.items()}
    common = rng.dirichlet(np.full(PAGES, 1.5), PAGES)
    # Everybody likes some pages more than others do, which ties together all that one person does.
    liking = rng.gamma(4.0, 0.25, (people, PAGES))
    length = np.minimum(1 + rng.poisson(rng.gamma(2.0, 5.0, people)), STEPS)
    habits: list[tuple[Any, int, int, float]] = []
    for split in SPLITS if has_habits else ():
        value = int(rng.integers(len(SPLITS[split])))
        page, other = rng.choice(PAGES, 2, replace=False)
        habits.append(((split, value), int(page), int(other), float(rng.uniform(0.06, 0.15))))
    at = rng.integers(0, PAGES, people)
    pages = [at]
    taken = {number: [0, 0.0, 0, 0.0] for number in range(len(habits))}
    for step in range(1, STEPS):
        weights = common[at] * liking
        uniform, habit_luck = rng.random(people), rng.random(people)
        chosen = (uniform[:, None] * weights.sum(axis=1, keepdims=True) > np.cumsum(weights, axis=1)).sum(axis=1)
        following = chosen.clip(max=PAGES - 1)
        lives = length > step
        for number, ((split, value), page, other, size) in enumerate(habits):
            own = groups[split] == value
            swayed = (at == page) & own & (habit_luck < size)
            for side, of in ((0, own), (2, ~own)):
                here = (at == page) & of & lives
                taken[number][side] += here.sum()
                taken[number][side + 1] += (np.where(swayed, other, following)[here] == other).sum()
            following = np.where(swayed, other, following)
        at = following
        pages.append(at)
    person, step = np.nonzero(np.arange(STEPS)[None, :] < length[:, None])
    steps = pd.DataFrame(
        {
            "journey_id": person.astype(str),
            "customer_id": person.astype(str),
            "step_number": step + 1,
            "touchpoint": np.array([f"page {number:02}" for number in range(PAGES)], dtype=object)[
                np.stack(pages, axis=1)[person, step]
            ],
        }
    )
    segments = pd.concat(
        pd.DataFrame(
            {
                "customer_id": np.arange(people).astype(str),
                "segment": [f"{name}={SPLITS[name][one]}" for one in chosen_groups],
            }
        )
        for name, chosen_groups in groups.items()
    )
    # Of a habit, the truth is how much it moves: the size times the share of the times at which the page was not opened anyway.
    planted = {
        (f"{split}={SPLITS[split][value]}", f"page {page:02}", f"page {other:02}"): size
        * (1 - taken[number][3] / max(taken[number][2], 1))
        for number, ((split, value), page, other, size) in enumerate(habits)
    }
    return steps, segments, planted


AREA = Area(
    name="segments",
    run=run,
    rows=(
        Row("planted habits found", "large", "found", "share", "at least .90", lambda v: v >= 0.9),
        Row("found where groups do the same", "large", "elsewhere", "share", "at most .10", lambda v: v <= 0.1),
        Row("intervals that cover", "small", "cover", "share", ".92 to .97", lambda v: 0.92 <= v <= 0.97),
        Row("null worlds with a find", "null", "anything", "share", "at most .08", lambda v: v <= 0.08),
    ),
    depends=("benchmarks/truth/segments.py", "journeys/insights/segment_differences.py"),
    worlds={
        "large": ((100_000, 5), (5_000, 1)),
        "small": ((5_000, 120), (5_000, 2)),
        "null": ((5_000, 200), (5_000, 3)),
    },
)
