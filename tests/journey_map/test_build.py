import json
from datetime import timedelta
from pathlib import Path

import pytest

from journey_map.build import draw_journey_map
from journeys.config.errors import DataError
from tests.journey_map.drawn_lake import SNAPSHOT, fill, make_workspace


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    workspace = fill(make_workspace(tmp_path_factory.mktemp("shop")))
    report = draw_journey_map(workspace, SNAPSHOT)
    folder = workspace.project.output_dir
    return report, (folder / "journey_map.html").read_text(), json.loads((folder / "journey_map.json").read_text())


def test_the_document_holds_what_was_read(drawn):
    """Stages, steps, losses, scores, lists, decisions and freshness stand in the JSON, versioned."""
    _, _, document = drawn
    assert (document["schema_version"], document["project"]) == (2, "corner_shop")
    assert document["snapshot_at"] == "2026-02-03T12:00:00Z"
    assert (document["count_customers"], document["count_journeys"]) == (103, 103)
    assert [(stage["name"], stage["reach"]["count"]) for stage in document["stages"]] == [
        ("first", 103),
        ("second", 60),
        ("third", 40),
    ]
    assert [(step["name"], step["count_journeys"]) for step in document["steps"]] == [("a", 103), ("b", 60), ("c", 40)]
    worst = document["abandonment_points"][0]
    assert (worst["name"], worst["next_name"], worst["customers_lost"]["value"]) == ("a", "b", 40.0)
    assert (worst["drop_off"]["count"], worst["drop_off"]["total"]) == (40, 100)
    assert document["freshness"][0]["last_known_at"] == "2026-01-31T12:00:00Z"
    assert [(row["source"], row["state"]) for row in document["coverage"]] == [
        ("events", "stopped"),
        ("support", "missing"),
    ]
    assert [(row["kind"], row["count_customers"]) for row in document["findings"]] == [("missing_source", 103)]
    assert document["origin"]["run_id"] == "run-7"
    assert document["origin"]["table_versions"]["journeys"] > 0


def test_small_cells_are_hidden(drawn):
    """Nothing in the document counts one to nine customers or journeys."""
    _, _, document = drawn
    outcomes = {outcome["name"]: outcome["share"]["count"] for outcome in document["outcomes"]}
    assert outcomes == {"bought": 40, "no outcome": 60, "open": None}
    assert {tier["name"]: tier["count"] for tier in document["scores"][0]["tiers"]} == {
        "high": None,
        "medium": 20,
        "low": 79,
    }
    lists = {found["name"]: (found["count_customers"], found["amount"]) for found in document["lists"]}
    assert lists == {"at_risk": (None, None), "hot_leads": (12, 150.0)}
    arms = {decision["arm"]: decision["count_customers"] for decision in document["decisions"]}
    assert arms == {"treated": 15, "holdout": None, "none": 11}
    counts = [number for name, number in _numbers(document) if name.startswith("count")]
    assert counts
    assert not [number for number in counts if number is not None and 0 < number < 10]


def _numbers(node, name=""):
    if isinstance(node, dict):
        return [found for key, value in node.items() for found in _numbers(value, key)]
    if isinstance(node, list):
        return [found for value in node for found in _numbers(value, name)]
    return [(name, node)] if isinstance(node, int | float) or node is None else []


def test_no_customer_is_named(drawn):
    """Neither file holds a customer's id."""
    _, page, document = drawn
    assert "who-" not in page
    assert "who-" not in json.dumps(document)


def test_the_report_names_both_files(drawn):
    """The step says what it drew, from which versions, and where it is."""
    report, _, _ = drawn
    assert report.step == "map"
    assert [path.rsplit("/", 1)[-1] for path in report.paths] == ["journey_map.html", "journey_map.json"]
    assert report.counts["count_abandonment_points"] == 2
    assert report.read["insight_steps"] > 0


def test_drawn_twice_is_the_same(tmp_path):
    """The same lake gives the same bytes, and leaves no half-written file behind."""
    workspace = fill(make_workspace(tmp_path))
    first = [Path(path).read_bytes() for path in draw_journey_map(workspace, SNAPSHOT).paths]
    second = [Path(path).read_bytes() for path in draw_journey_map(workspace, SNAPSHOT).paths]
    assert first == second
    assert sorted(path.name for path in workspace.project.output_dir.iterdir()) == [
        "journey_map.html",
        "journey_map.json",
    ]


def test_an_empty_lake_gives_an_empty_map(tmp_path):
    """Before anything was built the page says so, and so does the report."""
    workspace = make_workspace(tmp_path)
    report = draw_journey_map(workspace, SNAPSHOT)
    page = (workspace.project.output_dir / "journey_map.html").read_text()
    assert "There are no journeys yet." in page
    assert page.count("ot enough data") >= 4
    assert report.notes == ("There are no journeys yet, so the map is empty: build them first.",)


def test_another_snapshot_has_its_own_scores(tmp_path):
    """Scores, lists and decisions of another snapshot are not shown; the journeys are."""
    workspace = fill(make_workspace(tmp_path))
    draw_journey_map(workspace, SNAPSHOT - timedelta(days=1))
    document = json.loads((workspace.project.output_dir / "journey_map.json").read_text())
    assert (document["scores"], document["lists"], document["decisions"]) == ([], [], [])
    assert document["count_journeys"] == 103
    assert document["journeys_until"] == "2026-01-31T14:00:00Z"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    """Where the output folder is a file, the error says what, where and what to do."""
    workspace = make_workspace(tmp_path)
    (tmp_path / "output").write_text("a file")
    with pytest.raises(
        DataError, match=r"^Cannot write .*journey_map\.html \(.*\); make the folder writable or choose"
    ):
        draw_journey_map(workspace, SNAPSHOT)
