"""Small simulated businesses, each with people whose personal data must not get out."""

import gzip
import json
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from desirelines.doors import Settings, open_folders
from journeys.config.project import Project
from simulator.truth import write_truth
from simulator.write import write_business

END = datetime(2026, 3, 1, tzinfo=UTC)
KEY = "end-to-end"
"""The key of the identifiers: the same everywhere, so that two homes can be compared."""

PLANTED_EMAILS = ("zoe.planted@inbox.example.org", "q.hidden+box@mail.example.net", "late.caller@post.example.com")
PLANTED_PHONES = ("+49 30 5550199", "+4930555777123", "030/555 01 88")


def make_project(folder: Path, *, customers: int, months: int, **changes: Any) -> Project:
    """Write exports, truth and a journey.yaml with `changes` to its top-level sections; return the project."""
    write_business(folder / "exports", customers=customers, months=months, end=END, seed=11)
    write_truth(folder / "truth", customers=customers, months=months, end=END, seed=11)
    raw = yaml.safe_load(resources.files("simulator").joinpath("journey.yaml").read_text(encoding="utf-8"))
    raw |= {"snapshot_at": END.isoformat(), **changes}
    (folder / "journey.yaml").write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    return open_folders(Settings(project=folder, data=folder / "exports"))


def easy_gates(project: Project) -> dict[str, Any]:
    """Return the targets of a project with gates that a few hundred customers can pass."""
    gate = {"min_positives": 10, "min_negatives": 10, "min_auc_low": 0.1, "max_calibration_error": 0.9}
    return {name: {**target.model_dump(mode="json"), "gate": gate} for name, target in project.config.targets.items()}


def plant_personal_data(folder: Path) -> None:
    """Add to a business's exports what people write where nobody expects it: in texts, properties, broken lines."""
    ticket = json.loads((folder / "exports/zendesk/2026-02.jsonl").read_text().splitlines()[0])
    ticket |= {
        "id": 99_001,
        "description": f"Mail {PLANTED_EMAILS[0]} or ring {PLANTED_PHONES[0]}, at night {PLANTED_PHONES[2]}.",
    }
    ticket["requester"] |= {"email": PLANTED_EMAILS[1], "phone": PLANTED_PHONES[1]}
    call = {
        "type": "track",
        "event": f"Searched {PLANTED_EMAILS[2]}",
        "messageId": "planted-1",
        "userId": "u_planted",
        "properties": {
            "query": PLANTED_EMAILS[0],
            "nested": {"email": PLANTED_EMAILS[1]},
            "callback": PLANTED_PHONES[0],
        },
        "context": {"traits": {"email": PLANTED_EMAILS[2], "phone": PLANTED_PHONES[1]}},
        "timestamp": "2026-02-20T10:00:00Z",
        "receivedAt": "2026-02-20T10:00:01Z",
    }
    broken = json.dumps(call | {"messageId": "planted-2"})[:-40]
    (folder / "exports/zendesk/planted.jsonl").write_text(json.dumps(ticket) + "\n")
    lines = [json.dumps(call | {"messageId": f"planted-{number}"}) for number in range(3, 600)]
    with gzip.open(folder / "exports/segment/planted.jsonl.gz", "wt") as file:
        file.write("\n".join([json.dumps(call), broken, *lines]) + "\n")


def personal_values(folder: Path) -> tuple[set[str], set[str]]:
    """Return all e-mail addresses and phone numbers of a business, the planted ones among them."""
    people = [json.loads(line) for line in (folder / "truth/people.jsonl").read_text().splitlines()]
    return {*PLANTED_EMAILS, *(person["email"] for person in people)}, {
        *PLANTED_PHONES,
        *(person["phone"] for person in people if person["phone"]),
    }
