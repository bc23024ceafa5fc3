"""journey.yaml against the data: one sentence for each thing that does not fit."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from journeys.config.journey_yaml import parse_config
from journeys.config.project import Project
from journeys.touchpoints.check import check_project

NOW = datetime(2026, 3, 1, tzinfo=UTC)

ROWS = """\
user_id,event,at
u1,visit,2026-01-01T10:00:00Z
u1,purchase_card,2026-02-01T10:00:00Z
u2,visit,2026-01-05T10:00:00Z
"""


def _project(folder: Path, *, rows: str | None = ROWS, **changes: Any) -> Project:
    source: dict[str, Any] = {
        "vendor": "tabular",
        "files": "events.csv",
        "columns": {"event": "event", "event_at": "at"},
        "identifiers": {"user_id": "user_id"},
        "touchpoints": [{"event": "purchase_*", "touchpoint": "purchase"}],
    }
    raw = {
        "project": "shop",
        "sources": {"shop": source | changes.pop("source", {})},
        "stages": [{"name": "visiting", "enters_on": ["visit"]}],
        "outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["purchase"]}],
        **changes,
    }
    if rows is not None:
        (folder / "events.csv").write_text(rows)
    return Project(parse_config(raw), folder, folder, folder / "home")


def test_a_file_that_fits_has_no_problem(tmp_path: Path) -> None:
    """Nothing is said where all is well, and nothing is written."""
    assert check_project(_project(tmp_path), now=NOW) == []
    assert {path.name for path in tmp_path.iterdir()} == {"events.csv"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"stages": [{"name": "visiting", "enters_on": ["vist"]}]},
            "stages.visiting.enters_on: no touchpoint matches 'vist'; did you mean visit?",
        ),
        (
            {"outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["purchase_card"]}]},
            "outcomes.bought.touchpoints: no touchpoint matches 'purchase_card'; did you mean purchase?",
        ),
        ({"journeys": {"steps": ["visit", "cart"]}}, "journeys.steps: no touchpoint matches 'cart'; known: purchase, visit"),
        (
            {"source": {"touchpoints": [{"event": "purchase_cart"}]}, "outcomes": [{"name": "b", "kind": "positive", "touchpoints": ["purchase*"]}]},
            "sources.shop.touchpoints: no event of the data matches 'purchase_cart'; did you mean purchase_card?",
        ),
        (
            {"segments": [{"name": "size", "attribute": "segment"}]},
            "segments.size.attribute: no source says the attribute 'segment'; nothing is known by that name",
        ),
        (
            {"value": {"at_risk_attribute": "contract_value"}},
            "value.at_risk_attribute: no source says the attribute 'contract_value'; nothing is known by that name",
        ),
        (
            {"targets": {"buying": {"outcome": "bought", "kind": "conversion", "horizon": "60d"}}},
            "Target 'buying' looks 60 days ahead (gap and horizon), but the data cover only 31 days before 2026-02-01; "
            "shorten targets.buying.horizon or load more history.",
        ),
    ],
)  # fmt: skip
def test_each_thing_that_does_not_fit_is_one_sentence(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    """Where it stands, what it is, and what to do."""
    assert check_project(_project(tmp_path, **changes), now=NOW) == [sentence]


@pytest.mark.parametrize(
    ("rows", "start"),
    [
        (None, "sources.shop.files: no file matches 'events.csv' in "),
        ("", "sources.shop: events.csv is empty; export it again or remove it."),
        ("user_id,event,at\n", "sources.shop: events.csv has a header and no rows; export it again or remove it."),
        ("user_id,evnt,at\nu1,a,2026-01-01T00:00:00Z\n", "sources.shop.columns.event: events.csv has no column 'event'; did you mean evnt?"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_keeps_the_rest_from_being_compared(tmp_path: Path, rows: str | None, start: str) -> None:
    """One sentence about the file, and one about what was not compared; no list of false alarms."""
    problems = check_project(_project(tmp_path, rows=rows), now=NOW)
    assert problems[0].startswith(start)
    assert problems[1:] == [
        "Stages, outcomes and steps were not compared, since the source shop could not be read; "
        "mend that first, then check again."
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("u3,visit,2026-01-05 10:00:00", "The time has no zone; write it as in 2026-03-01T02:00:00Z or set the source's time_zone."),
        ("u3,visit,2031-01-05T10:00:00Z", "The time lies in the future; check the clock and the time zone of the source."),
        ("null,visit,2026-01-05T10:00:00Z", "The row names nobody: every identifier in it is missing, malformed, blocked, or shared by many as a name is."),
    ],
)  # fmt: skip
def test_rows_that_would_be_refused_are_told_before_they_are(tmp_path: Path, row: str, reason: str) -> None:
    """The same rows that a load refuses, with line and reason, where they are more than allowed."""
    (problem,) = check_project(_project(tmp_path, rows=ROWS + row + "\n"), now=NOW)
    assert problem == (
        "sources.shop: events.csv cannot be loaded: 1 of 4 rows (25.0%) are refused, "
        f"more than max_reject_share 0.5% allows; line 5: {reason}"
    )


def test_attributes_and_several_files_are_looked_at(tmp_path: Path) -> None:
    """Attributes come from their own source, and each file of a pattern adds what it holds."""
    (tmp_path / "more").mkdir()
    with gzip.open(tmp_path / "more" / "a.csv.gz", "wt") as file:
        file.write(ROWS)
    (tmp_path / "more" / "b.csv").write_text("user_id,event,at\nu1,cart,2026-02-03T10:00:00Z\n")
    (tmp_path / "people.csv").write_text("id,segment\nu1,smb\n")
    people = {
        "vendor": "tabular",
        "kind": "attributes",
        "files": "people.csv",
        "columns": {"attributes": ["segment"]},
        "identifiers": {"user_id": "id"},
    }
    project = _project(
        tmp_path, rows=None, source={"files": "more/*"}, journeys={"steps": ["visit", "cart"]},
        segments=[{"name": "size", "attribute": "segment"}],
    )  # fmt: skip
    raw = project.config.model_dump(mode="json", exclude_unset=True)
    raw["sources"]["people"] = people
    assert check_project(Project(parse_config(raw), tmp_path, tmp_path, tmp_path / "home"), now=NOW) == []


def test_a_source_that_waits_for_messages_is_told(tmp_path: Path) -> None:
    """Before the first message there is nothing to compare; the sentence says what to start."""
    source = {
        "files": "app/*.jsonl",
        "columns": {"event": "event", "event_at": "at", "record_id": "id"},
        "intake": {"secret_env": "APP_SECRET"},
    }
    first, *_ = check_project(_project(tmp_path, source=source), now=NOW)
    assert first == "sources.shop: no message has come in yet; start 'desirelines intake', and check again."
