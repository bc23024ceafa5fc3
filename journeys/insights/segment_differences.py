"""How segments differ: what one group does next at a touchpoint more or less often than the others there."""

from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy import stats
from statsmodels.stats.multitest import multipletests

from journeys.engine import materialize
from journeys.insights.intervals import MIN_CUSTOMERS, as_table
from journeys.insights.segments import ALL

MIN_VISITORS = 30
"""Of a touchpoint that fewer customers of a group, or of the others, have left nothing is said."""

MIN_DIFFERENCE = 0.01
MAX_FALSE_SHARE = 0.05
MOST_ROWS = 500

_Numbers = npt.NDArray[np.float64]


def insight_segments(steps: ibis.Table, segments: ibis.Table) -> pa.Table:
    """Return the table insight_segments: groups of customers, and what they do next otherwise than the others of their split.

    `rate` is the share of the group's goings on from a touchpoint that lead to the next one, `rate_others` that of the
    customers with another value of the split. The p-value is that of permuting the customers among the groups: the sum of what is
    above the common rate over the group's customers has, over all permutations, a mean and variance that are known
    (Hoeffding 1951), so that none has to be drawn. All that one customer does stands or falls together, in the test as in
    the interval. Told are differences of at least a hundredth of which no more than one in twenty would be chance
    (Benjamini and Hochberg 1995). A difference between groups says nothing of why.

    Args:
        steps: journey_steps with journey_id, customer_id, step_number, touchpoint.
        segments: customer_id and segment, as `<name>=<value>`.
    """
    connection: Any = steps.get_backend()
    told = segments.filter(segments.segment != ALL)
    groups = told.mutate(split=told.segment.split("=")[0]).order_by("customer_id", "segment").to_pandas()
    moves = materialize(connection, _moves(steps), ibis.util.gen_name("moves")).to_pandas()
    parts = [_of_split(moves, own) for _, own in groups.groupby("split", sort=True)] if len(moves) else []
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if not len(frame):
        return as_table("insight_segments", pd.DataFrame(columns=_COLUMNS))
    is_told, q_values, *_ = multipletests(frame.p_value.to_numpy(), MAX_FALSE_SHARE, method="fdr_bh")
    frame = frame.assign(q_value=q_values)[is_told & (frame.difference.abs() >= MIN_DIFFERENCE)]
    order = frame.assign(size=frame.difference.abs() * frame.count_customers).sort_values(
        ["size", "segment", "from_touchpoint", "to_touchpoint"], ascending=[False, True, True, True]
    )
    return as_table("insight_segments", order.head(MOST_ROWS))


_COLUMNS = ["segment", "from_touchpoint", "to_touchpoint", "rate", "rate_others", "difference", "difference_low"]
_COLUMNS += [
    "difference_high",
    "q_value",
    "count_transitions",
    "count_out",
    "count_customers",
    "count_customers_others",
]


def _moves(steps: ibis.Table) -> ibis.Table:
    """Return how often each customer went from each touchpoint to each next one of the journey."""
    order = ibis.window(group_by="journey_id", order_by="step_number")
    follows = steps.select(
        "customer_id", from_touchpoint="touchpoint", to_touchpoint=steps.touchpoint.lead().over(order)
    )
    follows = follows.filter(follows.to_touchpoint.notnull())
    keys = ["customer_id", "from_touchpoint", "to_touchpoint"]
    return follows.group_by(keys).agg(count_moves=follows.count()).order_by(keys)


def _of_split(moves: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return every group of one split and every transition for which there are enough."""
    own = groups.drop_duplicates("customer_id").set_index("customer_id").segment
    rows = moves[moves.customer_id.isin(own.index)]
    names = sorted(own.unique())
    if len(names) < 2 or not len(rows):
        return pd.DataFrame(columns=[*_COLUMNS, "p_value"])
    group = pd.Categorical(own.reindex(rows.customer_id), names).codes.astype(np.int64)
    out = rows.groupby(["customer_id", "from_touchpoint"], sort=False).count_moves.transform("sum").to_numpy(float)
    pair, pairs = pd.factorize(pd.MultiIndex.from_frame(rows[["from_touchpoint", "to_touchpoint"]]), sort=True)
    origin, origins = pd.factorize(rows.from_touchpoint, sort=True)
    of_pair = pd.Series(np.arange(len(origins)), index=origins).reindex(pairs.get_level_values(0)).to_numpy(np.int64)
    moved = rows.count_moves.to_numpy(float)
    count_groups = len(names)

    def by_pair(values: _Numbers) -> _Numbers:
        sums = np.bincount(pair * count_groups + group, weights=values, minlength=len(pairs) * count_groups)
        return sums.reshape(len(pairs), count_groups).astype(np.float64)

    # Of what a customer left a touchpoint for, the goings on from there stand on each of the rows: one of them counts.
    first = ~rows.duplicated(["customer_id", "from_touchpoint"]).to_numpy()

    def by_origin(values: _Numbers) -> _Numbers:
        sums = np.bincount(
            origin[first] * count_groups + group[first], weights=values[first], minlength=len(origins) * count_groups
        )
        result: _Numbers = sums.reshape(len(origins), count_groups)[of_pair]
        return result

    return _compared(
        pairs=pairs,
        names=names,
        y=by_pair(moved),
        yy=by_pair(moved**2),
        yn=by_pair(moved * out),
        movers=by_pair(np.ones(len(moved))),
        n=by_origin(out),
        nn=by_origin(out**2),
        people=by_origin(np.ones(len(moved))),
    )


def _compared(
    *,
    pairs: Any,
    names: list[str],
    y: _Numbers,
    yy: _Numbers,
    yn: _Numbers,
    movers: _Numbers,
    n: _Numbers,
    nn: _Numbers,
    people: _Numbers,
) -> pd.DataFrame:
    """Return rows from sums over customers, a row a transition and a column a group.

    Args:
        pairs: the transitions.
        names: the groups.
        y: transitions.
        yy: the sum of their squares.
        yn: the sum of transitions times goings on.
        movers: customers who made the transition.
        n: goings on from the touchpoint.
        nn: the sum of their squares.
        people: customers who left the touchpoint.
    """
    total = [values.sum(axis=1, keepdims=True) for values in (y, n, yy, yn, nn, people)]
    all_y, all_n, all_yy, all_yn, all_nn, all_people = total
    common = all_y / all_n
    above = y - common * n
    squares = all_yy - 2 * common * all_yn + common**2 * all_nn
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = people * (all_people - people) / (all_people * (all_people - 1)) * squares
        p_value = 2 * stats.norm.sf(np.abs(above) / np.sqrt(variance))
        rate, rate_others = y / n, (all_y - y) / (all_n - n)
        own = (yy - 2 * rate * yn + rate**2 * nn) / n**2
        rest = (all_yy - yy) - 2 * rate_others * (all_yn - yn) + rate_others**2 * (all_nn - nn)
        half = stats.norm.ppf(0.975) * np.sqrt(own + rest / (all_n - n) ** 2)
    # Where few are expected to go a way in a group, the sum is far from normal, and the cell is nobody's business.
    expected = people / all_people * movers.sum(axis=1, keepdims=True)
    enough = (np.minimum(people, all_people - people) >= MIN_VISITORS) & np.isfinite(p_value)
    enough &= np.minimum(expected, movers.sum(axis=1, keepdims=True) - expected) >= MIN_CUSTOMERS
    enough &= (movers >= MIN_CUSTOMERS) | (movers == 0)
    row, column = np.nonzero(enough)
    place = row, column
    return pd.DataFrame(
        {
            "segment": np.array(names, dtype=object)[column],
            "from_touchpoint": pairs.get_level_values(0).to_numpy(object)[row],
            "to_touchpoint": pairs.get_level_values(1).to_numpy(object)[row],
            "rate": rate[place],
            "rate_others": rate_others[place],
            "difference": (rate - rate_others)[place],
            "difference_low": (rate - rate_others - half)[place],
            "difference_high": (rate - rate_others + half)[place],
            "count_transitions": y[place].astype("int64"),
            "count_out": n[place].astype("int64"),
            "count_customers": people[place].astype("int64"),
            "count_customers_others": (all_people - people)[place].astype("int64"),
            "p_value": p_value[place],
        }
    )
