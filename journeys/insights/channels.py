"""Channels by stage: who met them, how journeys with them went on, and the credit that models give them."""

from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import exact_mean, materialize
from journeys.insights.credit import MODELS, Paths, credit_intervals, credits_of
from journeys.insights.intervals import MIN_CUSTOMERS, add_wilson, as_table
from journeys.insights.segments import ALL
from journeys.sources.record import INSTANT

HALF_LIFE_DAYS = 7.0
"""After so many days a touch has half the weight in the credit by time."""

_SEED = 20161101
_SEPARATOR = "\x1f"
_MILLION = 1e6


@dataclass(frozen=True)
class _Taken:
    """Paths of all stages: touches (stage, path, place, channel, decay) and paths (stage, path, converted, lost)."""

    touches: pd.DataFrame
    paths: pd.DataFrame


def insight_channels(steps: ibis.Table, journeys: ibis.Table, config: JourneyConfig) -> pa.Table:
    """Return the table insight_channels: for each stage, and for whole journeys (stage 'all'), every channel.

    In a stage, a journey's path is the channels of its touchpoints from entering the stage until it entered a later one
    or, in its last stage, until a positive outcome: both are to convert. Of whole journeys it is those before a
    positive outcome, which is to convert, or all where there was none.
    Journeys that are open and have not converted are left out: they may yet. So are those whose path is empty.
    `conversion_rate` is of the journeys that met the channel. Credits are shares of the conversions by models that
    describe and explain nothing; `credit_low` and `credit_high` are the least and most that any of them gives. What a
    channel adds is not known from paths: `incremental` is null until a test has measured it.

    Args:
        steps: journey_steps with journey_id, customer_id, step_number, stage, channel, event_at.
        journeys: journeys with journey_id, is_open, outcome_kind, outcome_at.
        config: the stages in their order.
    """
    connection: Any = steps.get_backend()
    touches = materialize(connection, _touches(steps, journeys, config), ibis.util.gen_name("channel_touches"))
    frame = _met(touches)
    credit = pd.concat([_credit(taken, stage) for stage, taken in _by_stage(_taken(touches))] or [_no_credit()])
    frame = frame.merge(credit, on=["stage", "channel"], how="left")
    order = {name: place for place, name in enumerate([*(stage.name for stage in config.stages), ALL])}
    frame = frame.assign(place=frame.stage.map(order)).sort_values(
        ["place", "count_journeys", "channel"], ascending=[True, False, True]
    )
    frame = add_wilson(frame, "count_converted", "count_journeys", "count_customers", "conversion_rate")
    is_enough = frame.count_customers >= MIN_CUSTOMERS
    given = [name for name in frame.columns if name.startswith("credit_")]
    frame[given] = frame[given].astype(float).where(is_enough, np.nan)
    nothing = dict.fromkeys(("incremental", "incremental_low", "incremental_high"), np.nan)
    return as_table("insight_channels", frame.assign(**nothing, grade=None))


def _touches(steps: ibis.Table, journeys: ibis.Table, config: JourneyConfig) -> ibis.Table:
    """Return one row a touch of a path: stage, journey_id, customer_id, channel, step_number, is_converted, weight."""
    names = [stage.name for stage in config.stages]
    order = ibis.memtable(pd.DataFrame({"stage": names, "stage_place": range(len(names))}))
    known = steps.inner_join(journeys.select("journey_id", "is_open", "outcome_kind", "outcome_at"), "journey_id")
    staged = known.inner_join(order, "stage")
    entries = staged.group_by("journey_id", "stage", "stage_place").agg(entered_at=staged.event_at.min())
    line = ibis.window(group_by="journey_id", order_by="stage_place")
    entries = entries.mutate(ended_at=entries.entered_at.lead().over(line)).select("journey_id", "stage", "ended_at")
    columns = ("journey_id", "customer_id", "channel", "step_number", "event_at", "is_open")
    known = known.mutate(won_at=(known.outcome_kind == "positive").ifelse(known.outcome_at, ibis.null(INSTANT)))
    in_stage = known.inner_join(entries, ["journey_id", "stage"])
    goes_on = in_stage.ended_at.notnull()
    in_stage = in_stage.filter(goes_on | in_stage.won_at.isnull() | (in_stage.event_at < in_stage.won_at))
    ended_at = ibis.coalesce(in_stage.ended_at, in_stage.won_at)
    in_stage = in_stage.select(*columns, "stage", ended_at=ended_at, is_converted=ended_at.notnull())
    before = known.filter(known.won_at.isnull() | (known.event_at < known.won_at))
    whole = before.select(
        *columns, stage=ibis.literal(ALL), ended_at=before.won_at, is_converted=before.won_at.notnull()
    )
    both = ibis.union(in_stage, whole)
    both = both.filter(both.is_converted | ~both.is_open)
    of_path = ibis.window(group_by=["journey_id", "stage"])
    seconds = both.ended_at.fill_null(both.event_at.max().over(of_path)).delta(both.event_at, unit="microsecond") / 1e6
    weighed = both.mutate(weight=(ibis.literal(0.5) ** (seconds / 86400.0 / HALF_LIFE_DAYS)).cast("float64"))
    return weighed.mutate(
        decay=weighed.weight / weighed.weight.sum().over(of_path),
        place=ibis.row_number().over(ibis.window(group_by=["journey_id", "stage"], order_by="step_number")),
    ).drop("event_at", "ended_at", "is_open", "weight")


def _met(touches: ibis.Table) -> pd.DataFrame:
    """Return stage, channel and how many journeys and customers met it, and how many journeys went on."""
    found = touches.group_by("stage", "channel").agg(
        count_journeys=touches.journey_id.nunique(),
        count_customers=touches.customer_id.nunique(),
        count_converted=touches.journey_id.nunique(where=touches.is_converted),
    )
    frame: pd.DataFrame = found.order_by("stage", "channel").to_pandas()
    return frame


def _taken(touches: ibis.Table) -> _Taken:
    """Return the paths that were taken, each once with its journeys."""
    of_journey = touches.group_by("stage", "journey_id").agg(
        path=touches.channel.group_concat(_SEPARATOR, order_by=touches.step_number),
        is_converted=touches.is_converted.any(),
    )
    paths = of_journey.group_by("stage", "path").agg(
        converted=of_journey.is_converted.sum(), lost=(~of_journey.is_converted).sum()
    )
    placed = touches.inner_join(of_journey.select("stage", "journey_id", "path"), ["stage", "journey_id"])
    rows = placed.group_by("stage", "path", "place", "channel").agg(
        # In millionths, since sums are exact to six decimals and shares of a path are small.
        decay=exact_mean(placed.decay * _MILLION, where=placed.is_converted).fill_null(0.0) / _MILLION
    )
    return _Taken(rows.order_by("stage", "path", "place").to_pandas(), paths.order_by("stage", "path").to_pandas())


def _by_stage(taken: _Taken) -> list[tuple[str, _Taken]]:
    touches = dict(list(taken.touches.groupby("stage", sort=True)))
    paths = dict(list(taken.paths.groupby("stage", sort=True)))
    return [(str(stage), _Taken(touches[stage], paths[stage])) for stage in touches]


def _credit(taken: _Taken, stage: str) -> pd.DataFrame:
    """Return every model's credit of every channel of one stage, with intervals of the two that are compared."""
    number, _ = pd.factorize(taken.touches.path)
    channel, channels = pd.factorize(taken.touches.channel, sort=True)
    paths = Paths(
        path=number.astype(np.int64),
        channel=channel.astype(np.int64),
        decay=taken.touches.decay.to_numpy(float),
        converted=taken.paths.converted.to_numpy(float),
        lost=taken.paths.lost.to_numpy(float),
        count_channels=len(channels),
    )
    credit = credits_of(paths)
    intervals = credit_intervals(paths, np.random.default_rng(_SEED))
    every = np.stack([credit[name] for name in MODELS])
    columns = {f"credit_{name}": credit[name] for name in MODELS}
    for name in ("markov", "shapley"):
        columns[f"credit_{name}_low"], columns[f"credit_{name}_high"] = intervals[name]
    return pd.DataFrame(
        {
            "stage": stage,
            "channel": channels,
            **columns,
            "count_stage_converted": int(paths.converted.sum()),
            "credit_low": every.min(axis=0),
            "credit_high": every.max(axis=0),
        }
    )


def _no_credit() -> pd.DataFrame:
    names = [f"credit_{name}" for name in (*MODELS, "markov_low", "markov_high", "shapley_low", "shapley_high")]
    return pd.DataFrame(columns=["stage", "channel", "count_stage_converted", *names, "credit_low", "credit_high"])
