import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.config.errors import ConfigError, DataError
from journeys.sources.columns import column_names, read_columns
from tests.journeys.sources.drawn import avro_file, cut_off, json_lines

WANTED = {"id": "sources.shop.columns.record_id", "what": "sources.shop.columns.event"}


def _rows(connection, path, wanted=WANTED):
    return read_columns(connection, path, wanted).order_by("line").to_pyarrow().to_pylist()


def _csv(folder: Path, content: bytes | str, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"id,what\n1,buy\n2,visit\n",
        b"what;id\nbuy;1\nvisit;2\n",
        b"id\twhat\r\n1\tbuy\r\n2\tvisit\r\n",
        b"id|what\n1|buy\n2|visit",
        b'\xef\xbb\xbf"id", what \n1,buy\n2,"visit"\n',
        "id,what\n1,buy\n2,visit\n".encode("utf-16"),
        b"id,other,other,,what\n1,x,y,z,buy\n2,,,,visit\n",
    ],
    ids=["comma", "semicolon", "tab", "pipe", "mark and quotes", "UTF-16", "names twice or empty"],
)
def test_spellings_of_csv(connection, tmp_path, content):
    """Separator, order, line ends, byte-order mark and encoding of a CSV file do not matter."""
    found = _rows(connection, _csv(tmp_path, content))
    assert [(row["line"], row["column_0"], row["column_1"]) for row in found] == [(2, "1", "buy"), (3, "2", "visit")]
    assert not any(row["problem_rule"] for row in found)


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


def test_rows_as_they_stood(connection, tmp_path):
    """`raw` is the row with its separators, quoted where a cell holds one."""
    found = _rows(connection, _csv(tmp_path, 'id,what,note\n1,buy,"a, ""b"""\n2,visit,plain\n'))
    assert [row["raw"] for row in found] == ['1,buy,"a, ""b"""', "2,visit,plain"]


def test_ragged_rows_are_refused_alone(connection, tmp_path):
    """A row with too many or too few cells says so with its line; its neighbours keep theirs."""
    found = _rows(connection, _csv(tmp_path, "id,what\n1,buy\n2,visit,more\n3\n4,leave\n"))
    assert [(row["line"], row["column_0"], row["problem_rule"]) for row in found] == [
        (2, "1", None),
        (3, None, "ragged_row"),
        (4, None, "ragged_row"),
        (5, "4", None),
    ]
    assert found[1]["problem_reason"] == (
        "The row has 3 cells where the header has 2; quote cells that hold the separator."
    )
    assert found[2]["problem_reason"].startswith("The row has 1 cells where the header has 2;")
    assert found[1]["raw"] == "2,visit,more"


def test_only_ragged_rows(connection, tmp_path):
    """A file whose every row is ragged has rows, all of them refused."""
    found = _rows(connection, _csv(tmp_path, "id,what\n1\n2\n"))
    assert [(row["line"], row["problem_rule"]) for row in found] == [(2, "ragged_row"), (3, "ragged_row")]


def test_rows_that_are_not_utf8(connection, tmp_path):
    """A row in another encoding is refused alone, also where the cell was not asked for."""
    found = _rows(
        connection, _csv(tmp_path, b"id,what,note\n1,buy,ok\n2,visit,caf\xe9\n3,b\xfcy,ok\n4,buy,caf\xc3\xa9\n")
    )
    assert [row["problem_rule"] for row in found] == [None, "not_utf8", "not_utf8", None]
    assert found[1]["problem_reason"] == "The row is not UTF-8 text; export it as UTF-8."
    assert [row["line"] for row in found] == [2, 3, 4, 5]


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


@pytest.mark.parametrize("count", [2, 50_000], ids=["short", "long"])
def test_a_csv_cut_off(connection, tmp_path, count):
    """A compressed CSV file that broke off is refused whole."""
    content = "id,what\n" + "".join(f"{number},{hash(number * 7919)}\n" for number in range(count))
    with pytest.raises(DataError, match=r"^f\.csv\.gz is cut off or damaged \(.*\); fetch it again\.$"):
        _rows(connection, cut_off(tmp_path / "f.csv.gz", content.encode()))


def test_json_columns(connection, tmp_path):
    """A key may hold any character and may be absent from some rows; a broken line is refused alone."""
    path = json_lines(tmp_path, {"a/b~c": 1, "what": "buy"}, '{"a/b', {"what": "visit"})
    found = _rows(connection, path, {"a/b~c": "x", "what": "y"})
    assert [(row["column_0"], row["column_1"], row["problem_rule"]) for row in found] == [
        ("1", "buy", None),
        (None, None, "broken_json"),
        (None, "visit", None),
    ]


_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=("Cs",)), max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.lists(st.lists(_CELLS, min_size=1, max_size=4), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t|"),
)
def test_csv_as_python_reads_it(connection, tmp_path, table, delimiter):
    """Rows with as many cells as the header are read as Python's csv reads them; the others are refused."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["id", "what", "c"], *table])
    found = _rows(connection, _csv(tmp_path, text.getvalue().replace('"id"', "id")))
    good = [tuple(cells[:2]) for cells in csv.reader(io.StringIO(text.getvalue()), delimiter=delimiter)][1:]
    whole = [cells for cells, row in zip(good, table, strict=True) if len(row) == 3]
    assert [(row["column_0"], row["column_1"]) for row in found if row["problem_rule"] is None] == whole
    assert [row["line"] for row in found] == list(range(2, len(table) + 2))
    assert [row["problem_rule"] == "ragged_row" for row in found] == [len(row) != 3 for row in table]


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
