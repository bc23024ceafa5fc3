"""Mentions as Brandwatch exports them, drawn."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from journeys.config.errors import DataError
from tests.journeys.sources.drawn import identifiers_of, read, source_of

PREAMBLE = 'Report:,"Bulk Mentions, all"\nBrand:,Ours\nFrom:,2026-02-01\n\n'
HEADER = "Query Id,Query Name,Date,Title,Snippet,Url,Domain,Sentiment,Page Type,Author\n"
ROW = '1,Ours,2026-02-01 11:00:00.0,Late,"Late, again\nby ann@example.org",http://x.example/ann/1,x.example,negative,twitter,ann\n'
OTHER = "1,Ours,soon,Fine,Fine,http://x.example/bob/1,x.example,positive,twitter,bob\n"


def _file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "2026-02 Our brand.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("before", [PREAMBLE, "", "\n\n"], ids=["preamble", "none", "blank lines"])
def test_mentions(connection: Any, tmp_path: Path, before: str) -> None:
    """The header is found wherever it stands; a mention is its author's, on its site, in the query's zone."""
    path = _file(tmp_path, before + HEADER + ROW + OTHER, "utf-8-sig")
    record, other = read(connection, path, source_of("social", time_zone="Europe/Berlin"))
    assert (record["event"], record["channel"], record["problem_rule"]) == ("mention_written", "twitter", None)
    assert record["event_at"] == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert record["text"] == "Late, again\nby [email]"
    assert identifiers_of(record) == {"social_author_id": "x.example:ann"}
    properties = json.loads(record["properties"])
    assert (properties["query"], properties["sentiment"], properties["site"]) == ("Ours", "negative", "x.example")
    assert "@" in record["source_record_id"]
    assert record["line"] == before.count("\n") + 2
    assert other["problem_rule"] == "unreadable_time"


def test_dates_without_a_zone(connection: Any, tmp_path: Path) -> None:
    """Dates in a zone that nobody names are refused with what to do."""
    (record,) = read(connection, _file(tmp_path, PREAMBLE + HEADER + ROW), source_of("social"))
    assert record["problem_rule"] == "time_without_zone"
    assert "set the source's time_zone" in record["problem_reason"]


def test_no_header(connection: Any, tmp_path: Path) -> None:
    """A file without the columns of mentions is one sentence."""
    with pytest.raises(DataError, match=r"has no header line that names Date and Url and Author; export it again"):
        read(connection, _file(tmp_path, PREAMBLE + "a,b\n1,2\n"), source_of("social"))
