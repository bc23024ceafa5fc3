"""The emotional arc: what customers say of each stage, what they rated and what their texts show, never as one number."""

from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import stats
from statsmodels.stats.multitest import multipletests

from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import exact_sum, materialize
from journeys.insights.frustration import frustrated_customers
from journeys.insights.intervals import MIN_CUSTOMERS, add_wilson, as_table, hide_small
from journeys.insights.response import response_weights
from journeys.insights.segments import ALL

STATED, INFERRED = "stated", "inferred"
KINDS = (STATED, INFERRED)
PEAK, TROUGH = "peak", "trough"

MIN_SAID = 30
"""From fewer ratings, or texts, than this no mean is told."""

MIN_DIFFERENCE = 0.05
"""Whatever lies nearer to the mean of all is neither peak nor trough, however sure it is."""

MAX_FALSE_SHARE = 0.05
"""Share of the peaks and troughs told that may be chance (Benjamini and Hochberg 1995)."""

_NO_STAGE = ""
_CELL = ["kind", "level", "stage", "touchpoint"]
_SUMS = ["total", "count_said", "weighted_total", "weighted_said"]


def insight_emotion(steps: ibis.Table, said: ibis.Table, segments: ibis.Table, config: JourneyConfig) -> pa.Table:
    """Return the table insight_emotion: of each stage, and of all, what was said at any touchpoint and at each.

    `stated` is what customers rated, `inferred` what their texts show; both run from -1 to 1. `emotion` is the mean of what
    was said; its interval takes customers, not texts, as independent. `emotion_weighted` has those who spoke stand for
    those like them who were silent (`journeys.insights.response`), `effective_customers` is how many customers it then rests on
    (Kish 1965), and its interval takes the weights as known. `coverage` is the share of the stage's customers who said anything.
    `difference` is the mean less that of all that was said, of which it is a part, which its interval takes into account. A stage or
    touchpoint is a peak or a trough where that is .05 or more and no more than one in twenty of those told would be
    chance; a touchpoint at which always the same was said is not tested. `frustrated_share`, beside what texts of a stage show and in no mean, is the share of its customers who clicked in anger,
    in vain or into an error, where that is recorded at all. Nothing of this is an effect of the stage: others come to it.

    Args:
        steps: journey_steps with touchpoint_id, customer_id, stage, touchpoint, channel.
        said: touchpoint_id, kind, value; the value is null of texts whose sentiment is not known.
        segments: customer_id and segment, as `<name>=<value>`.
        config: the stages in their order.
    """
    connection: Any = steps.get_backend()
    columns = ("touchpoint_id", "customer_id", "touchpoint", "channel")
    known = steps.select(*columns, stage=steps.stage.fill_null(_NO_STAGE))
    known = materialize(connection, known, ibis.util.gen_name("emotion_steps"))
    heard = said.inner_join(known, "touchpoint_id").select(*columns, "stage", "kind", "value")
    heard = materialize(connection, heard, ibis.util.gen_name("emotion_said"))
    frame = _long(_spoken(heard, response_weights(known, heard, segments)))
    found = _means(frame).merge(_differences(frame), on=_CELL, how="left") if len(frame) else _nothing()
    found = found.assign(p_value=found.p_value.mask(_is_named_by_answer(found, heard)))
    rows = _finished(found, _entered(known), [stage.name for stage in config.stages])
    return as_table("insight_emotion", _with_frustration(rows, frustrated_customers(known)))


def _entered(steps: ibis.Table) -> pd.DataFrame:
    """Return how many customers were in each stage, and how many there are."""
    of_stage = steps.group_by("stage").agg(count_customers_entered=steps.customer_id.nunique())
    frame: pd.DataFrame = of_stage.order_by("stage").to_pandas()
    whole = int(steps.customer_id.nunique().to_pyarrow().as_py())
    everybody = pd.DataFrame({"stage": [ALL], "count_customers_entered": [whole]})
    return pd.concat([frame[frame.stage != _NO_STAGE], everybody[everybody.count_customers_entered > 0]])


def _spoken(heard: ibis.Table, weights: ibis.Table) -> pd.DataFrame:
    """Return one row for each kind, stage, touchpoint and customer: what was said there, and the customer's weight."""
    sums = heard.group_by("kind", "stage", "touchpoint", "customer_id").agg(
        total=exact_sum(heard["value"]).fill_null(0.0),
        count_said=heard["value"].count(),
        count_not_scored=heard["value"].isnull().sum(),
    )
    weighed = sums.left_join(weights, ["kind", "stage", "customer_id"]).select(*sums.columns, "weight")
    frame: pd.DataFrame = weighed.order_by("kind", "stage", "touchpoint", "customer_id").to_pandas()
    return frame


def _is_named_by_answer(found: pd.DataFrame, heard: ibis.Table) -> "pd.Series[bool]":
    """Return which cells are touchpoints at which always the same was said, as at 'rated good': that it is good is its name."""
    value = heard["value"]
    said = heard.group_by("kind", "touchpoint").agg(least=value.min(), most=value.max())
    alike = said.filter(said.least == said.most).select("kind", "touchpoint").order_by("kind", "touchpoint").to_pandas()
    named = set(zip(alike.kind, alike.touchpoint, strict=True))
    is_named = [pair in named for pair in zip(found.kind, found.touchpoint, strict=True)]
    return pd.Series(is_named, index=found.index, dtype=bool) & (found.level == 2)


def _long(spoken: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `spoken` at three levels (touchpoint, stage, all), one for each cell and customer."""
    rows = spoken.assign(weighted_total=spoken.total * spoken.weight, weighted_said=spoken.count_said * spoken.weight)
    levels = [
        rows.assign(level=2),
        rows.assign(level=1, touchpoint=ALL),
        rows.assign(level=0, stage=ALL, touchpoint=ALL),
    ]
    both = pd.concat(levels, ignore_index=True)
    both = both[(both.stage != _NO_STAGE) & ((both.level < 2) | (both.touchpoint != ALL))]
    return both.groupby([*_CELL, "customer_id"], as_index=False, sort=True)[[*_SUMS, "count_not_scored"]].sum()


def _means(frame: pd.DataFrame) -> pd.DataFrame:
    """Return of each cell its counts, its mean and its weighted mean with their intervals."""
    spoke = frame.count_said > 0
    cells = frame.groupby(_CELL, as_index=False, sort=True)[[*_SUMS, "count_not_scored"]].sum()
    people = frame[spoke].groupby(_CELL, as_index=False, sort=True).agg(count_customers=("customer_id", "count"))
    cells = cells.merge(people, on=_CELL, how="left")
    cells["count_customers"] = cells.count_customers.fillna(0).astype("int64")
    each = frame.assign(weight=frame.weighted_said / frame.count_said.clip(lower=1))
    each["weight_squared"] = each.weight**2
    squares = each.groupby(_CELL, as_index=False, sort=True)[["weight", "weight_squared"]].sum()
    cells["effective_customers"] = (
        squares.weight**2 / squares.weight_squared.where(squares.weight_squared > 0)
    ).to_numpy()
    for name, total, count in (
        ("emotion", "total", "count_said"),
        ("emotion_weighted", "weighted_total", "weighted_said"),
    ):
        cells[name] = cells[total] / cells[count].where(cells[count] > 0)
        joined = frame.merge(cells[[*_CELL, name]], on=_CELL)
        off = (joined[total] - joined[count] * joined[name].fillna(0.0)) ** 2
        spread = off.groupby([joined[key] for key in _CELL], sort=True).sum().to_numpy()
        clusters = cells.count_customers.to_numpy(float)
        error = np.sqrt(spread * clusters / np.maximum(clusters - 1, 1)) / cells[count].where(cells[count] > 0)
        half = stats.t.ppf(0.975, np.maximum(clusters - 1, 1)) * error
        cells[f"{name}_low"] = np.maximum(cells[name] - half, -1.0)
        cells[f"{name}_high"] = np.minimum(cells[name] + half, 1.0)
    return cells


def _differences(frame: pd.DataFrame) -> pd.DataFrame:
    """Return of each cell its mean less that of all of its kind, with interval and p-value.

    Of each customer it is known what he moves in the mean of the cell and in that of all; the variance is that of the difference
    of both over all who said anything (Liang and Zeger 1986).
    """
    said = frame[frame.count_said > 0]
    sums = said.groupby(_CELL, as_index=False, sort=True)[["total", "count_said"]].sum()
    rows = said.merge(sums, on=_CELL, suffixes=("", "_of_cell"))
    rows["moved"] = (
        rows.total - rows.count_said * rows.total_of_cell / rows.count_said_of_cell
    ) / rows.count_said_of_cell
    whole = rows[rows.level == 0][["kind", "customer_id", "moved"]].rename(columns={"moved": "moved_all"})
    rows = rows.merge(whole, on=["kind", "customer_id"])
    rows["own"], rows["shared"] = rows.moved**2, rows.moved * rows.moved_all
    parts = rows.groupby(_CELL, as_index=False, sort=True).agg(own=("own", "sum"), shared=("shared", "sum"))
    cells = sums.merge(parts, on=_CELL)
    of_all = (
        whole.assign(square=whole.moved_all**2)
        .groupby("kind", as_index=False)
        .agg(square=("square", "sum"), people=("customer_id", "count"))
    )
    means = sums[sums.level == 0].assign(mean_all=lambda one: one.total / one.count_said)[["kind", "mean_all"]]
    cells = cells.merge(of_all, on="kind").merge(means, on="kind")
    freedom = np.maximum(cells.people.to_numpy(float) - 1, 1)
    variance = (cells.own - 2 * cells.shared + cells.square).clip(lower=0.0) * cells.people / freedom
    error = np.sqrt(variance.to_numpy())
    gap = (cells.total / cells.count_said - cells.mean_all).to_numpy()
    half = stats.t.ppf(0.975, freedom) * error
    distance = np.divide(np.abs(gap), error, out=np.zeros_like(gap), where=error > 1e-9)
    return cells[_CELL].assign(
        difference=gap,
        difference_low=gap - half,
        difference_high=gap + half,
        p_value=2 * stats.t.sf(distance, freedom),
    )


def _finished(found: pd.DataFrame, entered: pd.DataFrame, stages: list[str]) -> pd.DataFrame:
    """Return rows of the table: every stage that somebody was in, whether or not anything was said there."""
    order = {name: place for place, name in enumerate([ALL, *stages])}
    grid = entered.merge(pd.DataFrame({"kind": KINDS}), how="cross").assign(touchpoint=ALL)
    of_touchpoints = found[found.level == 2][["stage", "kind", "touchpoint"]].merge(entered, on="stage")
    grid = pd.concat([grid, of_touchpoints], ignore_index=True)
    grid["level"] = np.where(grid.touchpoint != ALL, 2, np.where(grid.stage == ALL, 0, 1))
    frame = grid.merge(found, on=_CELL, how="left")
    counts = ["count_customers", "count_said", "count_not_scored"]
    frame[counts] = frame[counts].fillna(0).astype("int64")
    frame = add_wilson(frame, "count_customers", "count_customers_entered", "count_customers_entered", "coverage")
    is_told = (frame.count_said >= MIN_SAID) & (frame.count_customers >= MIN_CUSTOMERS)
    told = ["emotion", "emotion_weighted", "difference"]
    told = [f"{name}{end}" for name in told for end in ("", "_low", "_high")]
    frame[[*told, "p_value", "effective_customers"]] = (
        frame[[*told, "p_value", "effective_customers"]].astype(float).where(is_told, axis=0)
    )
    frame = hide_small(frame, "effective_customers", *(name for name in told if name.startswith("emotion_weighted")))
    frame = _with_extremes(frame)
    frame["place"] = frame.stage.map(order).fillna(len(order))
    frame["kind_place"] = frame.kind.map({kind: place for place, kind in enumerate(KINDS)})
    return frame.sort_values(["place", "stage", "level", "touchpoint", "kind_place"])


def _with_extremes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with q_value and extreme; stages and touchpoints of one kind are tested together."""
    q_values, is_sure = np.full(len(frame), np.nan), np.zeros(len(frame), dtype=bool)
    for kind in KINDS:
        tested = np.flatnonzero((frame.kind == kind) & (frame.level > 0) & frame.p_value.notna())
        if len(tested):
            sure, q_value, *_ = multipletests(frame.p_value.to_numpy()[tested], MAX_FALSE_SHARE, method="fdr_bh")
            q_values[tested], is_sure[tested] = q_value, sure
    gap = frame.difference.to_numpy(float)
    is_extreme = is_sure & (np.abs(np.nan_to_num(gap)) >= MIN_DIFFERENCE)
    extreme = np.where(gap > 0, PEAK, TROUGH).astype(object)
    extreme[~is_extreme] = None
    gaps = ["difference", "difference_low", "difference_high"]
    frame[gaps] = frame[gaps].where(frame.level > 0, np.nan)
    return frame.assign(q_value=q_values, extreme=extreme)


def _with_frustration(frame: pd.DataFrame, frustrated: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with the share of each stage's customers who gave a sign of frustration; null where nobody is watched."""
    frame = frame.merge(frustrated, on="stage", how="left")
    frame["count_frustrated"] = frame.count_frustrated.fillna(0).astype("int64")
    frame = add_wilson(
        frame, "count_frustrated", "count_customers_entered", "count_customers_entered", "frustrated_share"
    )
    is_watched = (frame.kind == INFERRED) & (frame.touchpoint == ALL) & bool(len(frustrated))
    shares = ["frustrated_share", "frustrated_share_low", "frustrated_share_high"]
    frame[shares] = frame[shares].where(is_watched, np.nan)
    return frame.assign(count_frustrated=frame.count_frustrated.astype("Int64").where(is_watched))


def _nothing() -> pd.DataFrame:
    numbers = ("emotion", "emotion_weighted", "difference")
    names = [f"{name}{end}" for name in numbers for end in ("", "_low", "_high")]
    counts = ["count_customers", "count_said", "count_not_scored", "effective_customers", "p_value", *names]
    text, number = pd.Series(dtype=object), pd.Series(dtype=float)
    return pd.DataFrame(
        {"kind": text, "level": pd.Series(dtype="int64"), "stage": text, "touchpoint": text}
        | dict.fromkeys(counts, number)
    )
