"""What a command prints: for people and for programs."""

import json
from datetime import UTC, datetime

import pytest

from desirelines.show import Outcome, progress_bars, show_error, show_outcome, show_table
from journeys.lake.workspace import StepReport

REPORT = StepReport(
    "score",
    {"customers": 12_345, "share_scored": 0.123456},
    {"customers": 3},
    {"scores": 4},
    ("[note] with brackets.",),
    ("/a/path",),
)
OUTCOME = Outcome("score", "score-1", datetime(2026, 3, 1, tzinfo=UTC), [REPORT], 1.26)


def test_people_see_counts_versions_notes_and_paths(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers with thousands, tables with their versions, notes as they stand, each path on a line of its own."""
    show_outcome(OUTCOME, as_json=False)
    shown = capsys.readouterr().out
    for part in (
        "12,345",
        "0.1235",
        "read customers@3",
        "wrote scores@4",
        "score: [note] with brackets.\n",
        "\n/a/path\n",
    ):
        assert part in shown
    assert "score as of 2026-03-01 00:00:00 UTC, 1.3 s, run score-1" in " ".join(shown.split())


def test_programs_get_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """Everything that people see, in the types of JSON."""
    show_outcome(OUTCOME, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["snapshot_at"] == "2026-03-01T00:00:00+00:00"
    assert found["reports"] == [
        {
            "step": "score",
            "counts": {"customers": 12_345, "share_scored": 0.123456},
            "read": {"customers": 3},
            "written": {"scores": 4},
            "notes": ["[note] with brackets."],
            "paths": ["/a/path"],
        }
    ]


def test_an_error_is_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """On the error stream, unwrapped, with what looks like markup left alone."""
    sentence = "Cannot read [red]file.csv[/red] " + "x" * 300
    show_error(sentence, as_json=False)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", sentence + "\n")


def test_a_table_shows_text_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    """What a cell holds is never read as markup; nothing is an empty cell."""
    show_table(["a", "b"], [("[bold]x[/bold]", None)])
    assert "[bold]x[/bold]" in capsys.readouterr().out


def test_no_bars_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe progress is silent."""
    with progress_bars(shown=True) as tell:
        tell("work", 1, 2)
    told = capsys.readouterr()
    assert told.out + told.err == ""
