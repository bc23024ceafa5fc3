"""Reading the files of a batch, and what is said of those that cannot be read."""

from pathlib import Path

import pytest

from journeys.config.errors import DataError
from journeys.config.sources import Source
from journeys.engine import connect
from journeys.touchpoints.accounting import Refusals
from journeys.touchpoints.files import find_files
from journeys.touchpoints.reading import in_source, read_files, rejection
from tests.journeys.touchpoints.shop import ORDERS, order, shop_in, write


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.csv is empty.", "sources.shop: a.csv is empty."),
        ("sources.shop.files: no.", "sources.shop.files: no."),
        ("One.\nsources.shop.columns: two.", "sources.shop: One.\nsources.shop.columns: two."),
    ],
)
def test_in_source(text, expected):
    """Each sentence of an error begins with the source that it is about, once."""
    assert in_source("shop", DataError(text)) == expected


def test_rejection():
    """Why a file is not loaded names the source, the file, the numbers, and the first refused line."""
    source = Source.model_validate(ORDERS | {"max_reject_share": 0.1})
    assert rejection("orders", source, "orders/a.csv", 8, Refusals(2, 3, "The time cannot be read.")) == (
        "sources.orders: orders/a.csv cannot be loaded: 2 of 8 rows (25.0%) are refused, more than max_reject_share "
        "10.0% allows; line 3: The time cannot be read."
    )


def _positions(folder: Path, vendor: str, pattern: str) -> list[tuple[int, int, str]]:
    workspace = shop_in(folder, made=ORDERS if vendor == "tabular" else {"vendor": vendor, "files": pattern})
    source = workspace.project.config.sources["made"]
    with connect() as connection:
        records, *_ = read_files(
            connection, "made", source, find_files(workspace.project, "made", source), lambda _: None
        )
        assert records is not None
        found = connection.to_pyarrow(records.order_by("position")).to_pylist()
    return [(row["position"], row["line"], str(row["event"])) for row in found]


def test_records_of_one_row_each_have_its_line(tmp_path: Path) -> None:
    """Where each row is one record, its place is its line."""
    write(tmp_path, "orders/a.csv", order(1), order(2))
    assert [(place, line) for place, line, _ in _positions(tmp_path, "tabular", "orders/*")] == [(2, 2), (3, 3)]


def test_records_of_one_row_are_in_the_order_of_their_times(tmp_path: Path) -> None:
    """Of a row that tells several things, each has a place of its own: by row, then by time."""
    rows = ["1,2026-02-01 10:00:00,2026-02-03 10:00:00,true", "2,2026-02-02 10:00:00,,false"]
    header = "id,created_date,close_date,is_closed"
    write(tmp_path, "crm/opportunity.csv", *(f"{row},true,acc" for row in rows), header=f"{header},is_won,account_id")
    found = _positions(tmp_path, "salesforce", "crm/*")
    assert [line for _, line, _ in found] == sorted(line for _, line, _ in found)
    assert len({place for place, *_ in found}) == len(found) == 3
    assert [event for _, _, event in found] == ["opportunity_created", "opportunity_won", "opportunity_created"]
