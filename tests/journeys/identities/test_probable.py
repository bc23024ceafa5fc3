"""The probable tier: who is compared, what is proposed, and that nothing else changes."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pytest

from benchmarks.probable_links import DATA_SETS, measure
from journeys.build import build_journeys
from journeys.config.identifiers import Identities
from journeys.identities.customers import build_customers, current_customers
from journeys.identities.probable import TABLE, build_probable_links, gather_profiles
from journeys.lake.tables import TABLES
from journeys.lake.workspace import Workspace
from tests.journeys.identities.people import people_told
from tests.journeys.made_up import START, customer, identifier, put, rows_of, workspace_in

DATA = Path(__file__).parents[3] / "../shared/data/identity"
NEEDED = pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data/identity")

PEOPLE = [(told.record, str(told.person), told.values) for told in people_told(300)]
ON = {"types": {"crm_id": {"priority": 2, "limit": 1}}, "probable": {"is_on": True}}
LATER = START + timedelta(days=3)


def _at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def _tell(workspace: Workspace, records: Mapping[str, Mapping[str, str]], *, kind: str = "crm_id", **at: float) -> None:
    """Put records into the lake: each an identifier with what is told of a person, `at` hours after START."""
    vault, links, touches = [], [], []
    for record, values in records.items():
        known_at = _at(at.get(record, 1))
        shared = {"known_at": known_at, "load_id": record}
        vault.append({"identifier_id": identifier(record), "type": kind, "value": record, **shared})
        touches.append(_touchpoint(record, shared))
        for name, value in values.items():
            own = {"identifier_id": identifier(f"{name} {value}"), "type": name, "value": value}
            vault.append({**own, **shared})
            ends = {"left_identifier_id": identifier(record), "right_identifier_id": own["identifier_id"]}
            links.append(
                {**ends, "left_type": kind, "right_type": name, "last_known_at": known_at, "count_records": 1, **shared}
            )
    put(workspace, "identifier_vault", vault)
    put(workspace, "identifier_links", links)
    put(workspace, "touchpoints", touches)


def _touchpoint(record: str, shared: dict[str, Any]) -> dict[str, Any]:
    return {
        "touchpoint_id": identifier(f"{record} seen"),
        "event_at": shared["known_at"],
        "touchpoint": "visit",
        "source": "web",
        "channel": "website",
        "category": "website",
        "source_record_id": record,
        "identifier_ids": [identifier(record)],
        "loaded_at": START,
        **shared,
    }


def _people_in(folder: Path, **sections: Any) -> Workspace:
    workspace = workspace_in(folder, now=LATER, **({"identities": ON} | sections))
    _tell(workspace, {record: values for record, _, values in PEOPLE})
    build_customers(workspace)
    return workspace


def _pairs(workspace: Workspace) -> set[tuple[str, str]]:
    return {(row["left_customer_id"], row["right_customer_id"]) for row in rows_of(workspace, TABLE)}


def test_most_who_are_told_of_twice_are_found(tmp_path: Path) -> None:
    """From files to links by the product's own functions: 99 of 100 links are right, four of five people found."""
    records = [(told.record, str(told.person), told.values) for told in people_told(1000)]
    score = measure(records, tmp_path)
    assert score.precision >= 0.99
    assert score.recall >= 0.8
    assert score.pairs > 100


@NEEDED
@pytest.mark.parametrize(("name", "recall"), [("fake_1000.csv", 0.38), ("febrl3.csv", 0.82)])
def test_real_registers(tmp_path: Path, name: str, recall: float) -> None:
    """At the default threshold 99 of 100 links are right, with the recall that was measured, less a margin."""
    score = measure(list(DATA_SETS[name](DATA / name)), tmp_path)
    assert score.precision >= 0.99
    assert score.recall >= recall


def test_links_change_nothing_else(tmp_path: Path) -> None:
    """With links and without, all other tables are equal."""
    built = {}
    for is_on in (True, False):
        workspace = _people_in(tmp_path / str(is_on), identities={**ON, "probable": {"is_on": is_on}})
        report = build_journeys(workspace)
        assert (report.counts.get("probable_links", 0) > 50) is is_on
        built[is_on] = {name: rows_of(workspace, name) for name in TABLES if name != TABLE}
        for row in built[is_on]["journey_steps"]:
            row.pop("config_hash")
    assert built[True] == built[False]
    assert built[True]["journeys"]


def test_links_say_no_value(tmp_path: Path) -> None:
    """Links name customers and levels of likeness; no value of the vault stands in them."""
    workspace = _people_in(tmp_path)
    build_probable_links(workspace)
    rows = rows_of(workspace, TABLE)
    assert rows
    assert {row["known_at"] for row in rows} == {LATER}
    values = {value for _, _, told in PEOPLE for value in told.values()}
    assert not values & {word for row in rows for word in json.loads(row["evidence"]).values()}


def test_a_link_is_known_since_it_was_found(tmp_path: Path) -> None:
    """A later build keeps the instant of links that it finds again; switched off, they go."""
    workspace = _people_in(tmp_path)
    build_probable_links(workspace)
    first = rows_of(workspace, TABLE)
    gone = first[0]
    put(workspace, TABLE, first[1:])
    later = replace(workspace, now=LATER + timedelta(days=1))
    build_probable_links(later)
    again = rows_of(workspace, TABLE)
    assert again == [{**gone, "known_at": later.now}, *first[1:]]
    off = workspace_in(tmp_path)
    assert TABLE in build_probable_links(off).written
    assert rows_of(off, TABLE) == []
    assert build_probable_links(off).written == {}


def test_different_values_of_a_unique_type(tmp_path: Path) -> None:
    """Customers with an id each of a type of which nobody has two are never proposed."""
    workspace = _people_in(tmp_path, identities={"probable": {"is_on": True}})
    counts = build_probable_links(workspace).counts
    assert counts["profiles"] > 300
    assert counts["probable_links"] == 0


def test_put_apart_stays_apart(tmp_path: Path) -> None:
    """Whom a person put apart is not proposed again."""
    workspace = _people_in(tmp_path)
    build_probable_links(workspace)
    before = _pairs(workspace)
    of_record = {row["customer_id"]: row["identifier_id"] for row in rows_of(workspace, "customers")}
    one, other = min(before)
    row = {"decision_id": "d", "decision": "apart", "reason": "twins", "known_at": LATER}
    row |= {"left_identifier_id": of_record[other], "right_identifier_id": of_record[one]}
    put(workspace, "identity_decisions", [row])
    build_probable_links(workspace)
    assert _pairs(workspace) == before - {(one, other)}


def test_the_library_is_loaded_when_needed() -> None:
    """Neither the command line nor what builds journeys imports splink."""
    code = "import sys, desirelines.cli, journeys.build; sys.exit('splink' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_too_little_is_said(tmp_path: Path) -> None:
    """Where there is nothing to learn from, a sentence says what to give; links found before are removed."""
    workspace = workspace_in(tmp_path, identities={"probable": {"is_on": True}})
    report = build_probable_links(workspace)
    assert report.counts == {"profiles": 0, "probable_links": 0}
    (note,) = report.notes
    assert "too little is known of them" in note


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("birth_date", "1980-03-01", "19800301"),
        ("birth_date", "19800301", "19800301"),
        ("birth_date", "01.03.1980", "19800301"),
        ("birth_date", "01/03/1980 00:00", "19800301"),
        ("birth_date", "1980-03-01t00:00:00z", "19800301"),
        ("birth_date", "unsure", None),
        ("phone", "+4930123456", "30123456"),
        ("phone", "030123456", "30123456"),
        ("street", "long lane 3", "long lane 3"),
    ],
)
def test_values_as_they_are_compared(tmp_path: Path, engine: Any, kind: str, value: str, expected: str | None) -> None:
    """Dates are compared as eight digits, telephones by their tail."""
    (profile,) = _gathered(tmp_path, engine, {"a": {"given_name": "ann", kind: value}}).values()
    assert profile[kind] == expected


def test_of_several_values_the_last_counts(tmp_path: Path, engine: Any) -> None:
    """Of several values the one told last is compared; a customer without a name is not."""
    told = {"a": {"given_name": "ann", "city": "bonn"}, "b": {"city": "ulm"}}
    workspace = workspace_in(tmp_path)
    _tell(workspace, told)
    links = rows_of(workspace, "identifier_links")
    city = {
        "identifier_id": identifier("city köln"),
        "type": "city",
        "value": "köln",
        "known_at": START,
        "load_id": "x",
    }
    put(workspace, "identifier_vault", [*rows_of(workspace, "identifier_vault"), city])
    moved = {**links[0], "left_identifier_id": identifier("a"), "right_identifier_id": city["identifier_id"]}
    put(workspace, "identifier_links", [*links, {**moved, "last_known_at": _at(9), "load_id": "x"}])
    assert _profiles(workspace, engine) == {customer("a"): {"given_name": "ann", "city": "köln"}}


def test_an_account_describes_nobody(tmp_path: Path, engine: Any) -> None:
    """What is told with a company alone is no profile."""
    assert _gathered(tmp_path, engine, {"a": {"given_name": "ann"}}, kind="account_id") == {}


def _gathered(folder: Path, engine: Any, told: Mapping[str, Mapping[str, str]], **how: Any) -> dict[str, Any]:
    workspace = workspace_in(folder)
    _tell(workspace, told, **how)
    return _profiles(workspace, engine)


def _profiles(workspace: Workspace, engine: Any) -> dict[str, Any]:
    build_customers(workspace)
    tables = [
        ibis.memtable(workspace.lake.read(name)) for name in ("customers", "identifier_links", "identifier_vault")
    ]
    found = gather_profiles(engine, current_customers(tables[0]), tables[1], tables[2], Identities())
    return {row.pop("customer_id"): row for row in found.to_pyarrow().to_pylist()}
