"""Records in lists: what an API answers, kept as it came."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.sources.pages import records_of_pages
from tests.journeys.sources.drawn import json_lines, read, tabular

RECORDS = [{"what": "buy", "at": f"2026-02-0{day}T10:00:00Z", "client": f"u{day}"} for day in (1, 2, 3)]
PAGE: dict[str, Any] = {"data": RECORDS, "has_more": False, "links": {"next": None}}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("lines", "\n".join(json.dumps(one) for one in RECORDS)),
        ("a list on one line", json.dumps(RECORDS)),
        ("a list for people", json.dumps(RECORDS, indent=2)),
        ("a list, a record a line", "[\n" + ",\n".join(json.dumps(one) for one in RECORDS) + "\n]"),
        ("a page", json.dumps(PAGE)),
        ("a page for people", json.dumps(PAGE, indent=4)),
        ("a page with a mark", "\ufeff" + json.dumps(PAGE)),
        ("two pages", json.dumps({"results": RECORDS[:2], "paging": {}}) + "\n" + json.dumps({"results": RECORDS[2:]})),
    ],
)
@pytest.mark.parametrize("name", ["f.json", "f.jsonl", "f.json.gz"])
def test_however_they_stand(connection: Any, tmp_path: Path, title: str, text: str, name: str) -> None:
    """Lines, a list or pages of records are the same records."""
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    source = tabular(columns={"event": "what", "event_at": "at"})
    found = read(connection, path, source)
    assert [(row["line"], row["event"], row["problem_rule"]) for row in found] == [
        (1, "buy", None),
        (2, "buy", None),
        (3, "buy", None),
    ], title


def test_records_that_have_lists(connection: Any, tmp_path: Path) -> None:
    """A record that lists something beside what it says is a record."""
    order = {
        "id": "o1",
        "what": "buy",
        "at": "2026-02-01T10:00:00Z",
        "client": "u1",
        "items": [{"sku": "a"}, {"sku": "b"}],
    }
    (found,) = read(connection, json_lines(tmp_path, order), tabular())
    assert (found["source_record_id"], found["event"]) == ("o1", "buy")


@pytest.mark.parametrize("text", ["[1, 2]", '{"data": [{"a": 1}, 2]}', '[{"what": "buy"', "[", "{", '"data"', "[]"])
def test_what_is_no_page(connection: Any, tmp_path: Path, text: str) -> None:
    """What is cut off, or lists something else, is refused row by row or said to have no rows; nothing breaks."""
    rows = records_of_pages(io.BytesIO(text.encode()))
    assert rows is None or all(line in {b"1", b"2", b""} for line in rows.split(b"\n"))


@given(st.binary(max_size=60))
def test_any_bytes(content: bytes) -> None:
    """Whatever stands in a file, looking for pages neither fails nor makes up a row."""
    rows = records_of_pages(io.BytesIO(content))
    assert rows is None or len(rows) <= 12 * max(len(content), 1)
