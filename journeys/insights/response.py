"""Who speaks up: how probable it is that a customer like this one says something, and what those who did then stand for."""

from collections.abc import Sequence
from typing import Any

import ibis
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from journeys.engine import materialize
from journeys.insights.segments import ALL

LEAST_PROBABILITY = 0.01
"""Nobody stands for more than a hundred."""

_STRENGTH = 10.0
_MOST_ROUNDS = 500
_NOT_TOLD = ""
_SPLIT = "split_"


def response_weights(steps: ibis.Table, said: ibis.Table, segments: ibis.Table) -> ibis.Table:
    """Return kind, stage, customer_id and weight of all who said something in a stage: 1 / the probability of it.

    The probability is a logistic model's, for each kind of its own, of all customers of all stages, by what is known of those who
    were silent as well: the stage, the segments, and the channel in which they are met most (Horvitz and Thompson 1952;
    Little 1986). Touchpoints of a name at which anything was ever said do not count for the channel: those who spoke have more of them.
    What is not known of the silent cannot be made good by this.

    Args:
        steps: customer_id, stage ('' where none), touchpoint, channel.
        said: kind, customer_id, stage, touchpoint of what was said.
        segments: customer_id and segment, as `<name>=<value>`.
    """
    connection: Any = steps.get_backend()
    answered = said.select("kind", "stage", "customer_id").distinct()
    people, names = _described(steps, said, segments)
    people = materialize(connection, people, ibis.util.gen_name("response_people"))
    cells = people.group_by(names).agg(count_customers=people.count())
    for kind in sorted(said.select("kind").distinct().to_pyarrow()["kind"].to_pylist()):
        spoke = people.semi_join(answered.filter(answered.kind == kind), ["stage", "customer_id"])
        counted = spoke.group_by(names).agg(**{f"spoke_{kind}": spoke.count()})
        cells = cells.left_join(counted, names).drop(*(f"{name}_right" for name in names))
    frame = cells.order_by(names).to_pandas()
    kinds = [name.removeprefix("spoke_") for name in frame.columns if name.startswith("spoke_")]
    parts = [frame[names].assign(kind=kind, weight=1 / _probabilities(frame, names, f"spoke_{kind}")) for kind in kinds]
    empty = pd.DataFrame({name: pd.Series(dtype="string") for name in (*names, "kind")}).assign(weight=0.0)
    weights = pd.concat(parts, ignore_index=True) if parts else empty
    found = materialize(connection, ibis.memtable(weights), ibis.util.gen_name("response_weights"))
    placed = answered.inner_join(people, ["stage", "customer_id"]).inner_join(found, [*names, "kind"])
    return placed.select("kind", "stage", "customer_id", "weight")


def _described(steps: ibis.Table, said: ibis.Table, segments: ibis.Table) -> tuple[ibis.Table, list[str]]:
    """Return every customer of every stage with what is known of all, and the names of these columns."""
    silent = steps.anti_join(said, "touchpoint")
    counted = silent.group_by("customer_id", "channel").agg(times=silent.count())
    order = ibis.window(group_by="customer_id", order_by=[ibis.desc("times"), "channel"])
    usual = counted.mutate(place=ibis.row_number().over(order)).filter(lambda table: table.place == 0)
    entered = steps.select("customer_id", "stage").distinct()
    people = entered.left_join(usual.select("customer_id", "channel"), "customer_id").drop("customer_id_right")
    told = segments.filter(segments.segment != ALL)
    splits = sorted(set(told.select(name=told.segment.split("=")[0]).distinct().to_pyarrow()["name"].to_pylist()))
    for name in splits:
        rows = told.filter(told.segment.startswith(f"{name}="))
        one = rows.group_by("customer_id").agg(**{f"{_SPLIT}{name}": rows.segment.min()})
        people = people.left_join(one, "customer_id").drop("customer_id_right")
    names = ["stage", "channel", *(f"{_SPLIT}{name}" for name in splits)]
    return people.mutate(**{name: people[name].fill_null(_NOT_TOLD) for name in names}), names


def _probabilities(cells: pd.DataFrame, names: Sequence[str], spoke: str) -> Any:
    """Return of each cell how probable it is that one of its customers says something."""
    whole = cells["count_customers"].to_numpy(float)
    some = cells[spoke].fillna(0).to_numpy(float)
    if not 0 < some.sum() < whole.sum():
        return np.ones(len(cells))
    columns = [pd.factorize(cells[name], sort=True)[0] for name in names]
    blocks = [
        sparse.coo_array((np.ones(len(cells)), (np.arange(len(cells)), codes)), shape=(len(cells), codes.max() + 1))
        for codes in columns
    ]
    design = sparse.hstack(blocks).tocsr()
    model = LogisticRegression(C=_STRENGTH, max_iter=_MOST_ROUNDS)
    model.fit(
        sparse.vstack([design, design]),
        np.repeat([1, 0], len(cells)),
        sample_weight=np.concatenate([some, whole - some]),
    )
    return np.maximum(model.predict_proba(design)[:, 1], LEAST_PROBABILITY)
