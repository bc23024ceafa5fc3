import json
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from journeys.config.errors import DataError
from journeys.config.journey_yaml import parse_config
from journeys.config.project import Project
from journeys.lake.delta import Lake
from journeys.lake.workspace import (
    StepReport,
    Workspace,
    lock_hash,
    read_identifier_key,
    record_run,
    snapshot_key,
)
from tests.journeys.config.drawn import SHOP

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(parse_config(SHOP), tmp_path, tmp_path, tmp_path / "home")


def test_the_key_is_made_once(project: Project) -> None:
    """The first use makes a key that only its owner may read; every later use finds the same."""
    first = read_identifier_key(project, {})
    assert len(bytes.fromhex(first.decode())) == 32
    assert read_identifier_key(project, {"DESIRELINES_IDENTIFIER_KEY": ""}) == first
    assert stat.S_IMODE(project.key_file.stat().st_mode) == 0o600


def test_two_projects_have_two_keys(project: Project, tmp_path: Path) -> None:
    """Keys are drawn, so that no project can try out the identifiers of another."""
    other = Project(project.config, tmp_path, tmp_path, tmp_path / "other")
    assert read_identifier_key(project, {}) != read_identifier_key(other, {})


def test_the_key_of_the_environment_comes_first(project: Project) -> None:
    """A key that the environment gives is used, and no file is made."""
    assert read_identifier_key(project, {"DESIRELINES_IDENTIFIER_KEY": "given"}) == b"given"
    assert not project.home.exists()


def test_an_unwritable_home_is_one_sentence(project: Project) -> None:
    """A home that cannot be written says where and what to do."""
    project.home.write_text("a file is in the way")
    with pytest.raises(DataError) as raised:
        read_identifier_key(project, {})
    assert str(raised.value) == (
        f"Cannot write {project.key_file} (File exists); make the folder writable or choose another --home."
    )


@pytest.mark.parametrize(
    ("at", "key"),
    [
        (NOW, "20260301T020000Z"),
        (NOW.astimezone(timezone(timedelta(hours=5, minutes=30))), "20260301T020000Z"),
        (NOW.replace(microsecond=40), "20260301T020000.000040Z"),
    ],
)
def test_snapshot_key(at: datetime, key: str) -> None:
    """The same instant has the same key in every zone; other instants have others."""
    assert snapshot_key(at) == key


def test_a_snapshot_needs_a_zone() -> None:
    """An instant without a zone is refused with how to write one."""
    with pytest.raises(DataError) as raised:
        snapshot_key(datetime(2026, 3, 1, 2))  # noqa: DTZ001 - the mistake under test
    assert str(raised.value) == (
        "The snapshot 2026-03-01T02:00:00 has no time zone; write it as in 2026-03-01T02:00:00Z."
    )


def test_lock_hash(tmp_path: Path) -> None:
    """The hash follows the lock file; without one the code runs unlocked."""
    assert lock_hash(tmp_path) == "unlocked"
    hashes = []
    for content in ("a==1", "a==2"):
        (tmp_path / "requirements.lock").write_text(content)
        hashes.append(lock_hash(tmp_path))
    assert hashes[0] != hashes[1]
    assert [len(value) for value in hashes] == [12, 12]


def test_record_run(project: Project) -> None:
    """A run is one row with the versions and counts of its steps; the next run stands beside it, the same run once."""
    lake = Lake(str(project.lake_dir))
    reports = [
        StepReport("ingest", counts={"rows_read": 3}, read={"loads": 1}, written={"touchpoints": 2}),
        StepReport("journeys", counts={"journeys": 1}, read={"touchpoints": 2}, written={"journeys": 4}),
    ]
    for run_id in ("run-1", "run-2", "run-1"):
        workspace = Workspace(project, lake, NOW, run_id, b"key")
        record_run(workspace, reports, command="run", snapshot_at=None, seconds=1.5)
    rows = lake.read("runs").to_pylist()
    assert sorted(row["run_id"] for row in rows) == ["run-1", "run-2"]
    row = rows[0]
    assert (row["command"], row["snapshot_at"], row["started_at"]) == ("run", None, NOW)
    assert (row["duration_seconds"], row["config_hash"]) == (1.5, project.config.config_hash)
    assert json.loads(row["versions_read"]) == {"loads": 1, "touchpoints": 2}
    assert json.loads(row["versions_written"]) == {"touchpoints": 2, "journeys": 4}
    assert json.loads(row["counts"]) == {"ingest": {"rows_read": 3}, "journeys": {"journeys": 1}}
    assert row["lock_hash"] != "unlocked"
