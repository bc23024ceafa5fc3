"""The training set of a target: who, when, what was known then, and what came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import numpy as np
import pandas as pd

from features.build import write_features
from features.catalogue import features_of
from features.feature_store import apply_declarations, historical_features
from features.seen import seen_within
from journeys.config.errors import DataError
from journeys.config.targets import Target
from journeys.engine import connect, materialize
from journeys.episodes.steps import order_steps
from journeys.episodes.vocabulary import describe_touchpoints
from journeys.identities.customers import customers_known_by, later_customers, owned_touchpoints
from journeys.identities.scan import TOUCHPOINT_TABLES, scan_touchpoints
from journeys.lake.workspace import Workspace
from training.eligibility import is_eligible
from training.labels import label_rows, longest_lag, outcome_events
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
        lag: how long after an outcome its sources tell of it.
    """

    rows: pd.DataFrame
    labels: Vector
    names: list[str]
    read: dict[str, int]
    lag: timedelta


def build_dataset(workspace: Workspace, name: str, target: Target, known_until: datetime) -> Dataset:
    """Compute the training set of a target as of `known_until`.

    Everything is as it stood at `known_until`: touchpoints and identities learned later change neither
    the rows nor their labels. The features are written to `customer_features` under a key of their own
    and read back through Feast at their points in time, as every later reader gets them.

    Raises:
        DataError: when no label can be mature, or nobody is eligible.
    """
    config = workspace.project.config
    read = workspace.lake.versions([*TOUCHPOINT_TABLES, "customers"])
    with connect(memory=workspace.memory) as connection:
        touchpoints = scan_touchpoints(workspace, connection, read)
        known = touchpoints.filter(touchpoints.known_at <= ibis.literal(known_until).cast("timestamp('UTC', 6)"))
        customers = customers_known_by(
            workspace.lake.scan(connection, "customers", version=read.get("customers")), known_until
        )
        touches = owned_touchpoints(known, customers)
        first_at = connection.to_pyarrow(touches.aggregate(first_at=touches.event_at.min()))["first_at"][0].as_py()
        if first_at is None:
            msg = "There are no journeys to learn from; run 'desirelines ingest' and 'desirelines build' first."
            raise DataError(msg)
        told = touches.select("touchpoint", "source").distinct().execute()
        described = describe_touchpoints(sorted(set(told["touchpoint"])), config)
        vocabulary = ibis.memtable(described)
        reaching = set(described.loc[described["reaches"] == target.outcome, "touchpoint"])
        lag = longest_lag(config, told.loc[told["touchpoint"].isin(reaching), "source"])
        if problem := target.history_problem(name, first_at, known_until - lag):
            raise DataError(problem)
        steps = order_steps(touches, vocabulary, config)
        spine = training_spine(steps, customers, target, first_at=first_at, known_until=known_until, lag=lag)
        events = outcome_events(touches, vocabulary, target.outcome)
        rows = label_rows(spine, events, later_customers(customers), target, known_until, lag)
        # Who was not seen is not eligible, and need not be looked at more closely.
        rows = seen_within(known, customers, materialize(connection, rows, "labelled"), target.observation_window)
        labelled = connection.to_pyarrow(rows.order_by("snapshot_at", "customer_id"))
    if not labelled.num_rows:
        raise DataError(
            f"Target '{name}': no customer has a snapshot whose horizon had passed by {known_until:%Y-%m-%d}."
        )
    write_features(workspace, labelled.select(["customer_id", "snapshot_at"]), f"training_{name}", read)
    apply_declarations(workspace)
    frame = historical_features(workspace, labelled.to_pandas(), partition=f"training_{name}")
    seen = frame[frame["days_since_last_touchpoint"].notna()]
    rows = in_time_order(seen[is_eligible(seen, target)])
    readable = [key for key, feature in features_of(config).items() if feature.kind != "text"]
    return Dataset(rows.drop(columns="label"), rows["label"].to_numpy(np.float64), readable, read, lag)
