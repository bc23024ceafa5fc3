"""The steps of the room in order."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys.build import build_insights, build_journeys
from journeys.lake.workspace import Workspace, record_run
from tests.journeys.made_up import START, Link, Touch, customer, identifier, load, put, rows_of, workspace_in

SNAPSHOT = START + timedelta(days=30)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = workspace_in(tmp_path, segments=[{"name": "plan", "attribute": "plan"}])
    touches = [
        Touch(f"p{number}", what, hours + number)
        for number in range(12)
        for what, hours in (("visit home", 0), ("trial", 5), ("buy", 9))
    ]
    load(made, touches, links=[Link("p0", "mail", 50, "anonymous_id"), Link("p1", "mail", 51, "anonymous_id")])
    return made


def test_identities_come_before_journeys(workspace: Workspace) -> None:
    """One call resolves who is who and cuts their journeys; the report tells of both."""
    report = build_journeys(workspace)
    assert report.step == "journeys"
    assert report.counts["customers"] == 11
    assert report.counts["merges"] == 2
    assert report.counts["bought"] == report.counts["journeys"] == 12
    assert set(report.read) == {"identifier_vault", "identifier_links", "touchpoints", "touchpoint_owners", "customers"}
    assert set(report.written) == {
        "customers",
        "identity_merges",
        "identity_refusals",
        "touchpoint_owners",
        "journey_steps",
        "journeys",
    }
    assert report.read["customers"] == report.written["customers"], "journeys read the customers of this run"
    owners = [row["customer_id"] for row in rows_of(workspace, "journey_steps")]
    assert (owners.count(customer("p0")), owners.count(customer("p1"))) == (6, 0)


def test_a_recorded_build_is_not_repeated(workspace: Workspace) -> None:
    """After a recorded run without news the next one rebuilds nothing and writes the same."""
    first = build_journeys(workspace)
    record_run(workspace, [first], command="build", snapshot_at=None, seconds=0.0)
    before = rows_of(workspace, "journeys")
    again = build_journeys(workspace)
    assert again.counts == {**first.counts, "buckets_rebuilt": 0}
    assert rows_of(workspace, "journeys") == before


def _attribute(who: str, value: str, *, valid: float, known: float) -> dict[str, Any]:
    return {
        "identifier_id": identifier(who),
        "attribute": "plan",
        "valid_from": SNAPSHOT + timedelta(days=valid),
        "known_at": SNAPSHOT + timedelta(days=known),
        "value": value,
        "source": "crm",
        "load_id": "l1",
    }


def test_insights(workspace: Workspace) -> None:
    """All insight tables are replaced; segments follow the latest attribute valid and known at the snapshot."""
    build_journeys(workspace)
    rows = [_attribute(f"p{number}", "old", valid=-9, known=-9) for number in range(12)]
    rows += [_attribute(f"p{number}", "new", valid=-1, known=-1) for number in range(12)]
    rows += [_attribute(f"p{number}", "planned", valid=1, known=-1) for number in range(12)]
    rows += [_attribute(f"p{number}", "unknown", valid=-0.5, known=1) for number in range(12)]
    put(workspace, "customer_attributes", rows)
    report = build_insights(workspace, SNAPSHOT)
    assert report.step == "insights"
    assert report.counts.keys() == report.written.keys()
    assert {"stage_transitions", "insight_steps", "insight_friction_points", "insight_variants"} <= set(report.written)
    assert {row["segment"] for row in rows_of(workspace, "stage_transitions")} == {"all", "plan=new"}
    before = rows_of(workspace, "insight_variants")
    assert {row["path"]: row["count_journeys"] for row in before} == {"visit home > trial > buy": 11, "buy": 1}
    build_insights(workspace, SNAPSHOT)
    assert rows_of(workspace, "insight_variants") == before
