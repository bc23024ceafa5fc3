"""A made-up business: its configuration, and touchpoints, identifiers and links put straight into a lake."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from journeys.config.journey_yaml import JourneyConfig, parse_config
from journeys.config.project import Project
from journeys.lake.delta import Lake
from journeys.lake.workspace import Workspace

START = datetime(2026, 1, 1, tzinfo=UTC)

RAW: dict[str, Any] = {
    "project": "made_up",
    "sources": {
        "web": {"vendor": "segment", "files": "*.jsonl", "channel": "website"},
        "desk": {"vendor": "zendesk", "files": "*.json", "channel": "helpdesk", "category": "support"},
    },
    "stages": [
        {"name": "look", "enters_on": ["visit*"]},
        {"name": "try", "enters_on": ["trial", "visit pricing"]},
        {"name": "use", "enters_on": ["use*", "buy"]},
    ],
    "outcomes": [
        {"name": "bought", "kind": "positive", "touchpoints": ["buy"]},
        {"name": "cancelled", "kind": "negative", "touchpoints": ["cancel*"]},
        {"name": "praised", "kind": "positive", "touchpoints": ["praise"], "ends_journey": False},
    ],
    "journeys": {
        "gap": "10d",
        "goals": [{"name": "purchase"}, {"name": "loyalty", "follows": ["bought"], "first_stage": "use"}],
    },
}

CATEGORY_OF = {"visit": "website", "use": "product", "mail": "communication", "ticket": "support", "buy": "transaction"}


def config_of(**sections: Any) -> JourneyConfig:
    """Return the business's configuration with sections replaced; those of `journeys` are merged."""
    rules = RAW["journeys"] | sections.pop("journeys", {})
    return parse_config({**RAW, "journeys": rules, **sections})


def identifier(name: str) -> str:
    """Return the identifier_id of a made-up name: 32 hexadecimal digits."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def customer(name: str) -> str:
    """Return the customer whom the identifier of that name founds."""
    return f"c_{identifier(name)[:24]}"


@dataclass(frozen=True)
class Touch:
    """One touchpoint: whose (an identifier's name), what, so many hours after START; known `lag` hours later."""

    who: str
    what: str
    hours: float
    lag: float = 0.0
    source: str = "web"
    case: str | None = None
    amount: float | None = None
    score: float | None = None
    channel: str = "website"
    category: str | None = None
    position: int = 0
    key: str = field(default="", compare=False)

    @property
    def id(self) -> str:
        """The touchpoint_id, which follows from everything else unless `key` says it."""
        return identifier(self.key or repr(self))

    @property
    def event_at(self) -> datetime:
        """When it happened."""
        return START + timedelta(hours=self.hours)

    @property
    def known_at(self) -> datetime:
        """When it could be known."""
        return self.event_at + timedelta(hours=self.lag)

    def row(self, load_id: str = "l1", loaded_at: datetime = START) -> dict[str, Any]:
        """Return the row of `touchpoints`."""
        return {
            "touchpoint_id": self.id,
            "source": self.source,
            "source_record_id": self.id,
            "source_position": self.position,
            "event_at": self.event_at,
            "known_at": self.known_at,
            "channel": self.channel,
            "category": self.category or CATEGORY_OF.get(self.what.split()[0], "website"),
            "touchpoint": self.what,
            "amount": self.amount,
            "score": self.score,
            "identifier_ids": [identifier(self.who)],
            "case_id": self.case,
            "loaded_at": loaded_at,
            "load_id": load_id,
        }


@dataclass(frozen=True)
class Link:
    """Two identifiers (names) seen in one record, so many hours after START."""

    left: str
    right: str
    hours: float
    left_type: str = "user_id"
    right_type: str = "email"
    count: int = 1

    def row(self, load_id: str = "l1") -> dict[str, Any]:
        """Return the row of `identifier_links`."""
        return {
            "left_identifier_id": identifier(self.left),
            "right_identifier_id": identifier(self.right),
            "left_type": self.left_type,
            "right_type": self.right_type,
            "source": "web",
            "known_at": START + timedelta(hours=self.hours),
            "last_known_at": START + timedelta(hours=self.hours),
            "count_records": self.count,
            "load_id": load_id,
        }


def workspace_in(folder: Path, *, now: datetime = START, run_id: str = "run", **sections: Any) -> Workspace:
    """Return a workspace of the business in `folder`."""
    project = Project(config_of(**sections), folder, folder, folder / "home")
    return Workspace(project, Lake(str(project.lake_dir)), now, run_id, b"key", memory="500MB")


def load(
    workspace: Workspace,
    touches: Sequence[Touch],
    *,
    links: Sequence[Link] = (),
    load_id: str = "l1",
    loaded_at: datetime = START,
) -> None:
    """Put touchpoints, their identifiers and links into the lake as one load."""
    types = {link.right: link.right_type for link in links} | {link.left: link.left_type for link in links}
    first: dict[str, datetime] = {}
    for touch in touches:
        first[touch.who] = min(first.get(touch.who, touch.known_at), touch.known_at)
    for link in links:
        at = START + timedelta(hours=link.hours)
        for name in (link.left, link.right):
            first[name] = min(first.get(name, at), at)
    vault = [
        {
            "identifier_id": identifier(name),
            "type": types.get(name, "anonymous_id"),
            "value": name,
            "known_at": at,
            "load_id": load_id,
        }
        for name, at in first.items()
    ]
    put(workspace, "touchpoints", [touch.row(load_id, loaded_at) for touch in touches], load_id=load_id)
    put(workspace, "identifier_vault", vault, load_id=load_id)
    put(workspace, "identifier_links", [link.row(load_id) for link in links], load_id=load_id)


def put(workspace: Workspace, name: str, rows: list[dict[str, Any]], *, load_id: str | None = None) -> None:
    """Replace a table of the lake, or one load's part of it."""
    data = pa.Table.from_pylist(rows, schema=workspace.lake.table(name).schema)
    where = None if load_id is None else {"load_id": [load_id]}
    workspace.lake.replace(name, data, run_id=workspace.run_id, where=where)


def rows_of(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    """Return a table's rows in the order of its key."""
    declared = workspace.lake.table(name)
    rows: list[dict[str, Any]] = (
        workspace.lake.read(name).sort_by([(key, "ascending") for key in declared.key]).to_pylist()
    )
    return rows
