"""What people decided: two customers put apart."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys.build import build_insights, build_journeys
from journeys.config.errors import DataError
from journeys.identities.decisions import put_apart
from journeys.lake.workspace import Workspace
from tests.journeys.made_up import START, Link, Touch, customer, identifier, load, rows_of, workspace_in

REBUILT = (
    *("journeys", "journey_steps", "stage_transitions", "insight_steps", "insight_friction_points"),
    *("insight_variants", "insight_transitions", "touchpoint_owners"),
)
LATER = START + timedelta(hours=200)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a lake with two customers, each with a cookie and an address, and a way through the stages."""
    made = workspace_in(tmp_path)
    load(
        made,
        [
            *(Touch("ann", what, hours) for what, hours in (("visit home", 0), ("use", 5), ("buy", 9))),
            *(Touch("bob", what, hours) for what, hours in (("visit home", 1), ("use", 4), ("ticket opened", 6))),
        ],
        links=[Link("ann", "anns mail", 2, "anonymous_id"), Link("bob", "bobs mail", 3, "anonymous_id")],
    )
    return made


def _standing(workspace: Workspace) -> Mapping[str, Any]:
    """Return all that is derived, and who is who today."""
    build_journeys(workspace)
    build_insights(workspace, LATER)
    now = [row for row in rows_of(workspace, "customers") if row["known_to"] is None]
    today = {row["identifier_id"]: (row["customer_id"], row["account_id"]) for row in now}
    return {name: rows_of(workspace, name) for name in REBUILT} | {"today": today}


def _merge_of(workspace: Workspace, one: str, other: str) -> str:
    pair = {customer(one), customer(other)}
    found = [
        row["merge_id"]
        for row in rows_of(workspace, "identity_merges")
        if {row["kept_customer_id"], row["merged_customer_id"]} == pair
    ]
    return str(found[0])


@pytest.mark.parametrize("links", [1, 3], ids=["one link", "two ways between them"])
def test_an_un_merge_restores_every_table(workspace: Workspace, links: int) -> None:
    """After a wrong merge and its undoing, all that is derived is as if it had never been; history keeps it."""
    before = _standing(workspace)
    wrong = [
        Link("anns mail", "bobs mail", 50, "email", "email"),
        Link("bob", "anns phone", 52, "anonymous_id", "phone"),
        Link("ann", "anns phone", 53, "anonymous_id", "phone"),
    ]
    load(workspace, [], links=wrong[:links], load_id="wrong")
    merged = _standing(workspace)
    assert merged["journeys"] != before["journeys"]
    assert len(set(merged["today"].values())) == 1
    undone = put_apart(replace(workspace, now=START + timedelta(hours=90)), _merge_of(workspace, "ann", "bob"), "two")
    assert {undone["kept_customer_id"], undone["merged_customer_id"]} == {customer("ann"), customer("bob")}
    after = _standing(workspace)
    assert {name: after["today"][name] for name in before["today"]} == before["today"]
    assert {**after, "today": None} == {**before, "today": None}
    spans = [
        sum(row["identifier_id"] == identifier(name) for row in rows_of(workspace, "customers"))
        for name in ("ann", "bob")
    ]
    assert sorted(spans) == [1, 3]


def test_deciding_again_changes_nothing(workspace: Workspace) -> None:
    """A decision stands once, since its first instant."""
    load(workspace, [], links=[Link("anns mail", "bobs mail", 50, "email", "email")], load_id="wrong")
    build_journeys(workspace)
    merge = _merge_of(workspace, "ann", "bob")
    for hours in (90, 95):
        put_apart(replace(workspace, now=START + timedelta(hours=hours)), merge[:12], "two people")
    assert [row["known_at"] for row in rows_of(workspace, "identity_decisions")] == [START + timedelta(hours=90)]


@pytest.mark.parametrize(("asked", "sentence"), [("zz", "There is no merge"), ("", "There are several merges")])
def test_no_such_merge(workspace: Workspace, asked: str, sentence: str) -> None:
    """An id that names no merge, or several, is told."""
    build_journeys(workspace)
    with pytest.raises(DataError, match=sentence):
        put_apart(workspace, asked, "two people")
