import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeys.config.errors import ConfigError, DataError
from journeys.sources.columns import column_names, read_columns
from tests.journeys.sources.drawn import avro_file, json_lines

WANTED = {"id": "sources.shop.columns.record_id", "what": "sources.shop.columns.event"}


def _rows(connection, path, wanted=WANTED):
    return read_columns(connection, path, wanted).order_by("line").to_pyarrow().to_pylist()


def _csv(folder: Path, content: bytes | str, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet", "avro"])
def test_kinds_of_files(connection, tmp_path, kind):
    """The same rows come out of CSV, JSONL and Parquet, compressed or not, as text."""
    path = tmp_path / f"f.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table({"id": [1, 2], "what": ["buy", None]}), path)
    elif kind == "avro":
        avro_file(path, {"id": "long", "what": ["null", "string"]}, {"id": 1, "what": "buy"}, {"id": 2, "what": None})
    else:
        text = "id,what\n1,buy\n2,\n" if kind.startswith("csv") else '{"id": 1, "what": "buy"}\n{"id": 2}\n'
        path.write_bytes(gzip.compress(text.encode()) if kind.endswith("gz") else text.encode())
    found = _rows(connection, path)
    assert [(row["column_0"], row["column_1"] or None) for row in found] == [("1", "buy"), ("2", None)]
    assert all(row["raw"] for row in found)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_an_unknown_column_names_the_nearest(connection, tmp_path, kind):
    """A column that the file lacks is named with its setting, the file and the nearest columns."""
    path = tmp_path / f"f.{kind}"
    if kind == "parquet":
        pq.write_table(pa.table({"id": [1], "what": ["buy"]}), path)
    else:
        path.write_text("id,what\n1,buy\n" if kind == "csv" else '{"id": 1, "what": "buy"}\n')
    with pytest.raises(ConfigError) as raised:
        _rows(connection, path, {"id": "x", "waht": "sources.shop.columns.event"})
    assert str(raised.value) == f"sources.shop.columns.event: f.{kind} has no column 'waht'; did you mean what?"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("f.csv", "", "f.csv is empty; export it again or remove it."),
        ("f.csv", "\n\n", "f.csv has no header line; export it again with one."),
        ("f.csv", "id,what\n", "f.csv has a header and no rows; export it again or remove it."),
        ("f.csv", "id,what", "f.csv has a header and no rows; export it again or remove it."),
        ("f.csv", "id,what,what\n1,buy,sell\n", "f.csv has 2 columns named 'what'; rename all but one."),
        ("f.jsonl", "\n", "f.jsonl has no rows; export it again or remove it."),
        ("f.parquet", "PAR1 and no more", "f.parquet is cut off or no Parquet file; fetch it again."),
        (
            "f.xlsx",
            "x",
            "f.xlsx is of no known kind; name it .csv, .jsonl, .parquet or .avro (with .gz, .zst or .zip).",
        ),
    ],
)
def test_files_that_cannot_be_read(connection, tmp_path, name, content, sentence):
    """A file that is empty, without header or rows, ambiguous or of an unknown kind is one sentence."""
    with pytest.raises(DataError) as raised:
        _rows(connection, _csv(tmp_path, content, name))
    assert str(raised.value) == sentence


def test_parquet_without_rows_and_cut_off(connection, tmp_path):
    """A Parquet file without rows, or without its end, is one sentence."""
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"id": pa.array([], pa.string()), "what": pa.array([], pa.string())}), path)
    with pytest.raises(DataError, match=r"^f\.parquet has columns and no rows; export it again or remove it\.$"):
        _rows(connection, path)
    pq.write_table(pa.table({"id": list(range(1000)), "what": ["buy"] * 1000}), path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"^f\.parquet is cut off or no Parquet file; fetch it again\.$"):
        _rows(connection, path)


def test_json_columns(connection, tmp_path):
    """A key may hold any character and may be absent from some rows; a broken line is refused alone."""
    path = json_lines(tmp_path, {"a/b~c": 1, "what": "buy"}, '{"a/b', {"what": "visit"})
    found = _rows(connection, path, {"a/b~c": "x", "what": "y"})
    assert [(row["column_0"], row["column_1"], row["problem_rule"]) for row in found] == [
        ("1", "buy", None),
        (None, None, "broken_json"),
        (None, "visit", None),
    ]


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "avro"])
def test_nested_columns(connection, tmp_path, kind):
    """A field of an object is asked for with a point; an object or a list that is asked for whole is JSON."""
    row = {"id": 1, "device": {"category": "mobile", "web": {"browser": "x"}}, "items": [{"sku": "a", "count": 2}]}
    path = tmp_path / f"f.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist([row]), path)
    elif kind == "avro":
        web = {"type": "record", "name": "web", "fields": [{"name": "browser", "type": "string"}]}
        fields = [{"name": "category", "type": "string"}, {"name": "web", "type": web}]
        device = {"type": "record", "name": "device", "fields": fields}
        fields = [{"name": "sku", "type": "string"}, {"name": "count", "type": "int"}]
        item = {"type": "record", "name": "item", "fields": fields}
        avro_file(path, {"id": "long", "device": device, "items": {"type": "array", "items": item}}, row)
    else:
        json_lines(tmp_path, row, name="f.jsonl")
    assert {"device.category", "device.web.browser"} < set(column_names(path))
    (found,) = _rows(connection, path, dict.fromkeys(["device.category", "device.web.browser", "items"], "x"))
    assert (found["column_0"], found["column_1"]) == ("mobile", "x")
    assert json.loads(found["column_2"]) == row["items"]


def test_parquet_columns_without_values(connection, tmp_path):
    """A column in which nothing stands has no type; it is read as one without values, also inside others."""
    row = {"id": 1, "what": None, "device": {"category": None}, "items": [{"sku": None}], "tags": []}
    path = tmp_path / "f.parquet"
    pq.write_table(pa.Table.from_pylist([row]), path)
    (found,) = _rows(connection, path, dict.fromkeys(["what", "device.category", "items", "tags"], "x"))
    assert [found[f"column_{place}"] for place in range(4)] == [None, None, '[{"sku":null}]', "[]"]
