"""Are moments of truth told apart from what keen people meet anyway?

Worlds of journeys of sixteen weeks, written as the tables that the insights read. A latent interest wanders from week to week and
drives pages viewed, most touchpoints, and buying. A decoy is met by the keen and does nothing; a webinar is offered to the lukewarm
and helps; a referral helps much; a mail helps by raising interest; a broken form harms; an order form is met on the way to
buying and brings nothing about. How well what is recorded tells the interest is how many pages are seen.

The truth is a twin: the same random numbers without the first meeting of the touchpoint, for those who had one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pandas as pd

from benchmarks.truth.scores import Area, Job, Row, Scores
from journeys.config.journey_yaml import JourneyConfig, parse_config
from journeys.engine import connect, materialize
from journeys.insights.moments_of_truth import insight_moments_of_truth

WEEKS = 16
HORIZON_WEEKS = 4
START = datetime(2026, 1, 5, tzinfo=UTC)
SNAPSHOT = START + timedelta(weeks=WEEKS + 1)
TOUCHES = {
    # Log-odds of meeting it in a week, by how much they grow with interest, log-odds of buying added for three weeks.
    "search": (-2.6, 0.5, 0.35),
    "webinar": (-2.6, -0.7, 0.9),
    "referral": (-3.2, 0.3, 1.3),
    "broken_form": (-2.8, 0.4, -1.4),
    "decoy": (-2.4, 0.9, 0.0),
    "decoy_strong": (-3.0, 1.6, 0.0),
}
MAIL = (-2.2, 0.3, 0.35)
"""The mail adds to interest instead."""
DECOYS = ("decoy", "decoy_strong")
PAGES = {"rich": 12.0, "middle": 5.0, "poor": 1.7, "null": 5.0, "large": 12.0}
"""Pages seen in a week by somebody of middling interest: their number then tells interest with a reliability of about .8, .7 and .4."""

_KINDS = np.array([0.4, 0.3, 0.2, 0.1])
CONFIG = {
    "project": "moments",
    "currency": "EUR",
    "sources": {"site": {"vendor": "segment", "files": "none"}},
    "stages": [{"name": "looking", "enters_on": ["page_*"]}],
    "outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["bought"]}],
}


@dataclass(frozen=True)
class Life:
    """Weeks of people: what was met, pages viewed, the week of buying (or the number of weeks)."""

    met: dict[str, np.ndarray]
    pages: np.ndarray
    bought: np.ndarray


def live(
    seed: int,
    people: int,
    effects: dict[str, float],
    pages_a_week: float = 0.0,
    *,
    without_first: str = "",
    has_pages: bool = True,
) -> Life:
    """Return the lives of people under these effects; the same numbers are drawn whatever the effects are.

    Of `without_first`, everybody's first meeting does not happen.
    """
    rng = np.random.default_rng(seed)
    nature = rng.normal(0.0, 0.6, people)
    shocks = rng.normal(0.0, 0.6, (WEEKS, people))
    luck = {name: rng.random((WEEKS, people)) for name in (*TOUCHES, "mail", "buy", "form")}
    interest = nature + rng.normal(0.0, 0.8, people)
    lasting = {name: np.zeros(people) for name in TOUCHES}
    met = {name: np.zeros((WEEKS, people), bool) for name in (*TOUCHES, "mail", "order_form")}
    pages = np.zeros((WEEKS, people, 4), int)
    bought = np.full(people, WEEKS)
    spared = np.zeros(people, bool)
    pages_luck = np.random.default_rng(seed + 55)
    for week in range(WEEKS):
        here = bought == WEEKS
        interest = 0.75 * interest + 0.25 * nature + shocks[week]
        odds = -5.0 + 0.9 * interest
        for name, (base, slope, _) in TOUCHES.items():
            meets = here & (luck[name][week] < _share(base + slope * interest))
            if name == without_first:
                meets, spared = meets & spared, spared | meets
            met[name][week] = meets
            lasting[name] = np.where(meets, 3, np.maximum(lasting[name] - 1, 0))
            odds = odds + effects[name] * (lasting[name] > 0)
        mailed = here & (luck["mail"][week] < _share(MAIL[0] + MAIL[1] * interest))
        if without_first == "mail":
            mailed, spared = mailed & spared, spared | mailed
        met["mail"][week] = mailed
        rates = np.exp(0.7 * interest)[:, None] * _KINDS * pages_a_week
        if has_pages:
            pages[week] = pages_luck.poisson(np.minimum(rates, 80.0)) * here[:, None]
        buys = here & (luck["buy"][week] < _share(odds))
        met["order_form"][week] = buys | (here & (luck["form"][week] < 0.01))
        bought[buys] = week
        interest = interest + effects["mail"] * met["mail"][week]
    return Life(met, pages, bought)


def _share(odds: Any) -> Any:
    return 1 / (1 + np.exp(-odds))


def tables(life: Life, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return journey_steps and journeys."""
    rng = np.random.default_rng(seed + 77)
    parts = []
    for name, flags in life.met.items():
        week, person = np.nonzero(flags)
        parts.append(
            (person, week, name, 0.93 + 0.07 * rng.random(len(week)) if name == "order_form" else rng.random(len(week)))
        )
    for kind in range(4):
        week, person = np.nonzero(life.pages[:, :, kind])
        times = life.pages[week, person, kind]
        week, person = np.repeat(week, times), np.repeat(person, times)
        parts.append((person, week, f"page_{kind}", rng.random(len(week))))
    person = np.concatenate([part[0] for part in parts])
    inside = np.concatenate([part[1] + 0.95 * part[3] for part in parts])
    names = np.concatenate([np.full(len(part[0]), part[2], dtype=object) for part in parts])
    # What would come after buying in its week does not.
    keeps = inside < life.bought[person] + 0.96
    steps = pd.DataFrame(
        {
            "journey_id": person[keeps].astype(str),
            "step_number": 0,
            "event_at": pd.Timestamp(START) + pd.to_timedelta(inside[keeps] * 7, unit="D").astype("timedelta64[us]"),
            "touchpoint": names[keeps],
            "stage": "looking",
            "channel": np.where(pd.Series(names[keeps]).str.startswith("page_"), "site", "other"),
        }
    )
    count = len(life.bought)
    is_won = life.bought < WEEKS
    won_at = pd.Timestamp(START) + pd.to_timedelta((life.bought + 0.97) * 7, unit="D").astype("timedelta64[us]")
    journeys = pd.DataFrame(
        {
            "journey_id": np.arange(count).astype(str),
            "customer_id": np.arange(count).astype(str),
            "goal": "conversion",
            "started_at": pd.Timestamp(START),
            "outcome_at": pd.Series(won_at).where(is_won),
            "outcome_kind": np.where(is_won, "positive", "open"),
        }
    )
    return steps, journeys


def true_differences(seed: int, people: int, effects: dict[str, float]) -> dict[str, float]:
    """Return, for each touchpoint, what it did to those who met it first, in the weeks after."""
    whole = live(seed, people, effects, has_pages=False)
    truth = {}
    for name, flags in whole.met.items():
        met = np.where(flags.any(axis=0), flags.argmax(axis=0), WEEKS)
        of = (met > 0) & (met <= WEEKS - HORIZON_WEEKS - 1)
        other = live(seed, people, effects, without_first=name, has_pages=False)
        with_it, without = (
            (one.bought[of] >= met[of]) & (one.bought[of] < met[of] + HORIZON_WEEKS) for one in (whole, other)
        )
        truth[name] = float(with_it.mean() - without.mean())
    return truth


def run(job: Job) -> Scores:
    """Return of one world: signs, decoys believed, true moments believed, cover and bias."""
    pages = PAGES[job.world]
    effects = {name: values[2] for name, values in TOUCHES.items()} | {"mail": MAIL[2]}
    if job.world == "null":
        effects = dict.fromkeys(effects, 0.0)
    # The first seeds are those on which the gates were tuned.
    seed = job.seed + 100
    life = live(seed, job.people, effects, pages)
    found = found_in(*tables(life, seed))
    if job.world == "null":
        return {"anything": [float(bool((found.is_found & (found.touchpoint != "order_form")).any()))]}
    # The truth is that of the kind of world: a larger one of another seed tells it with less chance in it.
    truth = true_differences(10_000, 200_000, effects)
    scores: dict[str, list[float]] = {name: [] for name in ("sign", "decoy", "power", "cover", "bias", "form")}
    for row in found.itertuples():
        is_believed = row.is_found and row.grade <= "C"
        if row.touchpoint == "order_form":
            scores["form"].append(float(is_believed))
            continue
        true = truth[row.touchpoint]
        scores["cover"].append(float(row.effect_low <= true <= row.effect_high))
        if row.touchpoint in DECOYS:
            scores["decoy"].append(float(is_believed))
            continue
        scores["power"].append(float(is_believed))
        scores["bias"].append((row.effect - true) / abs(true))
        if row.is_found:
            scores["sign"].append(float((row.effect > 0) == (true > 0)))
    scores["bias"] = [float(np.mean(scores["bias"]))] if scores["bias"] else []
    return scores


def found_in(steps: pd.DataFrame, journeys: pd.DataFrame) -> pd.DataFrame:
    """Return what the product says of touchpoints that are no pages, and buying."""
    segments = pd.DataFrame({"customer_id": journeys.customer_id, "segment": "all"})
    with connect(memory="4GB") as connection:
        made = [
            materialize(connection, ibis.memtable(frame), ibis.util.gen_name("world"))
            for frame in (steps, journeys, segments)
        ]
        rows = insight_moments_of_truth(*made, config(), SNAPSHOT).to_pandas()
    return rows[(rows.outcome == "positive") & ~rows.touchpoint.str.startswith("page_")]


def config() -> JourneyConfig:
    """Return the least configuration that these worlds need."""
    return parse_config(CONFIG)


AREA = Area(
    name="moments of truth",
    run=run,
    rows=(
        Row("right sign, rich proxies", "large", "sign", "share", "1", lambda v: v >= 0.999),
        Row("true moments that reach C, rich proxies", "large", "power", "share", "at least .80", lambda v: v >= 0.8),
        Row("decoys that reach C, rich proxies", "rich", "decoy", "share", "at most .15", lambda v: v <= 0.15),
        Row("decoys that reach C, middling proxies", "middle", "decoy", "share", "at most .15", lambda v: v <= 0.15),
        Row("decoys that reach C, poor proxies", "poor", "decoy", "share", "at most .15", lambda v: v <= 0.15),
        Row("order forms that reach C", "rich", "form", "share", "at most .15", lambda v: v <= 0.15),
        Row("intervals that cover, rich proxies", "rich", "cover", "share", ".90 to .97", lambda v: 0.9 <= v <= 0.97),
        Row("mean bias, in parts of the truth", "rich", "bias", "mean", "at most .15", lambda v: abs(v) <= 0.15),
        Row("true moments that reach C, 12,000 people", "rich", "power", "share", "", lambda v: True),
        Row("null worlds with a find", "null", "anything", "share", "at most .08", lambda v: v <= 0.08),
    ),
    depends=(
        "benchmarks/truth/moments.py",
        "journeys/insights/doubly_robust.py",
        "journeys/insights/risk_sets.py",
        "journeys/insights/moments_of_truth.py",
    ),
    worlds={
        "large": ((30_000, 3), (12_000, 1)),
        "rich": ((12_000, 12), (12_000, 1)),
        "middle": ((12_000, 8), (12_000, 1)),
        "poor": ((12_000, 8), (12_000, 1)),
        "null": ((5_000, 200), (5_000, 1)),
    },
)
