"""Delighted's responses, as drawn."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import identifiers_of, json_lines, read, source_of


@pytest.mark.parametrize(
    ("row", "event", "score", "who"),
    [
        (
            {"id": "1", "person": "p1", "score": 9, "comment": "Fine.", "created_at": 1769940000},
            "survey_answered",
            9.0,
            {"delighted_person_id": "p1"},
        ),
        (
            {
                "id": "1",
                "person": {"id": "p1", "email": "ann@example.org"},
                "score": 0,
                "created_at": 1769940000,
                "person_properties": {"customer_id": "u1"},
            },
            "survey_answered",
            0.0,
            {"delighted_person_id": "p1", "email": "ann@example.org", "user_id": "u1"},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, row: dict[str, Any], event: str, score: float | None, who: dict[str, str]
) -> None:
    """A line tells one thing, of whom the vendor names."""
    (record,) = read(connection, json_lines(tmp_path, row, name="response.jsonl"), source_of("delighted"))
    assert (record["problem_rule"], record["event"], record["score"]) == (None, event, score)
    assert f"{record['event_at']:%Y-%m-%d %H:%M}" == "2026-02-01 10:00"
    assert identifiers_of(record) == who
