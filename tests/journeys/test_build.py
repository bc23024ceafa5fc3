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


def test_what_customers_say(tmp_path: Path) -> None:
    """Ratings and texts of touchpoints become the emotional arc; what stands in no journey is not read."""
    made = workspace_in(tmp_path, segments=[{"name": "plan", "attribute": "plan"}])
    touches = [Touch(f"p{number}", "visit home", number) for number in range(40)]
    rated = [
        Touch(f"p{number}", "trial rated", number + 5, source="desk", score=float(number % 4 > 0), key=f"rated{number}")
        for number in range(40)
    ]
    load(made, [*touches, *rated, Touch("p0", "trial", 0.5)])
    texts = [
        {
            "touchpoint_id": identifier(f"rated{number}"),
            "text": f"great help {number}",
            "language": "en",
            "load_id": "l1",
        }
        for number in range(39)
    ]
    texts.append(
        {"touchpoint_id": identifier("rated39"), "text": "sehr gut geholfen", "language": "de", "load_id": "l1"}
    )
    texts.append({"touchpoint_id": identifier("nobody's"), "text": "terrible", "language": "en", "load_id": "l1"})
    put(made, "touchpoint_texts", texts)
    build_journeys(made)
    report = build_insights(made, SNAPSHOT)
    assert {"text_scores", "insight_texts", "insight_emotion"} <= set(report.written)
    assert report.read["touchpoint_texts"] == made.lake.version("touchpoint_texts")
    scores = {row["touchpoint_id"]: row for row in rows_of(made, "text_scores")}
    assert len(scores) == 40
    assert scores[identifier("rated3")]["sentiment"] > 0.3
    assert scores[identifier("rated39")]["sentiment_basis"] == "language_not_supported"
    found = {(row["stage"], row["touchpoint"], row["kind"]): row for row in rows_of(made, "insight_emotion")}
    stated, inferred = (found["all", "all", kind] for kind in ("stated", "inferred"))
    assert stated["emotion"] == pytest.approx(0.5)
    assert (stated["count_customers"], stated["count_customers_entered"], stated["coverage"]) == (40, 40, 1.0)
    assert (inferred["count_said"], inferred["count_not_scored"]) == (39, 1)
    assert {row["language"]: row["count_labels"] for row in rows_of(made, "insight_texts")} == {"de": 1, "en": 39}
    before = {name: rows_of(made, name) for name in ("text_scores", "insight_texts", "insight_emotion")}
    build_insights(made, SNAPSHOT)
    assert {name: rows_of(made, name) for name in before} == before
