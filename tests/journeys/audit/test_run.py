"""The audit of a lake."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journeys.audit.run import audit_sources
from journeys.config.errors import DataError
from journeys.identities.customers import build_customers
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.made_up import rows_of, workspace_in

UNTIL = datetime(2026, 3, 1, 12, tzinfo=UTC)
TABLE = {"vendor": "tabular", "columns": {"event": "what", "event_at": "at"}}
SOURCES = {
    "web": {**TABLE, "files": "web.csv", "identifiers": {"anonymous_id": "who"}},
    "shop": {**TABLE, "files": "shop.csv", "identifiers": {"user_id": "who"}, "category": "transaction"},
    "helpdesk": {**TABLE, "files": "helpdesk.csv", "identifiers": {"user_id": "who"}, "category": "support"},
}


def _write(path: Path, event: str, ago: range) -> None:
    rows = [f"{event},{(UNTIL - timedelta(days=day)).isoformat()},u{day % 7}" for day in ago]
    path.write_text("\n".join(["what,at,who", *rows, ""]))


def test_one_source_missing_and_one_stopped(tmp_path: Path) -> None:
    """It says so first; the coverage of the others, their owners, and what to track stand beside."""
    _write(tmp_path / "web.csv", "visit home", range(200))
    _write(tmp_path / "shop.csv", "buy", range(60, 200))
    workspace = workspace_in(tmp_path, now=UNTIL + timedelta(hours=1), sources=SOURCES)
    with pytest.raises(DataError, match="helpdesk"):
        load_touchpoints(workspace)
    build_customers(workspace)
    report = audit_sources(workspace)
    assert report.notes[0].startswith("The source helpdesk (tabular, helpdesk.csv) has never brought anything")
    assert report.notes[1].startswith("The source shop has stopped: nothing since 2025-12-31")
    assert (report.counts["sources_missing"], report.counts["sources_stopped"]) == (1, 1)
    states = {(row["source"], row["category"]): row["state"] for row in rows_of(workspace, "source_coverage")}
    assert states == {
        ("helpdesk", ""): "missing",
        ("shop", "transaction"): "stopped",
        ("web", "website"): "tells",
    }
    named = {row["source"]: row["identified_share"] for row in rows_of(workspace, "source_coverage")}
    assert (named["web"], named["shop"]) == (0.0, 1.0)
    ranks = [row["rank"] for row in sorted(rows_of(workspace, "audit_findings"), key=lambda row: row["rank"])]
    assert ranks == list(range(1, report.counts["findings"] + 1))
    plan = json.loads(Path(report.paths[0]).read_text())
    assert {event["title"]: event["x-status"] for event in plan["$defs"].values()}["buy"] == "stopped"


def test_before_anything_is_loaded(tmp_path: Path) -> None:
    """An empty lake is told as what it is: every source is missing."""
    workspace = workspace_in(tmp_path, now=UNTIL, sources=SOURCES)
    report = audit_sources(workspace)
    assert report.counts["sources_missing"] == 3
    again = audit_sources(workspace)
    assert again.counts == report.counts


def test_amounts_without_a_rate_and_flags_are_told(tmp_path: Path) -> None:
    """Money that counts for nothing, and touchpoints that do not count."""
    (tmp_path / "shop.csv").write_text(
        "what,at,who,amount,currency,page\n"
        "buy,2026-02-01T00:00:00Z,u1,5,USD,\n"
        "visit home,2026-02-01T00:00:00Z,u1,,,a\n"
        "visit home,2026-02-01T00:00:00Z,u1,,,b\n"
    )
    columns = {**TABLE["columns"], "amount": "amount", "currency": "currency", "record_id": "page"}
    sources = {"shop": {**SOURCES["shop"], "columns": columns}}
    workspace = workspace_in(tmp_path, now=UNTIL, sources=sources)
    load_touchpoints(workspace)
    kinds = {
        row["kind"]: row["sentence"] for row in (audit_sources(workspace), rows_of(workspace, "audit_findings"))[1]
    }
    assert kinds["currency"] == "1 amounts in USD have no rate to EUR and count for nothing."
    assert kinds["flagged"].startswith("1 touchpoints are kept and not counted: near_duplicate")
