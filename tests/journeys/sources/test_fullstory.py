"""FullStory's events, as drawn."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import identifiers_of, json_lines, read, source_of


@pytest.mark.parametrize(
    ("row", "event", "score", "who"),
    [
        (
            {
                "UserId": "f1",
                "SessionId": "s1",
                "PageId": "p1",
                "EventStart": "2026-02-01T10:00:00Z",
                "EventType": "click",
                "UserAppKey": "u1",
                "UserEmail": "ann@example.org",
            },
            "click",
            None,
            {"user_id": "u1", "email": "ann@example.org", "fullstory_user_id": "f1"},
        ),
        (
            {
                "UserId": "f1",
                "SessionId": "s1",
                "PageId": "p1",
                "EventStart": "2026-02-01T10:00:00Z",
                "EventType": "click",
                "EventModFrustrated": 1,
            },
            "rage_click",
            None,
            {"fullstory_user_id": "f1"},
        ),
        (
            {
                "UserId": "f1",
                "SessionId": "s1",
                "PageId": "p1",
                "EventStart": "2026-02-01T10:00:00Z",
                "EventType": "click",
                "EventModDead": 1,
                "EventModError": 0,
            },
            "dead_click",
            None,
            {"fullstory_user_id": "f1"},
        ),
        (
            {
                "UserId": "f1",
                "SessionId": "s1",
                "PageId": "p1",
                "EventStart": "2026-02-01T10:00:00Z",
                "EventType": "click",
                "EventModError": "true",
            },
            "error_click",
            None,
            {"fullstory_user_id": "f1"},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, row: dict[str, Any], event: str, score: float | None, who: dict[str, str]
) -> None:
    """A line tells one thing, of whom the vendor names."""
    (record,) = read(connection, json_lines(tmp_path, row, name="response.jsonl"), source_of("fullstory"))
    assert (record["problem_rule"], record["event"], record["score"]) == (None, event, score)
    assert f"{record['event_at']:%Y-%m-%d %H:%M}" == "2026-02-01 10:00"
    assert identifiers_of(record) == who
