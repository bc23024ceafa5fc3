"""Drift: columns of a source's files that came, went, or hold another kind of value than before."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from journeys.config.errors import DataError
from journeys.config.sources import Contract
from journeys.sources.columns_told import Kind

_COLUMNS_SHOWN = 6


def check_contract(file: str, columns: Mapping[str, Kind], contract: Contract) -> None:
    """Check that a file has the fields that the contract of its source names, with values of their kind.

    Raises:
        DataError: one sentence for each that is missing or of another kind.
    """
    problems = []
    for name, kind in contract.fields.items():
        if name not in columns:
            problems.append(f"{file} has no column '{name}', which the contract of the source names; ask its owner.")
        elif columns[name] not in {kind, "empty"}:
            problems.append(
                f"{file}: the column '{name}' holds {columns[name]}, where the contract of the source says {kind}; ask its owner."
            )
    if problems:
        raise DataError("\n".join(problems))


def drifts(loads: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return source to load_id to what changed in the columns since the load before it of the same table.

    Args:
        loads: rows of the table `loads` with source, file, load_id, loaded_at and columns.
    """
    last: dict[tuple[str, str], dict[str, Kind]] = {}
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for load in sorted(loads, key=lambda row: (row["loaded_at"], row["file"])):
        columns: dict[str, Kind] = json.loads(load["columns"] or "{}")
        if not columns:
            continue
        table = (load["source"], table_of(load["file"]))
        changes = _changes(last[table], columns) if table in last else ()
        if changes:
            found.setdefault(load["source"], {})[load["load_id"]] = tuple(
                f"{load['file']}: {change}" for change in changes
            )
        # A column without values now keeps the kind that it had.
        before = last.get(table, {})
        last[table] = {name: before.get(name, kind) if kind == "empty" else kind for name, kind in columns.items()}
    return found


def table_of(file: str) -> str:
    """Return a file's name without what counts or dates it: files of one name are parts of one table.

    >>> table_of("shop/orders_2026-01.csv.gz"), table_of("hubspot/contact/0001.parquet")
    ('shop/orders_.csv.gz', 'hubspot/contact/.parquet')
    """
    return re.sub(r"\d[\d\-_:TtZz]*", "", file)


def _changes(before: Mapping[str, Kind], now: Mapping[str, Kind]) -> tuple[str, ...]:
    new = [name for name in now if name not in before]
    gone = [name for name in before if name not in now]
    other = [
        f"'{name}' held {before[name]} and holds {now[name]}"
        for name in now
        if name in before and before[name] != now[name] and "empty" not in {before[name], now[name]}
    ]
    told = [f"new {_listed(new)}"] if new else []
    told += [f"gone {_listed(gone)}"] if gone else []
    return (*told, *other)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:_COLUMNS_SHOWN])
    return shown + (f" and {len(names) - _COLUMNS_SHOWN} more" if len(names) > _COLUMNS_SHOWN else "")
