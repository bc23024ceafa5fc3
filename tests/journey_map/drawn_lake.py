"""A lake with a small business on it: enough of every table that the map reads."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from journeys.config.journey_yaml import JourneyConfig, parse_config
from journeys.config.project import Project
from journeys.engine import connect, materialize
from journeys.insights.compute import compute_insights
from journeys.lake.delta import Lake
from journeys.lake.workspace import Workspace, snapshot_key
from tests.journeys.insights.drawn import NOON, Drawn, rows_of, tables_of

SNAPSHOT = NOON + timedelta(days=3)
DRAWN = datetime(2026, 2, 4, 3, tzinfo=UTC)
SCRIPT = "<script>alert('x')</script>"

CONFIG = parse_config(
    {
        "project": "corner_shop",
        "time_zone": "Europe/Berlin",
        "sources": {"events": {"vendor": "segment", "files": "*.jsonl"}},
        "stages": [{"name": name, "enters_on": [on]} for name, on in (("first", "a"), ("second", "b"), ("third", "c"))],
        "outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["c"]}],
        "journeys": {"steps": ["a", "b", "c"]},
        "segments": [{"name": "plan", "attribute": "plan"}],
        "targets": {"buys": {"outcome": "bought", "kind": "conversion"}},
    }
)


def shop() -> list[Drawn]:
    """40 leave at a (9 of them by a touchpoint with a hostile name), 20 at b, 40 buy for 50 each, 3 are open."""
    left_a = [Drawn(f"who-a{n}", [("a", 0), (SCRIPT, 1)] if n < 9 else [("a", 0)]) for n in range(40)]
    left_b = [Drawn(f"who-b{n}", [("a", 0), (SCRIPT, 1), ("b", 2)]) for n in range(20)]
    bought = [Drawn(f"who-c{n}", [("a", 0), ("b", 1), ("c", 2)], "positive", 50.0, "bought") for n in range(40)]
    return [*left_a, *left_b, *bought, *(Drawn(f"who-o{n}", [("a", 0)], "open") for n in range(3))]


def make_workspace(folder: Path, config: JourneyConfig = CONFIG) -> Workspace:
    """Return a workspace with an empty lake in `folder`."""
    project = Project(config, folder, folder, folder)
    return Workspace(project, Lake(str(project.lake_dir)), DRAWN, "run-7", b"key", memory="500MB")


def fill(workspace: Workspace, drawn: list[Drawn] | None = None) -> Workspace:
    """Write insights, journeys, loads, scores, lists and decisions of `drawn` (the shop) into the lake."""
    drawn = shop() if drawn is None else drawn
    customers = sorted({journey.customer for journey in drawn})
    with connect(memory="500MB") as connection:
        steps, journeys, attributes = tables_of(connection, drawn, dict.fromkeys(customers[:50], "pro"))
        said = materialize(connection, ibis.memtable(pa.Table.from_pylist(_said(drawn), schema=_SAID)), "said")
        found = compute_insights(steps, journeys, attributes, workspace.project.config, said, snapshot_at=SNAPSHOT)
    for name, table in found.items():
        workspace.lake.replace(name, table, run_id="insights")
    step_rows, journey_rows = rows_of(drawn)
    keyed = [{**row, "touchpoint_id": f"t{number}"} for number, row in enumerate(step_rows)]
    _write(workspace, "journey_steps", keyed)
    _write(workspace, "journeys", journey_rows)
    at = {"snapshot_at": SNAPSHOT, "snapshot_key": snapshot_key(SNAPSHOT)}
    score = {"target": "buys", "model_version": "3", "score_basis": "model", **at}
    tiers = ["high"] * 4 + ["medium"] * 20 + ["low"] * len(customers)
    _write(
        workspace,
        "scores",
        [{"customer_id": c, "tier": tier, **score} for c, tier in zip(customers, tiers, strict=False)],
    )
    amount = {"value_at_risk_amount": 12.5}
    _write(workspace, "hot_leads", [{"customer_id": c, "target": "buys", **amount, **at} for c in customers[:12]])
    _write(workspace, "at_risk", [{"customer_id": c, "target": "leaves", **amount, **at} for c in customers[:4]])
    decided = [("call", "phone", "treated")] * 15 + [("call", "phone", "holdout")] * 3 + [(None, None, "none")] * 11
    _write(
        workspace,
        "decisions",
        [
            {"decision_id": f"d{n}", "customer_id": c, "action": action, "channel": channel, "arm": arm, **at}
            for n, (c, (action, channel, arm)) in enumerate(zip(customers, decided, strict=False))
        ],
    )
    loaded = {"load_id": "l1", "source": "events", "last_known_at": NOON, "loaded_at": DRAWN, "count_touchpoints": 223}
    _write(workspace, "loads", [loaded])
    covered = {"source": "events", "category": "website", "state": "stopped", "count_touchpoints": 223}
    covered |= {"count_touchpoints_30d": 0, "last_at": NOON, "silent_days": 9, "identified_share": 0.25}
    missing = {
        "source": "support",
        "category": "",
        "state": "missing",
        "count_touchpoints": 0,
        "count_touchpoints_30d": 0,
    }
    _write(workspace, "source_coverage", [covered, missing])
    finding = {"finding_id": "missing_source:support", "rank": 1, "kind": "missing_source", "subject": "support"}
    finding |= {
        "count_customers_30d": 103,
        "sentence": f"The source support has never brought {SCRIPT}.",
        "advice": "Look.",
    }
    _write(workspace, "audit_findings", [finding])
    read = {
        "count_texts": 120,
        "count_customers": 90,
        "count_different_texts": 110,
        "count_labels": 60,
        "count_topics": 0,
    }
    read |= {"auc_negative": 0.8, "auc_negative_low": 0.7, "auc_negative_high": 0.9}
    few = {"count_texts": 4, "count_customers": 4, "count_different_texts": 4, "count_labels": 0, "count_topics": 0}
    _write(
        workspace,
        "insight_texts",
        [
            {"language": "en", "sentiment_basis": "lexicon_and_head", **read},
            {"language": "tr", "sentiment_basis": "language_not_supported", **few},
        ],
    )
    return workspace


_SAID = pa.schema({"touchpoint_id": pa.string(), "kind": pa.string(), "value": pa.float64()})
_MOODS = {"a": ("inferred", 0.3), SCRIPT: ("inferred", -0.7), "b": ("stated", 0.1), "c": ("stated", 0.6)}


def _said(drawn: list[Drawn]) -> list[dict[str, Any]]:
    """Return what was said: texts at a and at the hostile touchpoint, ratings at b and c; one in three says it otherwise."""
    names = [name for journey in drawn for name, _ in journey.path]
    rows = []
    for number, name in enumerate(names):
        kind, mood = _MOODS[name]
        rows.append({"touchpoint_id": f"t{number}", "kind": kind, "value": mood + (0.2 if number % 3 else -0.1)})
    return rows


def _write(workspace: Workspace, name: str, rows: list[dict[str, Any]]) -> None:
    schema = workspace.lake.table(name).schema
    full = [{column: row.get(column, _default(name, column)) for column in schema.names} for row in rows]
    workspace.lake.replace(name, pa.Table.from_pylist(full, schema=schema), run_id="drawn")


def _default(name: str, column: str) -> Any:
    return 0 if name in {"journeys", "journey_steps"} and column == "customer_bucket" else None
