"""What is online is compared with the lake."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.build import build_features
from features.feature_store import online_features
from features.parity import check_parity, count_different
from journeys.config.errors import DataError
from journeys.identities.customers import build_customers
from tests.features.drawn import at
from tests.journeys.made_up import Touch, load, workspace_in


@pytest.mark.parametrize(
    ("offline", "online", "count"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0),
        ([1.0, 2.0], [1, 2], 0),
        ([1.0, np.nan], [1.0, None], 0),
        ([1.0, np.nan], [1.0, 0.0], 1),
        ([1.0, 2.0], [None, 2.5], 2),
        (["a", None], ["a", None], 0),
        (["a", "b"], ["a", None], 1),
        ([True, False], [True, True], 1),
    ],
)
def test_differences_are_counted(offline: list[object], online: list[object], count: int) -> None:
    """Missing equals missing; anything else must be the same value."""
    assert count_different(pd.Series(offline), pd.Series(online, dtype=object)) == count


def test_a_difference_is_told(tmp_path: Path) -> None:
    """A value that went wrong on its way online is named, and the run does not go on."""
    workspace = workspace_in(tmp_path)
    load(workspace, [Touch("a", "visit home", 0), Touch("b", "buy", 90, amount=12.5)])
    build_customers(workspace)
    report = build_features(workspace, at(100))
    assert report.counts["compared_online"] == report.counts["customers"] == 2
    rows = workspace.lake.read("customer_features").to_pandas()
    rows["days_since_last_touchpoint"] += [0.0, 1.0]
    changed = pa.Table.from_pandas(rows)
    with pytest.raises(
        DataError, match=r"disagrees with the lake on 'days_since_last_touchpoint' for 1 of 2 customers"
    ):
        check_parity(workspace, changed, seed=1)


def test_somebody_not_online_is_a_difference(tmp_path: Path) -> None:
    """A customer whom the online store does not know differs in whatever the lake knows."""
    workspace = workspace_in(tmp_path)
    load(workspace, [Touch("a", "visit home", 0)])
    build_customers(workspace)
    build_features(workspace, at(100))
    rows = workspace.lake.read("customer_features").to_pandas().assign(customer_id="c_unknown")
    assert online_features(workspace, ["c_unknown"]).drop(columns="customer_id").isna().all(axis=None)
    with pytest.raises(DataError, match="for 1 of 1 customers"):
        check_parity(workspace, pa.Table.from_pandas(rows), seed=1)
