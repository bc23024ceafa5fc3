"""How long it takes to say who is who from many links, and how much memory.

    python benchmarks/identifier_links.py [--links 100000000] [--memory 5GB]

Made-up identifiers and links are written as tables of a lake (not timed). Measured are reading and numbering them,
finding the shared ones, and joining all into customers with their history, in a process of its own; beside it
`scipy.sparse.csgraph.connected_components` on links that are numbered already, which knows neither rules nor time.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from deltalake import write_deltalake
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from journeys.config.identifiers import Identities
from journeys.engine import connect
from journeys.identities.graph import as_nodes, drop, first_sights, number_identifiers, number_links
from journeys.identities.resolve import resolve
from journeys.identities.shared import followed_edges
from journeys.identities.tables import kept
from journeys.lake.delta import Lake
from journeys.lake.tables import TABLES

COOKIES = 3
"""Links of a person: so many cookies with the address, and the telephone."""

CHUNK = 1_000_000
"""Persons written at once."""


def main() -> None:
    """Write the tables, then measure in another process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--links", type=int, default=100_000_000)
    parser.add_argument("--memory", default="5GB", help="most that the engine holds before it spills")
    parser.add_argument("--measure", type=Path, help="folder of a lake that is written already")
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.measure, asked.memory)
        return
    with tempfile.TemporaryDirectory() as folder:
        persons = asked.links // (COOKIES + 1)
        write(Path(folder), persons)
        command = [sys.executable, __file__, "--measure", folder, "--memory", asked.memory]
        subprocess.run(command, check=True)
        print(json.dumps(components(persons)))


def write(folder: Path, persons: int) -> None:
    """Write `identifier_vault` and `identifier_links`: every fiftieth first cookie is that of the person before, too."""
    for number, start in enumerate(range(0, persons, CHUNK)):
        stop = min(start + CHUNK, persons)
        with connect(memory="2GB") as connection:
            for name, query in (("identifier_vault", _VAULT), ("identifier_links", _LINKS)):
                ats = {"at_person": _AT.format("p"), "at_link": _AT.format("kind || p")}
                sql = query.format(start=start, stop=stop, load=number, **ats)
                rows = connection.con.sql(sql).to_arrow_table().cast(TABLES[name].schema)
                write_deltalake(str(folder / name), rows, mode="append", partition_by=["load_id"])


_AT = "TIMESTAMPTZ '2025-01-01 00:00:00+00' + INTERVAL (hash({}) % 31000000) SECOND"
_VAULT = """
    SELECT md5(kind || p) AS identifier_id, CASE WHEN kind[1] = 'c' THEN 'anonymous_id' ELSE kind END AS type, NULL AS value,
        'web' AS source, {at_person} AS known_at, 'l{load}' AS load_id
    FROM range({start}, {stop}) AS t(p), (SELECT unnest(['email', 'phone', 'c0', 'c1', 'c2'])) AS k(kind)"""
_LINKS = """
    SELECT md5('email' || p) AS left_identifier_id,
        md5(kind || CASE WHEN kind = 'c0' AND p % 50 = 1 THEN p - 1 ELSE p END) AS right_identifier_id, 'email' AS left_type,
        CASE WHEN kind[1] = 'c' THEN 'anonymous_id' ELSE kind END AS right_type, 'web' AS source,
        {at_link} AS known_at, {at_link} AS last_known_at,
        1 + hash(p) % 9 AS count_records, 'l{load}' AS load_id
    FROM range({start}, {stop}) AS t(p), (SELECT unnest(['phone', 'c0', 'c1', 'c2'])) AS k(kind)"""


def measure(folder: Path, memory: str) -> None:
    """Print the seconds of each part and the peak of this process's memory."""
    lake, rules = Lake(str(folder)), Identities()
    seconds: dict[str, float] = {}
    started = time.perf_counter()

    def done(part: str) -> None:
        nonlocal started
        seconds[part] = round(time.perf_counter() - started, 1)
        started = time.perf_counter()

    with connect(memory=memory) as connection:
        vault = lake.scan(connection, "identifier_vault").select("identifier_id", "type", "known_at")
        identifiers = number_identifiers(connection, vault)
        done("number the identifiers")
        links = number_links(connection, identifiers, lake.scan(connection, "identifier_links"), rules)
        done("number the links")
        followed = followed_edges(connection, links, first_sights(connection, links), rules)
        done("find the shared ones")
        nodes = as_nodes(connection, identifiers)
        drop(connection, links)
        found = kept(connection, resolve(nodes, followed.edges, [], rules))
        done("join")
        changes = found["changes"]
        last = changes.group_by("node").agg(customer=changes.customer.argmax(changes.place))
        moved = connection.to_pyarrow(last.aggregate(count=last.count(), customers=last.customer.nunique())).to_pylist()
    print(
        json.dumps(
            {
                "identifiers": len(nodes),
                "links": len(followed.edges) + len(followed.dropped),
                "identifiers_joined": moved[0]["count"],
                "seconds": seconds,
                "total_seconds": round(sum(seconds.values()), 1),
                "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
            }
        )
    )


def components(persons: int) -> dict[str, float]:
    """Return how long connected components take on the same links, numbered already."""
    email = np.arange(persons, dtype=np.int32) * (COOKIES + 2)
    left = np.repeat(email, COOKIES + 1)
    right = left + np.tile(np.arange(1, COOKIES + 2, dtype=np.int32), persons)
    started = time.perf_counter()
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(persons * (COOKIES + 2),) * 2)
    count = connected_components(graph, directed=False)[0]
    return {"connected_components_seconds": round(time.perf_counter() - started, 1), "components": int(count)}


if __name__ == "__main__":
    main()
