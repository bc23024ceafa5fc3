"""CSV for people: opened in a spreadsheet, no cell of it runs as a formula."""

import csv
import json
from pathlib import Path

import pandas as pd

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Starts at which spreadsheets see a formula, after the OWASP page on CSV injection, wide forms included."""


def safe_cell(value: object) -> object:
    """Return the cell as it is, or a text that would start a formula with an apostrophe before it.

    Numbers stay numbers, negative ones too.

    >>> safe_cell("=1+1")
    "'=1+1"
    >>> safe_cell(-5)
    -5
    """
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def write_people_csv(rows: pd.DataFrame, path: Path) -> None:
    """Write rows as UTF-8 CSV, texts quoted and formula-safe; reasons become one column a sentence."""
    shown = rows
    if "reasons" in rows:
        sentences = [[reason["sentence"] for reason in json.loads(text or "[]")] for text in rows["reasons"]]
        shown = rows.drop(columns="reasons")
        for place in range(3):
            shown[f"reason_{place + 1}"] = [row[place] if place < len(row) else None for row in sentences]
    shown = shown.copy()
    for name in shown.columns:
        if shown[name].dtype == object:
            shown[name] = shown[name].map(safe_cell)
        elif isinstance(shown[name].dtype, pd.DatetimeTZDtype):
            shown[name] = shown[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    shown.to_csv(path, index=False, quoting=csv.QUOTE_NONNUMERIC, encoding="utf-8", lineterminator="\r\n")
