"""CSV for people: a corpus of cells that spreadsheets would run."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from scoring.activation.people_csv import safe_cell, write_people_csv

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "+1+1",
    "-1+1",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "=cmd|' /C calc'!A0",
    "+491511234567",
]
HARMLESS = ["Ines", "1-2", "a=b", "", "'quoted", "3.5", 'Müller; Söhne, "GmbH"', "line\nbreak"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_formulas_are_texts(cell: str) -> None:
    """A cell that would start a formula starts with an apostrophe instead."""
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [*HARMLESS, -5, 3.5, None, True])
def test_others_stay(cell: object) -> None:
    """Other texts, and numbers of either sign, stay as they are."""
    assert safe_cell(cell) == cell


def test_file_reads_back(tmp_path: Path) -> None:
    """Numbers stay bare numbers, texts are quoted, reasons become one column a sentence."""
    rows = pd.DataFrame(
        {
            "identifier": ["=1+1", "a@example.com"],
            "value": [-0.5, 0.25],
            "snapshot_at": pd.to_datetime(["2026-03-01T00:00:00Z"] * 2),
            "reasons": ['[{"sentence": "No touchpoint for 12 days"}, {"sentence": "+2 calls"}]', "[]"],
        }
    )
    path = tmp_path / "list.csv"
    write_people_csv(rows, path)
    lines = path.read_bytes().decode().split("\r\n")
    assert lines[1] == '"\'=1+1",-0.5,"2026-03-01T00:00:00Z","No touchpoint for 12 days","\'+2 calls",""'
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert found[1] == {
        "identifier": "a@example.com",
        "value": "0.25",
        "snapshot_at": "2026-03-01T00:00:00Z",
        "reason_1": "",
        "reason_2": "",
        "reason_3": "",
    }
