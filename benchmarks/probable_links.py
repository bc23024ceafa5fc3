"""Precision and recall of probable links, on people whose true identity is known.

    python benchmarks/probable_links.py FOLDER

FOLDER holds `fake_1000.csv` (of splink's data sets) and `febrl3.csv` (of FEBRL). Each row is a record of a CRM with an id
of its own and what it says of the person; it is loaded and resolved by the product's own functions, with its default
threshold. A pair of records is right when both are of one person.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from journeys.config.journey_yaml import parse_config
from journeys.config.project import Project
from journeys.identities.customers import build_customers
from journeys.identities.probable import build_probable_links
from journeys.lake.delta import Lake
from journeys.lake.workspace import Workspace
from journeys.touchpoints.load import load_touchpoints

Row = dict[str, str]


class Score(NamedTuple):
    """How well the links do; `pairs` are those proposed, `true_pairs` those of one person."""

    records: int
    pairs: int
    true_pairs: int
    precision: float
    recall: float
    seconds: float


def fake_1000(path: Path) -> Iterator[tuple[str, str, Row]]:
    """Yield record, person and what is told of each row."""
    names = {
        "given_name": "first_name",
        "family_name": "surname",
        "birth_date": "dob",
        "city": "city",
        "email": "email",
    }
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            yield f"record-{row['unique_id']}", row["cluster"], {kind: row[name] for kind, name in names.items()}


def febrl3(path: Path) -> Iterator[tuple[str, str, Row]]:
    """Yield record, person and what is told of each row; the person stands in the record's id."""
    names = {"given_name": "given_name", "family_name": "surname", "birth_date": "date_of_birth"}
    names |= {"postcode": "postcode", "city": "suburb"}
    with path.open(newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            told = {kind: row[name] for kind, name in names.items()}
            yield (
                row["rec_id"],
                row["rec_id"].split("-")[1],
                {**told, "street": f"{row['street_number']} {row['address_1']}"},
            )


DATA_SETS = {"fake_1000.csv": fake_1000, "febrl3.csv": febrl3}


def measure(rows: list[tuple[str, str, Row]], folder: Path, **settings: Any) -> Score:
    """Load records into a lake in `folder`, search it for probable links, and compare these with the truth."""
    kinds = sorted({kind for _, _, told in rows for kind in told})
    workspace = _workspace(folder, kinds, settings)
    with (folder / "people.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["record", *kinds, "at"])
        writer.writeheader()
        writer.writerows({"record": record, **told, "at": "2026-01-01T00:00:00Z"} for record, _, told in rows)
    started = time.perf_counter()
    load_touchpoints(workspace)
    build_customers(workspace)
    build_probable_links(workspace)
    seconds = time.perf_counter() - started
    record_of = {
        row["identifier_id"]: row["value"]
        for row in workspace.lake.read("identifier_vault").to_pylist()
        if row["type"] == "crm_id"
    }
    records: dict[str, list[str]] = {}
    for row in workspace.lake.read("customers").to_pylist():
        if row["known_to"] is None and row["identifier_id"] in record_of:
            records.setdefault(row["customer_id"], []).append(record_of[row["identifier_id"]])
    person_of = {record: person for record, person, _ in rows}
    links = workspace.lake.read("identity_probable_links").to_pylist()
    found = [
        (one, other)
        for link in links
        for one in records[link["left_customer_id"]]
        for other in records[link["right_customer_id"]]
    ]
    right = sum(person_of[one] == person_of[other] for one, other in found)
    people: dict[str, list[str]] = {}
    for record, person in person_of.items():
        people.setdefault(person, []).append(record)
    true_pairs = sum(len(list(combinations(own, 2))) for own in people.values())
    return Score(len(rows), len(found), true_pairs, right / max(1, len(found)), right / max(1, true_pairs), seconds)


def _workspace(folder: Path, kinds: list[str], probable: dict[str, Any]) -> Workspace:
    raw = {
        "project": "people",
        "sources": {
            "crm": {
                "vendor": "tabular",
                "files": "people.csv",
                "columns": {"event": "record", "event_at": "at", "record_id": "record"},
                "identifiers": {"crm_id": "record", **{kind: kind for kind in kinds}},
            }
        },
        # A CRM that holds people twice: two of its ids may be of one person. None is joined otherwise, so that the links
        # alone are measured.
        "identities": {
            "types": {"crm_id": {"priority": 2, "limit": 1}},
            "probable": {"is_on": True, **probable},
        },
        "stages": [{"name": "known", "enters_on": ["*"]}],
        "outcomes": [{"name": "known", "kind": "positive", "touchpoints": ["none"]}],
    }
    project = Project(parse_config(raw), folder, folder, folder / "home")
    now = datetime(2026, 2, 1, tzinfo=UTC)
    return Workspace(project, Lake(str(project.lake_dir)), now, "benchmark", b"benchmark", memory="2GB")


def main() -> None:
    """Print the scores."""
    print("| data | records | true pairs | pairs found | precision | recall | seconds |\n|---|---|---|---|---|---|---|")
    for name, read in DATA_SETS.items():
        with tempfile.TemporaryDirectory() as folder:
            score = measure(list(read(Path(sys.argv[1]) / name)), Path(folder))
        print(
            f"| {name} | {score.records:,} | {score.true_pairs:,} | {score.pairs:,} | {score.precision:.4f} | "
            f"{score.recall:.4f} | {score.seconds:.1f} |"
        )


if __name__ == "__main__":
    main()
