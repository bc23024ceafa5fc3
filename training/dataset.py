"""The training set of a target: who, when, what was known then, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from features.build import write_features
from features.catalogue import features_of
from features.feature_store import apply_declarations, historical_features
from journeys.config.errors import DataError
from journeys.config.targets import Target
from journeys.engine import connect
from journeys.episodes.vocabulary import describe_touchpoints
from journeys.identities.customers import later_customers
from journeys.lake.workspace import Workspace
from training.eligibility import is_eligible
from training.labels import label_rows, outcome_events
from training.learners import Vector
from training.snapshots import in_time_order, training_spine


@dataclass(frozen=True)
class Dataset:
    """Eligible, mature rows in the order of time.

    Attributes:
        rows: customer_id, snapshot_at and the features.
        labels: 0 or 1 for each row.
        names: the features a model may read.
        read: versions of the tables that made it.
    """

    rows: pd.DataFrame
    labels: Vector
    names: list[str]
    read: dict[str, int]


def build_dataset(workspace: Workspace, name: str, target: Target, known_until: datetime) -> Dataset:
    """Compute the training set of a target as of `known_until`.

    The features are written to `customer_features` under a key of their own and read back through
    Feast at their points in time, as every later reader gets them.

    Raises:
        DataError: when no label can be mature, or nobody is eligible.
    """
    read = workspace.lake.versions(["touchpoints", "customers", "journey_steps"])
    with connect(memory=workspace.memory) as connection:
        steps = workspace.lake.scan(connection, "journey_steps", version=read.get("journey_steps"))
        customers = workspace.lake.scan(connection, "customers", version=read.get("customers"))
        first_at = connection.to_pyarrow(steps.aggregate(first_at=steps.event_at.min()))["first_at"][0].as_py()
        if first_at is None:
            msg = "There are no journeys to learn from; run 'desirelines ingest' and 'desirelines build' first."
            raise DataError(msg)
        if problem := target.history_problem(name, first_at, known_until):
            raise DataError(problem)
        spine = training_spine(steps, customers, target, first_at=first_at, known_until=known_until)
        names = connection.to_pyarrow(steps.select("touchpoint").distinct())["touchpoint"].to_pylist()
        vocabulary = ibis.memtable(describe_touchpoints(names, workspace.project.config))
        labelled = _labelled(connection, spine, steps, customers, vocabulary, target, known_until)
    if not labelled.num_rows:
        raise DataError(
            f"Target '{name}': no customer has a snapshot whose horizon had passed by {known_until:%Y-%m-%d}."
        )
    write_features(workspace, labelled.select(["customer_id", "snapshot_at"]), f"training_{name}", read)
    apply_declarations(workspace)
    frame = historical_features(workspace, labelled.to_pandas())
    seen = frame[frame["days_since_last_touchpoint"].notna()]
    rows = in_time_order(seen[is_eligible(seen, target)])
    readable = [key for key, feature in features_of(workspace.project.config).items() if feature.kind != "text"]
    return Dataset(rows.drop(columns="label"), rows["label"].to_numpy(np.float64), readable, read)


def _labelled(
    connection: Any,
    spine: ibis.Table,
    steps: ibis.Table,
    customers: ibis.Table,
    vocabulary: ibis.Table,
    target: Target,
    known_until: datetime,
) -> pa.Table:
    events = outcome_events(steps, vocabulary, target.outcome)
    rows = label_rows(spine, events, later_customers(customers), target, known_until)
    return connection.to_pyarrow(rows.order_by("snapshot_at", "customer_id"))
