"""PostHog's events, as drawn."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import identifiers_of, json_lines, read, source_of


@pytest.mark.parametrize(
    ("row", "event", "score", "who"),
    [
        (
            {
                "uuid": "1",
                "event": "$pageview",
                "distinct_id": "d1",
                "timestamp": "2026-02-01T10:00:00Z",
                "properties": {"$device_id": "x", "$current_url": "https://shop.example/"},
            },
            "$pageview",
            None,
            {"posthog_distinct_id": "d1", "device_id": "x"},
        ),
        (
            {
                "uuid": "1",
                "event": "signup",
                "distinct_id": "d1",
                "timestamp": "2026-02-01T10:00:00Z",
                "properties": {"$user_id": "u1", "$set": {"email": "ann@example.org"}},
            },
            "signup",
            None,
            {"user_id": "u1", "posthog_distinct_id": "d1", "email": "ann@example.org"},
        ),
    ],
)
def test_rows(
    connection: Any, tmp_path: Path, row: dict[str, Any], event: str, score: float | None, who: dict[str, str]
) -> None:
    """A line tells one thing, of whom the vendor names."""
    (record,) = read(connection, json_lines(tmp_path, row, name="response.jsonl"), source_of("posthog"))
    assert (record["problem_rule"], record["event"], record["score"]) == (None, event, score)
    assert f"{record['event_at']:%Y-%m-%d %H:%M}" == "2026-02-01 10:00"
    assert identifiers_of(record) == who
