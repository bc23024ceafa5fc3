# ruff: noqa: S608 - the queries are made of constants
"""How fast files become records, and records become tables, beside DuckDB reading and casting the same file by hand.

    python benchmarks/sources.py [--rows 1000000]

The same made-up events are written as CSV, JSON lines and Parquet of a business's own, and as exports of Mixpanel,
Segment, Klaviyo and HubSpot. Each is read by one thread, three times in a process of its own, of which the fastest counts:

- `by hand`: a query of DuckDB that reads the columns, casts times and numbers, and stores them;
- `reader`: the source's reader, whose records have one spelling of everything, problems with their reasons, the row
  as it stood, and no personal data outside identifiers;
- `load`: everything, with all processors, once: also who is meant, what is new, and one commit a table of the lake.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from journeys.config.journey_yaml import JourneyConfig
from journeys.config.project import Project
from journeys.config.sources import Source
from journeys.engine import connect, materialize
from journeys.lake.delta import Lake
from journeys.lake.workspace import Workspace
from journeys.sources.registry import READERS
from journeys.touchpoints.load import load_touchpoints

TIMES = 3
TARGET = {".jsonl": 150_000, ".csv": 500_000, ".parquet": 500_000}
"""Rows a second and core that each kind is to reach, or half of what is reached by hand, whichever is lower."""

_AT = "strftime(event_at, '%Y-%m-%dT%H:%M:%SZ')"
_SECONDS = "epoch(event_at)::BIGINT"

EXPORTS: dict[str, tuple[str, str]] = {
    "tabular.csv": ("tabular", f"SELECT record_id, user_id, event, {_AT} AS event_at, amount, page, plan FROM made"),
    "tabular.jsonl": ("tabular", f"SELECT record_id, user_id, event, {_AT} AS event_at, amount, page, plan FROM made"),
    "tabular.parquet": (
        "tabular",
        "SELECT record_id, user_id, event, event_at::TIMESTAMPTZ AS event_at, amount, page, plan FROM made",
    ),
    "mixpanel.jsonl": (
        "mixpanel",
        f"SELECT event, {{'time': {_SECONDS}, 'distinct_id': user_id, '$insert_id': record_id, 'page': page, 'plan': plan, "
        "'price': amount} AS properties FROM made",
    ),
    "segment.jsonl": (
        "segment",
        f"SELECT 'track' AS type, record_id AS messageId, user_id AS userId, 'a' || user_id AS anonymousId, event, "
        f"{_AT} AS timestamp, {_AT} AS receivedAt, {{'page': page, 'plan': plan, 'revenue': amount}} AS properties FROM made",
    ),
    "klaviyo/event.csv": (
        "klaviyo",
        f"SELECT record_id AS id, {_AT} AS datetime, user_id AS person_id, user_id || '@mail.test' AS person_email, "
        "'Opened Email' AS type, page AS campaign_id, amount AS property_value FROM made",
    ),
    "hubspot/contact.csv": (
        "hubspot",
        f"SELECT user_id || record_id AS id, {_AT} AS property_createdate, user_id || '@mail.test' AS property_email, "
        "plan AS property_lifecyclestage, page AS property_company, false AS _fivetran_deleted FROM made",
    ),
}
"""File to its vendor and the query that writes it."""

_CAST = {
    "event_at": "::TIMESTAMPTZ",
    "timestamp": "::TIMESTAMPTZ",
    "receivedAt": "::TIMESTAMPTZ",
    "datetime": "::TIMESTAMPTZ",
    "property_createdate": "::TIMESTAMPTZ",
    "amount": "::DOUBLE",
    "property_value": "::DOUBLE",
}


def main() -> None:
    """Write the files, measure each in processes of their own, and print one row a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), rows)
        print(
            "| file | by hand, rows/s | reader, rows/s | target | reader to hand | load, rows/s |\n" + "|---" * 6 + "|"
        )
        for name in EXPORTS:
            hand, reader, load = (rows / apart(work, folder, name) for work in (by_hand, read, load_all))
            target = min(TARGET[Path(name).suffix], hand / 2)
            print(
                f"| {name} | {hand:,.0f} | {reader:,.0f} | {target:,.0f} | {hand / reader:.1f} | {load:,.0f} |",
                flush=True,
            )


def write(folder: Path, rows: int) -> None:
    """Write made-up events in the form of every export."""
    connection = duckdb.connect()
    connection.sql("SET TimeZone = 'UTC'")
    connection.sql(
        f"""CREATE TABLE made AS SELECT 'r' || i AS record_id, 'u' || hash(i) % {max(rows // 20, 1)} AS user_id,
        'event ' || hash(i * 7) % 40 AS event, TIMESTAMP '2025-01-01' + INTERVAL (i * 20) SECOND AS event_at,
        CASE WHEN i % 10 = 0 THEN round((hash(i * 3) % 100000) / 100.0, 2) END AS amount,
        'page' || hash(i * 5) % 500 AS page, 'plan ' || hash(i * 11) % 5 AS plan FROM range({rows}) AS g(i)"""
    )
    for name, (_, query) in EXPORTS.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        kind = {".csv": "CSV, HEADER", ".jsonl": "JSON", ".parquet": "PARQUET"}[path.suffix]
        connection.sql(f"COPY ({query}) TO '{path}' (FORMAT {kind})")


def apart(work: Callable[[str, str], float], folder: str, name: str) -> float:
    """Return what `work` returns in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (folder, name))


def by_hand(folder: str, name: str) -> float:
    """Return the seconds in which DuckDB reads and casts a file."""
    path = Path(folder) / name
    connection = duckdb.connect()
    connection.sql("SET threads = 1")
    connection.sql("SET TimeZone = 'UTC'")
    source = {
        ".csv": f"read_csv('{path}', all_varchar = true)",
        ".jsonl": f"read_json('{path}', format = 'newline_delimited')",
        ".parquet": f"read_parquet('{path}')",
    }[path.suffix]
    found = connection.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
    if path.suffix == ".jsonl":
        kinds = ", ".join(f"'{name}': '{'VARCHAR' if name in _CAST else kind}'" for name, kind, *_ in found)
        source = f"read_json('{path}', format = 'newline_delimited', columns = {{{kinds}}})"
    cells = ", ".join(f'"{name}"{_CAST.get(name, "")} AS "{name}"' for name, *_ in found)
    query = f"CREATE OR REPLACE TEMP TABLE made AS SELECT {cells} FROM {source}"
    return fastest(lambda: connection.sql(query))


def read(folder: str, name: str) -> float:
    """Return the seconds in which the source's reader makes records of a file."""
    source = source_of(name)

    def once() -> None:
        with connect(memory="8GB", threads=1) as connection:
            reading = READERS[source.vendor](connection, Path(folder) / name, "made_up", source)
            materialize(connection, reading.records, "records")

    return fastest(once)


def load_all(folder: str, name: str) -> float:
    """Return the seconds in which a file is loaded into an empty lake."""
    config = JourneyConfig.model_validate(
        {
            "project": "speed",
            "sources": {"made_up": source_of(name)},
            "stages": [{"name": "seen", "enters_on": ["*"]}],
            "outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["event 1"]}],
        }
    )
    with tempfile.TemporaryDirectory() as home:
        project = Project(config, Path(folder), Path(folder), Path(home))
        now = datetime(2026, 11, 1, tzinfo=UTC)
        workspace = Workspace(project, Lake(str(project.lake_dir)), now, "run-1", b"speed", memory="8GB")
        start = time.perf_counter()
        load_touchpoints(workspace)
        return time.perf_counter() - start


def source_of(name: str) -> Source:
    """Return the settings of the source that reads a file."""
    vendor, _ = EXPORTS[name]
    given: dict[str, Any] = {"vendor": vendor, "files": name, "category": "product"}
    if vendor == "tabular":
        given["identifiers"] = {"user_id": "user_id"}
        columns = ("record_id", "event", "event_at", "amount")
        given["columns"] = {**{column: column for column in columns}, "properties": ["page", "plan"]}
    return Source.model_validate(given)


def fastest(work: Callable[[], Any]) -> float:
    """Return the seconds of the fastest of some calls."""
    seconds = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    main()
