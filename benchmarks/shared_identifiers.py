"""Who is who where computers, kiosks and telephones are shared: the product beside joining all that was seen together.

    python benchmarks/shared_identifiers.py [--people 200000] [--seed 1]

A simulated world (simulator/shared_identifiers.py) is loaded and resolved by the product's own commands'
functions; its customers are compared with the truth. The ceiling joins what can be known: everything of a person
that was ever seen with the person's address.
"""

import argparse
import os
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from journeys.config.journey_yaml import parse_config
from journeys.config.project import Project
from journeys.engine import connect
from journeys.identities.customers import build_customers, current_customers, owned_touchpoints
from journeys.identities.scan import scan_touchpoints
from journeys.lake.delta import Lake
from journeys.lake.workspace import Workspace
from journeys.touchpoints.identifiers import identifier_id
from journeys.touchpoints.load import load_touchpoints
from simulator.identity_scores import b_cubed, pair_scores
from simulator.shared_identifiers import NOBODY, Size, write_shared_identifiers

KEY = b"benchmark"
CONFIG = {
    "project": "shared",
    "currency": "EUR",
    "time_zone": "UTC",
    "sources": {
        "web": {
            "vendor": "tabular",
            "files": "web/*.parquet",
            "columns": {"event": "event", "event_at": "at", "record_id": "visit_id"},
            "identifiers": {"email": "email", "anonymous_id": "cookie"},
        },
        "crm": {
            "vendor": "tabular",
            "files": "crm/*.parquet",
            "columns": {"event": "event", "event_at": "at"},
            "identifiers": {"email": "email", "phone": "phone"},
        },
    },
    "stages": [{"name": "seen", "enters_on": ["*"]}],
    "outcomes": [{"name": "known", "kind": "positive", "touchpoints": ["Logged in"]}],
}


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), people=asked.people, seed=asked.seed)


def run(folder: Path, *, people: int, seed: int) -> dict[str, float]:
    """Write a world into `folder`, resolve it, print the scores and return the product's."""
    write_shared_identifiers(folder / "data", folder / "truth", size=Size().scaled(people), seed=seed)
    project = Project(parse_config(CONFIG), folder, folder / "data", folder / "home")
    workspace = Workspace(
        project, Lake(str(project.lake_dir)), datetime(2026, 2, 1, tzinfo=UTC), "benchmark", KEY, memory="4GB"
    )
    seconds = {}
    started = time.perf_counter()
    load_touchpoints(workspace)
    seconds["load"] = time.perf_counter() - started
    started = time.perf_counter()
    report = build_customers(workspace)
    seconds["resolve"] = time.perf_counter() - started
    truth = pq.read_table(folder / "truth" / "identifiers.parquet").to_pandas()
    truth["identifier_id"] = [
        identifier_id(KEY, kind, value) for kind, value in zip(truth["type"], truth["value"], strict=True)
    ]
    links = workspace.lake.read("identifier_links").to_pandas()
    with connect(memory="4GB") as connection:
        customers = workspace.lake.scan(connection, "customers")
        current = current_customers(customers).execute()
        owned = owned_touchpoints(scan_touchpoints(workspace, connection, {}), customers)
        visits = owned.select("source_record_id", "customer_id").execute()
    frame = truth.merge(current, on="identifier_id")
    person = np.where(frame["person"] == NOBODY, -1 - np.arange(len(frame)), frame["person"])
    rows = {
        "everything seen together (scipy)": _joined(frame, links),
        "the product": pd.factorize(frame["customer_id"])[0],
        "ceiling: all that can be known": _ceiling(frame, links, person),
    }
    print(f"{people:,} people, {len(frame):,} identifiers, {len(links):,} links, seed {seed}; {report.counts}")
    print("| | precision | recall | F1 | B3 precision | B3 recall | largest |\n|---|---|---|---|---|---|---|")
    scores = {}
    for name, found in rows.items():
        scores[name] = pair_scores(person, found)
        exact, complete = b_cubed(person, found)
        own = scores[name]
        print(
            f"| {name} | {own.precision:.4f} | {own.recall:.4f} | {own.f1:.4f} | {exact:.4f} | {complete:.4f} | {own.largest:,} |"
        )
    mine, ceiling = scores["the product"], scores["ceiling: all that can be known"]
    owners = _owner_shares(folder, visits, frame)
    print(f"F1 over the ceiling's: {mine.f1 / ceiling.f1:.4f}")
    for name, (share, count) in owners.items():
        print(f"{name}: {share:.4f} of {count:,}")
    print(
        "; ".join(f"{name} {taken:.1f} s" for name, taken in seconds.items()),
        f"; peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB; process {os.getpid()}",
    )
    return {
        "precision": mine.precision,
        "f1_share": mine.f1 / ceiling.f1,
        "largest": mine.largest,
        **{name: share for name, (share, _) in owners.items()},
    }


def _joined(frame: pd.DataFrame, links: pd.DataFrame) -> np.ndarray:
    place = pd.Series(np.arange(len(frame)), index=frame["identifier_id"])
    left, right = (place.reindex(links[f"{side}_identifier_id"]).to_numpy() for side in ("left", "right"))
    graph = coo_array((np.ones(len(links)), (left, right)), shape=(len(frame), len(frame)))
    return connected_components(graph, directed=False)[1]


def _ceiling(frame: pd.DataFrame, links: pd.DataFrame, person: np.ndarray) -> np.ndarray:
    owner = pd.Series(person, index=frame["identifier_id"])
    true = links[
        owner.reindex(links["left_identifier_id"]).to_numpy() == owner.reindex(links["right_identifier_id"]).to_numpy()
    ]
    return _joined(frame, true)


def _owner_shares(folder: Path, visits: pd.DataFrame, frame: pd.DataFrame) -> dict[str, tuple[float, int]]:
    """Return, of visits that were given to somebody who has a name, the share given to the right one."""
    truth = pq.read_table(folder / "truth" / "visits.parquet").to_pandas()
    emails = frame[frame["type"] == "email"]
    person_of = emails.drop_duplicates("customer_id").set_index("customer_id")["person"]
    both = truth.merge(visits, left_on="visit_id", right_on="source_record_id")
    both["found"] = person_of.reindex(both["customer_id"]).to_numpy()
    given = both[both["found"].notna()]
    quiet = given[given["is_on_shared"] & ~given["is_named"]]
    return {
        "visits given to the right person": (float((given["found"] == given["person"]).mean()), len(given)),
        "visits without a name on shared computers, given to the right person": (
            float((quiet["found"] == quiet["person"]).mean()),
            len(quiet),
        ),
        "visits without a name on shared computers that were given to somebody": (
            len(quiet) / max(1, int((both["is_on_shared"] & ~both["is_named"]).sum())),
            len(quiet),
        ),
    }


if __name__ == "__main__":
    main()
