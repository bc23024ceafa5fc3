"""Journeys in the lake: only what changed is built again, and a killed run loses nothing."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest

from journeys.episodes import build
from journeys.episodes.build import bucket_of, build_episodes
from journeys.identities.customers import build_customers
from journeys.lake.workspace import Workspace, record_run
from tests.journeys.episodes.drawn import NAMES
from tests.journeys.killed import KilledError, KilledLake
from tests.journeys.made_up import START, Link, Touch, customer, load, put, rows_of, workspace_in

TABLES = ["journey_steps", "journeys"]
PEOPLE = [f"p{number}" for number in range(12)]


def _built(workspace: Workspace) -> int:
    """Build, record the run as the commands do, and return how many buckets were rebuilt."""
    identities = build_customers(workspace)
    report = build_episodes(workspace)
    record_run(workspace, [identities, report], command="build", snapshot_at=None, seconds=0.0)
    return int(report.counts["buckets_rebuilt"])


def _tables(workspace: Workspace) -> list[list[dict[str, Any]]]:
    return [rows_of(workspace, name) for name in TABLES]


def _rebuilt(workspace: Workspace, folder: Path) -> list[list[dict[str, Any]]]:
    """Return what a first build of the same data gives in another lake."""
    other = workspace_in(folder, journeys=workspace.project.config.journeys.model_dump())
    for name in ("touchpoints", "identifier_vault", "identifier_links"):
        rows = rows_of(workspace, name)
        for load_id in {row["load_id"] for row in rows}:
            put(other, name, [row for row in rows if row["load_id"] == load_id], load_id=load_id)
    _built(other)
    return _tables(other)


def _random_touches(rng: random.Random, count: int, *, until: float) -> list[Touch]:
    return [
        Touch(
            rng.choice(PEOPLE),
            rng.choice(NAMES),
            rng.choice([0.0, 5.0, 100.0, 400.0, until]),
            case=rng.choice([None, None, "one"]),
            amount=rng.choice([None, 5.0]),
            key=f"t{rng.random()}",
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("by_case", [False, True])
def test_incremental_equals_full(tmp_path: Path, by_case: bool) -> None:
    """Load after load, with merges and late rows, the tables equal those of a first build of everything."""
    rng = random.Random(7)
    workspace = workspace_in(tmp_path / "grown", journeys={"by_case": by_case})
    for number in range(4):
        links = [Link(rng.choice(PEOPLE), f"mail {rng.choice('xyz')}", 500, "anonymous_id")] if number else []
        touches = _random_touches(rng, 12 if number == 0 else 3, until=400.0 + 150 * number)
        load(workspace, touches, links=links, load_id=f"l{number}")
        _built(replace(workspace, now=START + timedelta(days=number)))
        assert _tables(workspace) == _rebuilt(workspace, tmp_path / f"whole{number}")


def test_only_touched_buckets_are_rebuilt(tmp_path: Path) -> None:
    """A new touchpoint of one customer rebuilds that customer's bucket alone; without news nothing is."""
    workspace = workspace_in(tmp_path)
    load(workspace, [Touch(name, "use", 1) for name in PEOPLE])
    assert _built(workspace) == 16
    assert _built(workspace) == 0
    versions = workspace.lake.versions(TABLES)
    load(workspace, [Touch("p3", "use", 2)], load_id="l2")
    assert _built(workspace) == 1
    assert workspace.lake.versions(TABLES) == {name: version + 1 for name, version in versions.items()}
    steps = [row for row in rows_of(workspace, "journey_steps") if row["customer_id"] == customer("p3")]
    assert len(steps) == 2


def test_a_merge_rebuilds_both_buckets(tmp_path: Path) -> None:
    """Touchpoints that moved to another customer leave the bucket of the one before."""
    workspace = workspace_in(tmp_path)
    load(workspace, [Touch("p1", "use", 1), Touch("p2", "use", 2)])
    _built(workspace)
    load(
        workspace,
        [],
        links=[Link("p1", "mail", 9, "anonymous_id"), Link("p2", "mail", 9, "anonymous_id")],
        load_id="l2",
    )
    assert 1 <= _built(workspace) <= 2
    assert {row["customer_id"] for row in rows_of(workspace, "journeys")} == {customer("p1")}
    assert {row["count_touchpoints"] for row in rows_of(workspace, "journeys")} == {2}


@pytest.mark.parametrize(("by_case", "case", "is_open"), [(False, None, False), (True, None, False), (True, "1", True)])
def test_silence_of_others_closes(tmp_path: Path, by_case: bool, case: str | None, is_open: bool) -> None:
    """When the data go on without a customer, the journey is closed without a touchpoint of its own; a case is not."""
    workspace = workspace_in(tmp_path, journeys={"by_case": by_case})
    load(workspace, [Touch("p1", "use", 0, case=case)])
    _built(workspace)
    load(workspace, [Touch("p2", "use", 241)], load_id="l2")
    _built(workspace)
    found = {row["customer_id"]: row["is_open"] for row in rows_of(workspace, "journeys")}
    assert found == {customer("p1"): is_open, customer("p2"): True}
    assert _built(workspace) == 0, "a case that stays open is not looked at again"


def test_another_configuration_rebuilds_all(tmp_path: Path) -> None:
    """Changed rules apply to old journeys, too."""
    touches = [Touch("p1", "use", 0), Touch("p1", "use", 30)]
    workspace = workspace_in(tmp_path)
    load(workspace, touches)
    _built(workspace)
    stricter = workspace_in(tmp_path, now=START + timedelta(days=1), journeys={"gap": "1d"})
    assert _built(stricter) == 1, "every bucket that has anybody in it"
    assert len(rows_of(stricter, "journeys")) == 2
    assert _built(stricter) == 0


@pytest.mark.parametrize(
    ("rows_a_pass", "is_first"), [(16, False), (4, True)], ids=["later build in one pass", "first build in two"]
)
def test_a_killed_build_run_again_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_a_pass: int, is_first: bool
) -> None:
    """KilledError before any of its writes and run again, a build leaves the tables of one that was never killed."""
    monkeypatch.setattr(build, "_ROWS_A_PASS", rows_a_pass)
    before = [Touch("p1", "visit home", 0), Touch("p2", "use", 1), Touch("p4", "use", 1)]
    news = [Touch("p1", "buy", 2), Touch("p3", "use", 300), Touch("p2", "use", 3)]
    expected: list[list[dict[str, Any]]] | None = None
    fatal = 0
    is_killed = True
    while is_killed:
        workspace = workspace_in(tmp_path / str(fatal))
        load(workspace, before)
        if not is_first:
            _built(workspace)
        links = [Link("p1", "mail", 9, "anonymous_id"), Link("p2", "mail", 9, "anonymous_id")]
        load(workspace, news, links=links, load_id="l2")
        expected = expected or _rebuilt(workspace, tmp_path / "expected")
        build_customers(workspace)
        killed = replace(workspace, lake=KilledLake(str(workspace.project.lake_dir), fatal=fatal))
        try:
            build_episodes(killed)
            is_killed = False
        except KilledError:
            _built(workspace)
        assert _tables(workspace) == expected, f"killed before write {fatal}"
        fatal += 1
    assert fatal > 2


def test_counts_reconcile(tmp_path: Path) -> None:
    """The report counts each declared outcome, what has none, and what is open; together they are all journeys."""
    workspace = workspace_in(tmp_path)
    load(
        workspace,
        [
            Touch("p1", "buy", 0),
            Touch("p2", "buy", 0),
            Touch("p3", "use", 0),
            Touch("p4", "cancel now", 500),
            Touch("p5", "praise", 499),
            Touch("p6", "use", 499),
        ],
    )
    build_customers(workspace)
    counts = build_episodes(workspace).counts
    assert counts == {
        "touchpoints": 6,
        "buckets_rebuilt": 16,
        "journeys": 6,
        "bought": 2,
        "cancelled": 1,
        "praised": 1,
        "no_outcome": 1,
        "open": 1,
    }


def test_an_empty_lake_has_no_journeys(tmp_path: Path) -> None:
    """Building before anything is loaded writes empty tables and is no error."""
    workspace = workspace_in(tmp_path)
    assert _built(workspace) == 16
    assert _tables(workspace) == [[], []]


def test_buckets(engine: Any) -> None:
    """A customer's bucket is the first hexadecimal digit of its id."""
    ids = [f"c_{digit}ff" for digit in "0123456789abcdef"]
    table = ibis.memtable(pd.DataFrame({"customer_id": ids}))
    assert engine.to_pyarrow(table.select(bucket=bucket_of(table.customer_id)))["bucket"].to_pylist() == list(range(16))
