"""Which columns a file has, and what stands in them."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeys.sources.columns_told import columns_told

TEXTS = {
    "plain.csv": (b"id,name,paid,at,ok,none\n1,Ann,12.50,2026-01-31,true,\n2,Bob,3,2026-02-01 10:00,false,\n"),
    "german.csv": (b"id;paid;at\n1;12,50;31.01.2026\n2;3,00;01.02.2026 10:00\n"),
    "wide.csv": ("id,name\n1,Ann\n").encode("utf-16"),
    "mixed.csv": (b"id,score\n1,5\n2,high\n"),
    "ragged.csv": (b"id,score\n1,5\n2,6,7\n"),
    "rows.jsonl": b'{"id": 1, "who": {"mail": "a"}, "tags": [1]}\nnot json\n{"id": null, "text": "so", "ok": true}\n[1]\n',
    "binary.csv": bytes(range(256)),
    "empty.csv": b"",
    "unknown.xyz": b"a,b\n1,2\n",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "plain.csv",
            {"id": "number", "name": "text", "paid": "number", "at": "time", "ok": "boolean", "none": "empty"},
        ),
        ("german.csv", {"id": "number", "paid": "number", "at": "time"}),
        ("wide.csv", {"id": "number", "name": "text"}),
        ("mixed.csv", {"id": "number", "score": "text"}),
        ("ragged.csv", {"id": "number", "score": "number"}),
        ("rows.jsonl", {"id": "number", "who": "object", "tags": "object", "text": "text", "ok": "boolean"}),
        ("empty.csv", {}),
        ("unknown.xyz", {}),
    ],
)
def test_texts(tmp_path: Path, name: str, expected: dict[str, str]) -> None:
    """Columns by their values; what cannot be read has none, and never fails."""
    path = tmp_path / name
    path.write_bytes(TEXTS[name])
    assert columns_told(path) == expected
    packed = tmp_path / f"{name}.gz"
    packed.write_bytes(gzip.compress(TEXTS[name]))
    assert columns_told(packed) == expected


def test_what_is_no_table_does_not_fail(tmp_path: Path) -> None:
    """Bytes of no text, and a file that is not there."""
    path = tmp_path / "binary.csv"
    path.write_bytes(TEXTS["binary.csv"])
    columns_told(path)
    assert columns_told(tmp_path / "nowhere.csv") == {}


def test_parquet(tmp_path: Path) -> None:
    """Parquet says its types itself."""
    path = tmp_path / "rows.parquet"
    table = pa.table(
        {
            "id": pa.array([1], pa.int64()),
            "at": pa.array([0], pa.timestamp("us")),
            "who": pa.array([{"mail": "a"}]),
            "ok": pa.array([True]),
            "name": pa.array(["a"]),
            "none": pa.nulls(1),
        }
    )
    pq.write_table(table, path)
    kinds = ["number", "time", "object", "boolean", "text", "empty"]
    assert columns_told(path) == dict(zip(table.column_names, kinds, strict=True))


def test_only_the_beginning_is_looked_at(tmp_path: Path) -> None:
    """A value after the first thousand rows changes nothing: telling costs the same for any file."""
    path = tmp_path / "long.jsonl"
    path.write_text("".join(json.dumps({"n": n}) + "\n" for n in range(1000)) + '{"n": "text"}\n')
    assert columns_told(path) == {"n": "number"}
