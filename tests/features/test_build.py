"""Features of a snapshot, written to the lake."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from features.build import build_features, declare_features
from journeys.build import build_journeys
from journeys.config.errors import DataError
from journeys.identities.decisions import put_apart
from journeys.lake.workspace import Workspace
from tests.features.drawn import at
from tests.journeys.made_up import Link, Touch, customer, identifier, load, rows_of, workspace_in

SNAPSHOT, LATER = at(100), at(124)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = workspace_in(tmp_path)
    load(
        made,
        [Touch("a", "visit home", 0), Touch("a", "use", 5), Touch("b", "buy", 6, amount=9.5), Touch("c", "use", 110)],
    )
    build_journeys(made)
    return made


def _of(workspace: Workspace, snapshot_at: datetime) -> list[dict[str, Any]]:
    return [row for row in rows_of(workspace, "customer_features") if row["snapshot_at"] == snapshot_at]


def test_a_late_row_changes_no_earlier_snapshot(workspace: Workspace) -> None:
    """Rows and merges known after a snapshot leave its features, built again, as they were."""
    build_features(workspace, SNAPSHOT)
    before = _of(workspace, SNAPSHOT)
    late = [Touch("a", "buy", 1, lag=100), Touch("b", "cancel now", 7, lag=200), Touch("new", "use", 2, lag=300)]
    links = [Link("a", "mail", 130, "anonymous_id"), Link("b", "mail", 131, "anonymous_id")]
    load(workspace, late, links=links, load_id="l2", loaded_at=at(131))
    build_journeys(workspace)
    build_features(workspace, SNAPSHOT)
    assert _of(workspace, SNAPSHOT) == before
    assert len(before) == 2
    build_features(workspace, at(400))
    merged = {row["customer_id"]: row["count_touchpoints_90d"] for row in _of(workspace, at(400))}
    assert merged == {customer("a"): 5, customer("c"): 1, customer("new"): 1}


def _hash(workspace: Workspace, snapshot_at: datetime) -> str:
    return hashlib.sha256(repr(_of(workspace, snapshot_at)).encode()).hexdigest()


def test_no_merge_split_or_decision_known_later_changes_an_earlier_snapshot(workspace: Workspace) -> None:
    """By their hashes: a merge, an address that turns out to be shared, and an un-merge, each after the snapshot."""
    snapshots = [at(100), at(140), at(160)]
    news = [
        [Link("a", "mail", 130, "anonymous_id"), Link("b", "mail", 131, "anonymous_id")],
        [Link("u", "mail", 150), Link("v", "mail", 151)],
    ]
    hashes = {}
    for number, snapshot_at in enumerate(snapshots):
        build_features(workspace, snapshot_at)
        hashes[snapshot_at] = _hash(workspace, snapshot_at)
        if number < len(news):
            load(workspace, [], links=news[number], load_id=f"news {number}", loaded_at=snapshot_at)
            build_journeys(workspace)
    merge = next(row for row in rows_of(workspace, "identity_merges") if row["merged_customer_id"] == customer("b"))
    put_apart(replace(workspace, now=at(170)), merge["merge_id"], "two people")
    build_journeys(workspace)
    for snapshot_at in snapshots:
        build_features(workspace, snapshot_at)
        assert _hash(workspace, snapshot_at) == hashes[snapshot_at]
    assert len(set(hashes.values())) == len(snapshots)
    believed = {row["identifier_id"]: row["customer_id"] for row in rows_of(workspace, "customers")}
    assert believed[identifier("b")] == customer("b")


def test_a_first_load_of_old_data_is_seen_then(tmp_path: Path) -> None:
    """The time of loading does not matter: history loaded years later has the features of its own time."""
    workspace = workspace_in(tmp_path, now=datetime(2035, 1, 1, tzinfo=UTC))
    load(workspace, [Touch("a", "use", 5)], loaded_at=datetime(2035, 1, 1, tzinfo=UTC))
    build_journeys(workspace)
    build_features(workspace, SNAPSHOT)
    assert [row["count_touchpoints_90d"] for row in _of(workspace, SNAPSHOT)] == [1]


def test_again_replaces_only_its_snapshot(workspace: Workspace) -> None:
    """Building a snapshot twice leaves it once, beside the others; an older one does not go back online."""
    report = build_features(workspace, SNAPSHOT)
    assert report.counts["customers"] == report.counts["materialised"] == 2
    build_features(workspace, LATER)
    again = build_features(workspace, SNAPSHOT)
    assert (again.counts["customers"], again.counts["materialised"]) == (2, 0)
    assert {row["snapshot_key"] for row in rows_of(workspace, "customer_features")} == {
        "20260105T040000Z",
        "20260106T040000Z",
    }
    assert [len(_of(workspace, instant)) for instant in (SNAPSHOT, LATER)] == [2, 3]
    assert all(row["known_at"] == row["snapshot_at"] for row in rows_of(workspace, "customer_features"))


def test_nobody_known_is_told(workspace: Workspace) -> None:
    """A snapshot before anybody was known is refused with what to do."""
    with pytest.raises(DataError, match=r"Nobody was known at the snapshot 2025-12-31.*later --snapshot-at"):
        build_features(workspace, at(-1))


def test_the_lake_learns_of_the_columns(tmp_path: Path) -> None:
    """Declaring makes the table known, which is empty until built."""
    workspace = workspace_in(tmp_path)
    declare_features(workspace.lake, workspace.project.config)
    assert workspace.lake.read("customer_features").num_rows == 0
