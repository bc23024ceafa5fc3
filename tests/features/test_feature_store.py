"""Feast over the lake: reads at points in time, and the online store."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.build import build_features
from features.catalogue import features_of
from features.feature_store import (
    apply_declarations,
    historical_features,
    materialize_snapshot,
    online_features,
    open_store,
)
from features.offline_store import LakeOfflineStore
from journeys.identities.customers import build_customers
from journeys.lake.workspace import Workspace
from tests.features.drawn import at
from tests.journeys.made_up import Link, Touch, customer, load, workspace_in

FIRST, SECOND = at(100), at(148)
NEVER = "c_0000000000000000"


@dataclass(frozen=True)
class Business:
    """A lake with the features of two snapshots, two days apart, in Feast."""

    workspace: Workspace
    rows: pd.DataFrame

    def at(self, instant: datetime) -> pd.DataFrame:
        """Return the lake's rows of one snapshot."""
        rows = self.rows[self.rows.snapshot_at == pd.Timestamp(instant)]
        return rows.sort_values("customer_id", ignore_index=True)


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Business:
    workspace = workspace_in(tmp_path_factory.mktemp("feast"))
    touches = [
        Touch("a", "visit home", 0),
        Touch("a", "buy", 90, amount=12.5, score=3.0),
        Touch("b", "ticket", 60, channel="helpdesk"),
        Touch("c", "use", 120),
        Touch("a", "use", 130),
    ]
    load(workspace, touches, links=[Link("a", "b", 125, "anonymous_id", "anonymous_id")])
    build_customers(workspace)
    for instant in (FIRST, SECOND):
        build_features(workspace, instant)
    return Business(workspace, workspace.lake.read("customer_features").to_pandas())


def _asked(pairs: list[tuple[str, datetime]], **columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame(pairs, columns=["customer_id", "snapshot_at"])
    frame["snapshot_at"] = pd.to_datetime(frame["snapshot_at"], utc=True)
    return frame.assign(**columns)


def _plain(frame: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    """Return values as plain Python, what is missing as None, so that stores of different kinds compare."""
    records = frame[names].astype(object).where(frame[names].notna(), None).to_dict("records")
    return [{key: value.item() if hasattr(value, "item") else value for key, value in row.items()} for row in records]


def test_history_equals_the_lake(business: Business) -> None:
    """Asked at the instants of snapshots, Feast gives the very rows of customer_features, in the order asked."""
    names = list(features_of(business.workspace.project.config))
    pairs = [(customer("b"), FIRST), (customer("c"), SECOND), (customer("a"), SECOND), (customer("a"), FIRST)]
    found = historical_features(business.workspace, _asked(pairs, label=[1, 2, 3, 4]))
    assert found.columns.tolist() == ["customer_id", "snapshot_at", "label", *names]
    assert found["label"].tolist() == [1, 2, 3, 4]
    keyed = business.rows.set_index(["customer_id", "snapshot_at"])
    expected = keyed.loc[[(who, pd.Timestamp(instant)) for who, instant in pairs]]
    assert _plain(found, names) == _plain(expected, names)
    assert any(value is None for row in _plain(found, names) for value in row.values())


@pytest.mark.parametrize(
    ("pair", "is_found"),
    [
        ((customer("a"), FIRST + timedelta(hours=1)), True),
        ((customer("a"), FIRST + timedelta(days=1)), True),
        ((customer("a"), FIRST + timedelta(days=1, microseconds=1)), False),
        ((customer("a"), FIRST - timedelta(microseconds=1)), False),
        ((customer("c"), FIRST), False),
        ((customer("b"), SECOND), False),
        ((NEVER, SECOND), False),
    ],
    ids=["an hour later", "a day later", "past its time", "before it", "not yet seen", "merged by then", "nobody"],
)
def test_points_in_time(business: Business, pair: tuple[str, datetime], is_found: bool) -> None:
    """A row answers from its snapshot on for one day; what came later, or never, is missing."""
    row = historical_features(business.workspace, _asked([pair])).iloc[0]
    assert pd.notna(row["count_touchpoints_journey"]) == is_found


def test_a_row_known_later_is_not_given(tmp_path: Path) -> None:
    """Of a row whose known_at lies after the asked instant nothing is seen, though its snapshot would fit."""
    workspace = workspace_in(tmp_path)
    load(workspace, [Touch("a", "use", 0)])
    build_customers(workspace)
    build_features(workspace, FIRST)
    rows = workspace.lake.read("customer_features").to_pylist()
    later = FIRST + timedelta(hours=3)
    late = [{**row, "known_at": later} for row in rows]
    table = workspace.lake.read("customer_features")
    workspace.lake.replace("customer_features", type(table).from_pylist(late, schema=table.schema), run_id="late")
    asked = [(customer("a"), FIRST + timedelta(hours=2)), (customer("a"), later)]
    found = historical_features(workspace, _asked(asked))
    assert found["count_touchpoints_journey"].isna().tolist() == [True, False]


def test_online_equals_offline(business: Business) -> None:
    """Online, each customer of the last snapshot has its values of that snapshot: all columns, types, missing ones."""
    names = list(features_of(business.workspace.project.config))
    rows = business.at(SECOND)
    ids = rows["customer_id"].tolist()
    assert len(ids) == 2
    online = online_features(business.workspace, ids)
    offline = historical_features(business.workspace, _asked([(who, SECOND) for who in ids]))
    assert online.columns.tolist() == ["customer_id", *names]
    assert online["customer_id"].tolist() == ids
    assert _plain(online, names) == _plain(offline, names) == _plain(rows, names)
    kinds = {"number": float, "count": int, "flag": bool, "text": str}
    for name, feature in features_of(business.workspace.project.config).items():
        values = [row[name] for row in _plain(online, [name])]
        assert all(value is None or isinstance(value, kinds[feature.kind]) for value in values), name


def test_online_of_nobody_is_missing(business: Business) -> None:
    """A customer without features has a row without values, in the place asked for."""
    found = online_features(business.workspace, [NEVER, customer("a")])
    assert found["customer_id"].tolist() == [NEVER, customer("a")]
    assert found["stage"].isna().tolist() == [True, False]


def test_a_customer_merged_away_is_no_longer_online(business: Business) -> None:
    """Of two who turned out to be one, only the one who remains has features online."""
    names = list(features_of(business.workspace.project.config))
    remaining, gone = business.at(SECOND).customer_id, set(business.at(FIRST).customer_id)
    (merged,) = gone - set(remaining)
    frame = online_features(business.workspace, [merged])
    assert frame[names].isna().all(axis=None)
    assert business.at(FIRST).set_index("customer_id").loc[merged, names].notna().any()


def test_a_merge_of_earlier_days_leaves_the_store_too(tmp_path: Path) -> None:
    """A link that was known before the snapshot online and loaded after it takes the merged customer offline."""
    workspace = workspace_in(tmp_path)
    touches = [Touch("a", "visit home", 0), Touch("b", "ticket", 60)]
    load(workspace, touches)
    build_customers(workspace)
    build_features(workspace, FIRST)
    load(workspace, touches, links=[Link("a", "b", 90, "anonymous_id", "anonymous_id")])
    build_customers(workspace)
    build_features(workspace, SECOND)
    frame = online_features(workspace, [customer("a"), customer("b")]).drop(columns="customer_id")
    assert sorted(frame.isna().all(axis=1)) == [False, True]


def test_an_earlier_snapshot_does_not_go_back_online(business: Business) -> None:
    """Materialising a snapshot older than the one online leaves the newer values; the one online may be written again."""
    before = online_features(business.workspace, [customer("a")])
    apply_declarations(business.workspace)
    assert not materialize_snapshot(business.workspace, FIRST)
    assert materialize_snapshot(business.workspace, SECOND)
    pd.testing.assert_frame_equal(online_features(business.workspace, [customer("a")]), before)


def test_declarations_again_are_harmless(business: Business, capsys: pytest.CaptureFixture[str]) -> None:
    """Applying twice keeps one view and one service, and prints nothing."""
    apply_declarations(business.workspace)
    store = open_store(business.workspace)
    assert [view.name for view in store.list_feature_views()] == ["customer_features"]
    assert [service.name for service in store.list_feature_services()] == ["customer_scoring"]
    assert capsys.readouterr().out == ""


def test_everything_of_feast_is_in_the_home(business: Business) -> None:
    """Registry and online store lie in the project's home, and the offline store is the lake."""
    store = open_store(business.workspace)
    files = {path.name for path in business.workspace.project.feast_dir.iterdir()}
    assert {"registry.db", "online.db"} <= files
    assert store.config.offline_store.type == f"{LakeOfflineStore.__module__}.{LakeOfflineStore.__name__}"
    assert store.project == "made_up"
