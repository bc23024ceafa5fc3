"""The events of Google Analytics 4, as drawn."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.journeys.sources.drawn import check_told, identifiers_of, json_lines, read, source_of

AT = "2026-02-01 10:00:00"
LATER = "2026-02-03 12:30:00.250000"


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        (
            "event_data",
            {"name": "purchase", "timestamp": AT, "user_pseudo_id": "p1", "user_id": "u1", "batch_event_index": "1"},
            {"purchase": ({"user_id": "u1", "anonymous_id": "p1"}, {})},
        ),
    ],
)
def test_rows(connection: Any, tmp_path: Path, name: str, row: dict[str, str], expected: dict[str | None, Any]) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "ga4", name, row, expected)


def _parameter(key: str, **value: Any) -> dict[str, Any]:
    kinds = ("string_value", "int_value", "float_value", "double_value")
    return {"key": key, "value": {kind: value.get(kind) for kind in kinds}}


EVENT = {
    "event_date": "20260201",
    "event_timestamp": 1769940000123456,
    "event_name": "purchase",
    "event_params": [
        _parameter("page_location", string_value="https://shop.example/?to=ann@example.org"),
        _parameter("page_title", string_value="Thanks"),
        _parameter("ga_session_id", int_value=7),
        _parameter("campaign", string_value="spring"),
        _parameter("currency", string_value="eur"),
    ],
    "user_id": "u1",
    "user_pseudo_id": "p1.2",
    "batch_page_id": 1,
    "batch_ordering_id": 23,
    "batch_event_index": 4,
    "device": {"category": "mobile", "web_info": {"browser": "x"}},
    "geo": {"country": "Norway"},
    "traffic_source": {"name": "winter", "medium": "cpc", "source": "search"},
    "ecommerce": {"purchase_revenue": 20.5, "purchase_revenue_in_usd": 22.0, "transaction_id": "T1"},
    "items": [{"item_name": "Cup"}, {"item_name": "Plate"}],
}


def _nested(folder: Path, kind: str, *rows: dict[str, Any], name: str = "events_20260201") -> Path:
    """Write rows as BigQuery does: whole numbers are texts in its JSON."""
    path = folder / f"{name}.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
        return path
    return json_lines(folder, *(json.dumps(row, default=str) for row in _as_texts(list(rows))), name=path.name)


def _as_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_texts(inner) for inner in value]
    return str(value) if isinstance(value, int) else value


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_as_bigquery_nests_it(connection: Any, tmp_path: Path, kind: str) -> None:
    """Parameters are found by their name, whatever kind of value they have; an event without them is one too."""
    bare = EVENT | {"event_name": "scroll", "event_params": [], "ecommerce": None, "items": [], "traffic_source": None}
    record, other = read(connection, _nested(tmp_path, kind, EVENT, bare), source_of("ga4"))
    assert (record["event"], record["amount"], record["currency"]) == ("purchase", 20.5, "EUR")
    assert record["event_at"] == datetime(2026, 2, 1, 10, 0, 0, 123456, tzinfo=UTC)
    assert record["source_record_id"] == "event:p1.2:purchase:1769940000123456:1:23:4:purchase"
    assert identifiers_of(record) == {"user_id": "u1", "anonymous_id": "p1.2"}
    assert json.loads(record["properties"]) == {
        "page": "https://shop.example/?to=[email]",
        "page_title": "Thanks",
        "session": "7",
        "source": "search",
        "medium": "cpc",
        "campaign": "spring",
        "device": "mobile",
        "country": "Norway",
        "transaction": "T1",
        "items": "Cup; Plate",
    }
    assert (other["event"], other["amount"], other["currency"], other["problem_rule"]) == ("scroll", None, None, None)


def test_events_keep_their_key(connection: Any, tmp_path: Path) -> None:
    """An event has the same key in the table of the day so far, in that of the day and in the other format."""
    paths = [
        _nested(tmp_path, "jsonl", EVENT),
        _nested(tmp_path, "parquet", EVENT),
        _nested(tmp_path, "parquet", EVENT, name="events_intraday_20260201"),
    ]
    assert len({read(connection, path, source_of("ga4"))[0]["source_record_id"] for path in paths}) == 1


@pytest.mark.parametrize(
    "change",
    [{"batch_page_id": 12, "batch_ordering_id": 3}, {"batch_event_index": 5}, {"event_timestamp": 1769940000123457}],
)
def test_other_events_have_other_keys(connection: Any, tmp_path: Path, change: dict[str, int]) -> None:
    """Each part of the key counts, and none runs into the next."""
    first, second = read(connection, _nested(tmp_path, "jsonl", EVENT, EVENT | change), source_of("ga4"))
    assert first["source_record_id"] != second["source_record_id"]
