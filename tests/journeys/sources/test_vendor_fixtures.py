"""Tables of fourteen vendors as a warehouse loader lands them: every row is accounted for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from journeys.config.journey_yaml import parse_config
from journeys.config.project import Project
from journeys.lake.delta import Lake
from journeys.lake.workspace import StepReport, Workspace
from journeys.touchpoints.load import load_touchpoints

FIXTURES = Path(__file__).parents[3] / "../shared/data/vendor_fixtures"
NEEDED = pytest.mark.skipif(not FIXTURES.exists(), reason="needs ../shared/data/vendor_fixtures")

# Folder, vendor, files that hold a supported table, rows, touchpoints.
FOLDERS = [
    ("fivetran_amplitude", "amplitude", 1, 10),
    ("fivetran_ga4_export", "ga4", 1, 6),
    ("fivetran_hubspot", "hubspot", 28, 863),
    ("fivetran_intercom", "intercom", 6, 54),
    ("fivetran_iterable", "iterable", 4, 20),
    ("fivetran_klaviyo", "klaviyo", 3, 10),
    ("fivetran_mailchimp", "mailchimp", 4, 35),
    ("fivetran_marketo", "marketo", 10, 931),
    ("fivetran_mixpanel", "mixpanel", 1, 5),
    ("fivetran_pendo", "pendo", 6, 28),
    ("fivetran_qualtrics", "qualtrics", 6, 26),
    ("fivetran_salesforce", "salesforce", 10, 79),
    ("fivetran_stripe", "stripe", 7, 50),
    ("fivetran_zendesk", "zendesk", 6, 98),
]


def _load(home: Path, folder: str, vendor: str, run_id: str) -> tuple[Workspace, StepReport]:
    raw = {
        "project": "fixtures",
        "sources": {vendor: {"vendor": vendor, "files": f"{folder}/*.csv", "max_reject_share": 1.0}},
        "stages": [{"name": "any"}],
        "outcomes": [{"name": "any", "kind": "positive", "touchpoints": ["*"]}],
    }
    project = Project(parse_config(raw), FIXTURES, FIXTURES, home)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    workspace = Workspace(project, Lake(str(project.lake_dir)), now, run_id, b"key", memory="1GB")
    return workspace, load_touchpoints(workspace)


@NEEDED
@pytest.mark.parametrize(("folder", "vendor", "count_files", "count_rows"), FOLDERS)
def test_every_row_is_accounted_for(
    tmp_path: Path, folder: str, vendor: str, count_files: int, count_rows: int
) -> None:
    """Each row is a touchpoint, a link, an attribute or in quarantine; a second load changes nothing.

    Touchpoints have their key, an instant and their source; tables of which nothing is read are named.
    """
    workspace, report = _load(tmp_path, folder, vendor, "first")
    loads = workspace.lake.read("loads").to_pylist()
    assert (len(loads), report.counts["rows_read"]) == (count_files, count_rows)
    for row in loads:
        parts = ("count_rows_loaded", "count_rows_duplicate", "count_rows_quarantined")
        assert row["count_rows_read"] == sum(row[name] for name in parts)
    assert len(report.notes) == report.counts["files"] - count_files
    assert all("holds no table that is read" in note for note in report.notes)
    touchpoints = workspace.lake.read("touchpoints").to_pylist()
    assert all(row["touchpoint_id"] and row["event_at"] and row["source"] == vendor for row in touchpoints)
    assert all(row["reason"] and row["rule"] for row in workspace.lake.read("quarantine").to_pylist())
    before = {name: workspace.lake.read(name).num_rows for name in report.written}
    workspace, again = _load(tmp_path, folder, vendor, "second")
    assert again.counts["rows_read"] == 0
    assert {name: workspace.lake.read(name).num_rows for name in before} == before
