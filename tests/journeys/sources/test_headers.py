"""Where a CSV file names its columns."""

from pathlib import Path
from typing import Any

import pytest

from journeys.config.errors import DataError
from journeys.sources.columns import column_names, read_columns
from journeys.sources.headers import Layout

BELOW = Layout(marks=("Date", "Url"))
TWO_ROWS = Layout(count_rows=2, names=lambda rows: [top or low for top, low in zip(*rows, strict=True)])


@pytest.mark.parametrize(
    ("layout", "text", "names", "lines"),
    [
        (Layout(), "Date;Url\n1;a\n2;b\n", ["Date", "Url"], [2, 3]),
        (BELOW, 'Report:,"Mentions, all"\nFrom:,1,2,3\n\nDate,Url\n1,a\n2,"b\nc"\n', ["Date", "Url"], [5, 6]),
        (BELOW, "Date,Url\n1,a\n2,b\n", ["Date", "Url"], [2, 3]),
        (TWO_ROWS, 'Date,"Why,\nexactly?",\n,"",Other\n1,a,x\n2,b,y\n', ["Date", "Why,\nexactly?", "Other"], [3, 4]),
    ],
    ids=["first row", "below a preamble", "without the preamble", "two rows"],
)
def test_headers(
    connection: Any, tmp_path: Path, layout: Layout, text: str, names: list[str], lines: list[int]
) -> None:
    """Columns are named by the header, wherever it is; rows keep their place in the file."""
    path = tmp_path / "f.csv"
    path.write_text(text)
    assert column_names(path, layout) == names
    found = read_columns(connection, path, {"Date": "x"}, layout).order_by("line").to_pyarrow().to_pylist()
    assert [(row["column_0"], row["line"]) for row in found] == [("1", lines[0]), ("2", lines[1])]


def test_ragged_rows_below_a_preamble(connection: Any, tmp_path: Path) -> None:
    """A ragged row is numbered from the file's start too."""
    path = tmp_path / "f.csv"
    path.write_text("Report:,x\n\nDate,Url\n1,a\n2\n3,c\n")
    found = read_columns(connection, path, {"Date": "x"}, BELOW).order_by("line").to_pyarrow().to_pylist()
    assert [(row["line"], row["problem_rule"]) for row in found] == [(4, None), (5, "ragged_row"), (6, None)]


@pytest.mark.parametrize(
    ("layout", "text", "sentence"),
    [
        (BELOW, "a,b\n1,2\n", "f.csv has no header line that names Date and Url; export it again with one."),
        (BELOW, "x\nDate,Url\n", "f.csv has a header and no rows; export it again or remove it."),
        (TWO_ROWS, "Date,Url\n,\n", "f.csv has a header and no rows; export it again or remove it."),
        (TWO_ROWS, "Date,Url\n", "f.csv has a header and no rows; export it again or remove it."),
    ],
)
def test_files_without_header_or_rows(
    connection: Any, tmp_path: Path, layout: Layout, text: str, sentence: str
) -> None:
    """A file without its header, or with nothing after it, is one sentence."""
    path = tmp_path / "f.csv"
    path.write_text(text)
    with pytest.raises(DataError) as raised:
        read_columns(connection, path, {}, layout)
    assert str(raised.value) == sentence
