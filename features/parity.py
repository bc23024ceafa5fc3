"""Parity: what is served online is what the lake holds, so that a model sees the same in both places."""

import numpy as np
import pandas as pd
import pyarrow as pa

from features.feature_store import online_features
from journeys.config.errors import DataError
from journeys.lake.workspace import Workspace

COUNT_COMPARED = 200
"""So many customers are compared after each materialisation."""


def check_parity(workspace: Workspace, offline: pa.Table, *, seed: int) -> int:
    """Compare the online features of some customers with those of the lake; return of how many.

    Args:
        workspace: the project, whose online store is asked.
        offline: customer_id and the features of the snapshot that is online.
        seed: which customers are drawn; another each night meets all of them in time.

    Raises:
        DataError: naming the first feature that differs, for how many customers, and what to do.
    """
    size = min(COUNT_COMPARED, offline.num_rows)
    compared = offline.take(np.random.default_rng(seed).choice(offline.num_rows, size, replace=False)).to_pandas()
    online = online_features(workspace, compared["customer_id"].to_list())
    for name in online.columns.drop("customer_id"):
        count = count_different(compared[name], online[name])
        if count:
            raise DataError(
                f"The online store disagrees with the lake on '{name}' for {count} of {len(compared)} customers compared; "
                "nothing should be scored from it. Run 'desirelines features' again for the same snapshot."
            )
    return len(compared)


def count_different(offline: pd.Series, online: pd.Series) -> int:
    """Return how many values differ; two missing ones do not, however they are written.

    >>> count_different(pd.Series([1.0, None, 2.0]), pd.Series([1, None, 3], dtype="object"))
    1
    """
    left, right = (
        column.astype(object).where(column.notna(), None).reset_index(drop=True) for column in (offline, online)
    )
    return int((left.isna() != right.isna()).sum() + ((left != right) & left.notna() & right.notna()).sum())
