"""From a spine of customers and instants to one row of features each."""

from typing import Any

import ibis
import pyarrow as pa

from features.catalogue import features_of
from features.seen import KEYS, enrich, touchpoints_as_known
from journeys.config.journey_yaml import JourneyConfig

_ROWS_A_PASS = 100_000
"""So many customers' features are computed at once; more are done in parts, to bound memory."""


def compute_features(
    connection: Any, touchpoints: ibis.Table, customers: ibis.Table, config: JourneyConfig, spine: pa.Table
) -> pa.Table:
    """Return the features of every row of `spine`.

    Args:
        connection: where to compute.
        touchpoints: the table of that name.
        customers: the table of that name.
        config: session and journey rules, stages, outcomes.
        spine: customer_id and snapshot_at; each customer as believed at its snapshot.

    Returns:
        customer_id, snapshot_at, known_at and one column a feature. Customers who had nothing by
        their snapshot have no row.
    """
    parts = [
        _compute_part(connection, touchpoints, customers, config, spine.slice(start, _ROWS_A_PASS))
        for start in range(0, max(spine.num_rows, 1), _ROWS_A_PASS)
    ]
    return pa.concat_tables(parts)


def _compute_part(
    connection: Any, touchpoints: ibis.Table, customers: ibis.Table, config: JourneyConfig, spine: pa.Table
) -> pa.Table:
    seen = enrich(connection, touchpoints_as_known(touchpoints, customers, ibis.memtable(spine)), config)
    columns = {
        name: feature.expression(seen).cast(ibis.schema(pa.schema([(name, feature.type)]))[name])
        for name, feature in features_of(config).items()
    }
    rows = seen.group_by(*KEYS).aggregate(**columns)
    known = rows.mutate(known_at=rows.snapshot_at)
    return connection.to_pyarrow(known.select(*KEYS, "known_at", *columns).order_by(*KEYS))
