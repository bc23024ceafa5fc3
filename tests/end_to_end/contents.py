"""The contents of a lake, for comparing two runs."""

import json
from pathlib import Path

from journeys.engine import connect
from journeys.lake.delta import Lake

AUDIT_COLUMNS = {"loaded_at", "found_at", "run_id", "scored_at", "assigned_at", "noted_at"}
"""When and by which run a row was written: what two runs may differ in."""


def lake_contents(folder: Path) -> dict[str, list[str]]:
    """Return each table's rows as sorted texts, without audit columns; `runs` is all audit and left out."""
    found = {}
    with connect(memory="1GB") as connection:
        for path in sorted(folder.iterdir()):
            if path.name == "runs":
                continue
            rows = Lake(str(folder), tables={}).scan_stored(connection, path.name).to_pyarrow()
            kept = rows.select(sorted(set(rows.column_names) - AUDIT_COLUMNS)).to_pylist()
            found[path.name] = sorted(json.dumps(row, sort_keys=True, default=str) for row in kept)
    return found
