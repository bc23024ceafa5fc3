"""CSV files: their spellings, and the rows that cannot be read."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.config.errors import DataError
from journeys.sources.columns import read_columns
from tests.journeys.sources.drawn import cut_off

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
    assert found[1]["problem_reason"].startswith("The row is no text in the file's encoding")
    assert [row["line"] for row in found] == [2, 3, 4, 5]


@pytest.mark.parametrize("count", [2, 50_000], ids=["short", "long"])
def test_a_csv_cut_off(connection, tmp_path, count):
    """A compressed CSV file that broke off is refused whole."""
    content = "id,what\n" + "".join(f"{number},{hash(number * 7919)}\n" for number in range(count))
    with pytest.raises(DataError, match=r"^f\.csv\.gz is cut off or damaged \(.*\); fetch it again\.$"):
        _rows(connection, cut_off(tmp_path / "f.csv.gz", content.encode()))


_CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=("Cs",)), max_size=6),
    st.text('",;\t|\na', max_size=4),
)


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
    stood = [next(csv.reader(io.StringIO(row["raw"]), delimiter=delimiter)) for row in found if not row["problem_rule"]]
    assert stood == [row for row in table if len(row) == 3]
    assert [row["line"] for row in found] == list(range(2, len(table) + 2))
    assert [row["problem_rule"] == "ragged_row" for row in found] == [len(row) != 3 for row in table]
