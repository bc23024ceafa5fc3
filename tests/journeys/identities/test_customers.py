"""The customers of a lake."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from journeys.identities.customers import (
    build_customers,
    current_customers,
    customers_at,
    customers_known_by,
    later_customers,
    owned_touchpoints,
)
from journeys.lake.tables import TABLES, TIMESTAMP
from journeys.lake.workspace import Workspace
from tests.journeys.killed import KilledError, KilledLake
from tests.journeys.made_up import START, Link, Touch, customer, identifier, load, put, rows_of, workspace_in

WRITTEN = ["customers", "identity_merges", "identity_refusals", "touchpoint_owners"]


def _hours(count: float) -> datetime:
    return START + timedelta(hours=count)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a lake in which a cookie, an address and a user become one, and a second user does not."""
    made = workspace_in(tmp_path)
    load(
        made,
        [Touch("cookie", "visit home", 0), Touch("user", "use", 5), Touch("other", "use", 6)],
        links=[
            Link("cookie", "mail", 10, "anonymous_id", "email"),
            Link("user", "mail", 20, "user_id", "email", count=3),
            Link("other", "mail", 30, "user_id", "email"),
        ],
    )
    return made


def _customers(workspace: Workspace) -> ibis.Table:
    return ibis.memtable(workspace.lake.read("customers"))


def _rows(engine: Any, table: ibis.Table) -> set[tuple[Any, ...]]:
    return {tuple(row.values()) for row in engine.to_pyarrow(table).to_pylist()}


def test_counts_and_tables(workspace: Workspace) -> None:
    """The report counts what was read and what came of it; merges and refusals stand in their tables."""
    report = build_customers(workspace)
    assert report.counts == {"identifiers": 4, "links": 3, "customers": 2, "merges": 2, "refusals": 1}
    assert set(report.read) == {"identifier_vault", "identifier_links", "touchpoints"}
    assert set(report.written) == set(WRITTEN)
    merges = {row["merged_customer_id"]: row["kept_customer_id"] for row in rows_of(workspace, "identity_merges")}
    assert merges == {customer("mail"): customer("cookie"), customer("user"): customer("cookie")}
    refusals = [(row["rule"], row["known_at"]) for row in rows_of(workspace, "identity_refusals")]
    assert refusals == [("shared:email", _hours(30))]


def test_again_gives_the_same(workspace: Workspace) -> None:
    """Building twice writes equal tables, keys and all."""
    build_customers(workspace)
    first = [rows_of(workspace, name) for name in WRITTEN]
    build_customers(workspace)
    assert [rows_of(workspace, name) for name in WRITTEN] == first


@pytest.mark.parametrize("fatal", [0, 1, 2, 3])
def test_killed_between_its_tables_and_run_again(workspace: Workspace, fatal: int) -> None:
    """Whichever write was the last, running again leaves the tables of a run that was never killed."""
    build_customers(workspace)
    news = [
        Link("third", "user", 40, "anonymous_id", "user_id"),
        Link("other", "cookie", 41, "user_id", "anonymous_id"),
    ]
    load(workspace, [Touch("third", "use", 33)], links=news, load_id="l2")
    killed = replace(workspace, lake=KilledLake(str(workspace.project.lake_dir), fatal=fatal))
    with pytest.raises(KilledError):
        build_customers(killed)
    report = build_customers(workspace)
    assert report.counts == {"identifiers": 5, "links": 5, "customers": 2, "merges": 3, "refusals": 2}
    assert len(rows_of(workspace, "identity_merges")) == 3
    assert len(rows_of(workspace, "identity_refusals")) == 2


def test_an_identifier_counts_from_its_first_load(tmp_path: Path, engine: Any) -> None:
    """An identifier seen in two loads is known since the earlier instant and stands once."""
    workspace = workspace_in(tmp_path)
    load(workspace, [Touch("cookie", "use", 9)])
    load(workspace, [Touch("cookie", "use", 3, lag=1)], load_id="l2")
    assert build_customers(workspace).counts["identifiers"] == 1
    assert [row["known_at"] for row in rows_of(workspace, "customers")] == [_hours(4)]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (-1, {}),
        (0, {"cookie": "cookie"}),
        (9.9, {"cookie": "cookie", "user": "user", "other": "other"}),
        (10, {"cookie": "cookie", "mail": "cookie", "user": "user", "other": "other"}),
        (20, {"cookie": "cookie", "mail": "cookie", "user": "cookie", "other": "other"}),
        (99, {"cookie": "cookie", "mail": "cookie", "user": "cookie", "other": "other"}),
    ],
)
def test_customers_at(workspace: Workspace, engine: Any, hours: float, expected: dict[str, str]) -> None:
    """At an instant those identifiers count that were known, each with the customer believed then."""
    build_customers(workspace)
    instant = ibis.memtable(pa.table({"snapshot_at": pa.array([_hours(hours)] * 2, TIMESTAMP)}))
    found = customers_at(_customers(workspace), instant)
    assert _rows(engine, found) == {(identifier(name), customer(of), _hours(hours)) for name, of in expected.items()}
    # The table as it stood then says the same of then.
    standing = current_customers(customers_known_by(_customers(workspace), _hours(hours)))
    assert _rows(engine, standing.drop("account_id")) == {
        (identifier(name), customer(of)) for name, of in expected.items()
    }


def test_later_customers(workspace: Workspace, engine: Any) -> None:
    """Every customer that ever was leads to who it is now, or was by an earlier instant."""
    build_customers(workspace)
    now = later_customers(_customers(workspace))
    assert _rows(engine, now) == {
        (customer("cookie"), customer("cookie")),
        (customer("user"), customer("cookie")),
        (customer("other"), customer("other")),
    }
    earlier = later_customers(customers_known_by(_customers(workspace), _hours(15)))
    assert (customer("user"), customer("user")) in _rows(engine, earlier)


def test_owned_touchpoints(workspace: Workspace, engine: Any) -> None:
    """A touchpoint belongs to the customer of its first identifier, by the latest belief."""
    build_customers(workspace)
    touches = ibis.memtable(workspace.lake.read("touchpoints"))
    owned = owned_touchpoints(touches, _customers(workspace)).select("event_at", "customer_id")
    assert _rows(engine, owned) == {
        (_hours(0), customer("cookie")),
        (_hours(5), customer("cookie")),
        (_hours(6), customer("other")),
    }


def test_a_name_joins_nobody_and_founds_nobody(workspace: Workspace) -> None:
    """Two people of one name stay two, and the tables of identity are as they were without it."""
    build_customers(workspace)
    before = [rows_of(workspace, name) for name in WRITTEN]
    names = [Link(who, "schmidt", 1, kind, "family_name") for who, kind in (("user", "user_id"), ("other", "user_id"))]
    load(workspace, [], links=names, load_id="l2")
    vault = [row for row in rows_of(workspace, "identifier_vault") if row["load_id"] == "l2"]
    put(workspace, "identifier_vault", [row for row in vault if row["type"] == "family_name"], load_id="l2")
    assert build_customers(workspace).counts["links"] == 3
    assert [rows_of(workspace, name) for name in WRITTEN] == before


def test_nobody(tmp_path: Path) -> None:
    """An empty lake has no customers, in tables that exist."""
    workspace = workspace_in(tmp_path)
    assert set(build_customers(workspace).counts.values()) == {0}
    assert workspace.lake.read("customers").schema.names == TABLES["customers"].schema.names
