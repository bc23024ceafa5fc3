"""Columns that came, went or changed; contracts of a source."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys.config.errors import DataError
from journeys.config.sources import Contract
from journeys.touchpoints.drift import check_contract, drifts
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.made_up import rows_of, workspace_in

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _loads(*loads: tuple[str, dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "load_id": f"l{number}",
            "source": "shop",
            "file": file,
            "loaded_at": DAY + timedelta(days=number),
            "columns": json.dumps(columns),
        }
        for number, (file, columns) in enumerate(loads)
    ]


@pytest.mark.parametrize(
    ("loads", "expected"),
    [
        ([("a_1.csv", {"x": "number"}), ("a_2.csv", {"x": "number"})], {}),
        (
            [("a_1.csv", {"x": "number"}), ("a_2.csv", {"x": "text"})],
            {"l1": ("a_2.csv: 'x' held number and holds text",)},
        ),
        ([("a_1.csv", {"x": "number"}), ("a_2.csv", {"x": "empty"}), ("a_3.csv", {"x": "number"})], {}),
        ([("a_1.csv", {"x": "number"}), ("b_1.csv", {"y": "text"})], {}),
        (
            [("a_1.csv", {"x": "number", "y": "text"}), ("a_2.csv", {"x": "number", "z": "text"})],
            {"l1": ("a_2.csv: new 'z'", "a_2.csv: gone 'y'")},
        ),
        ([("a_1.csv", {}), ("a_2.csv", {"x": "number"})], {}),
    ],
    ids=["the same", "another kind", "empty for once", "another table", "came and went", "unknown before"],
)
def test_drifts(loads: list[tuple[str, dict[str, str]]], expected: dict[str, tuple[str, ...]]) -> None:
    """Each load is compared with the one before it of the same table."""
    assert drifts(_loads(*loads)).get("shop", {}) == expected


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"id": "number", "at": "time", "more": "text"}, None),
        ({"id": "number", "at": "empty"}, None),
        ({"id": "number"}, "has no column 'at'"),
        ({"id": "text", "at": "time"}, "the column 'id' holds text, where the contract of the source says number"),
    ],
)
def test_contract(columns: dict[str, Any], sentence: str | None) -> None:
    """Every field has to be there and of its kind; others are free."""
    contract = Contract(fields={"id": "number", "at": "time"})
    if sentence is None:
        check_contract("a.csv", columns, contract)
    else:
        with pytest.raises(DataError, match=sentence):
            check_contract("a.csv", columns, contract)


SHOP = {
    "vendor": "tabular",
    "files": "*.csv",
    "columns": {"event": "what", "event_at": "at"},
    "identifiers": {"user_id": "who"},
}


def test_drift_is_told_and_recorded(tmp_path: Path) -> None:
    """A column that changes its kind is told once, and stands in `loads`; nothing is coerced."""
    (tmp_path / "a_1.csv").write_text("what,at,who,price\nbuy,2026-01-01T00:00:00Z,u1,5\n")
    sources = {"shop": SHOP}
    assert not load_touchpoints(workspace_in(tmp_path, run_id="one", sources=sources)).notes
    (tmp_path / "a_2.csv").write_text("what,at,who,price,vat\nbuy,2026-01-01T01:00:00Z,u1,five,1\n")
    workspace = workspace_in(tmp_path, run_id="two", now=DAY + timedelta(days=1), sources=sources)
    notes = load_touchpoints(workspace).notes
    assert [note for note in notes if "columns changed" in note] == [
        "sources.shop: the columns changed in a_2.csv: new 'vat'.",
        "sources.shop: the columns changed in a_2.csv: 'price' held number and holds text.",
    ]
    assert not load_touchpoints(workspace).notes
    assert [json.loads(row["columns"])["price"] for row in rows_of(workspace, "loads")].count("text") == 1


def test_a_broken_contract_keeps_the_file_out(tmp_path: Path) -> None:
    """The file that breaks the contract is not loaded and told; the others are."""
    (tmp_path / "a_1.csv").write_text("what,at,who\nbuy,2026-01-01T00:00:00Z,u1\n")
    (tmp_path / "a_2.csv").write_text("what,at,who,price\nbuy,2026-01-01T01:00:00Z,u1,7\n")
    sources = {"shop": SHOP | {"contract": {"fields": {"price": "number"}}}}
    workspace = workspace_in(tmp_path, sources=sources, now=DAY + timedelta(days=1))
    with pytest.raises(DataError, match=r"sources.shop: a_1.csv has no column 'price'"):
        load_touchpoints(workspace)
    assert [row["file"] for row in rows_of(workspace, "loads")] == ["a_2.csv"]
