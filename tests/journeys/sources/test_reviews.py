"""Reviews, as drawn."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import identifiers_of, json_lines, read, source_of


@pytest.mark.parametrize(
    ("row", "event", "score", "who"),
    [
        (
            {
                "id": "r1",
                "stars": 4,
                "title": "Good",
                "text": "It works.",
                "createdAt": "2026-02-01T10:00:00Z",
                "consumer": {"id": "c1"},
                "referenceId": "u1",
            },
            "review_written",
            4.0,
            {"user_id": "u1", "review_author_id": "c1"},
        ),
        (
            {"id": "r1", "attributes": {"star_rating": 4.5, "submitted_at": "2026-02-01T10:00:00Z", "user_id": "g1"}},
            "review_written",
            4.5,
            {"review_author_id": "g1"},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, row: dict[str, Any], event: str, score: float | None, who: dict[str, str]
) -> None:
    """A line tells one thing, of whom the vendor names."""
    (record,) = read(connection, json_lines(tmp_path, row, name="response.jsonl"), source_of("reviews"))
    assert (record["problem_rule"], record["event"], record["score"]) == (None, event, score)
    assert f"{record['event_at']:%Y-%m-%d %H:%M}" == "2026-02-01 10:00"
    assert identifiers_of(record) == who
