"""The demonstration around its Airflow: what it writes before, and what it looks for after."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from desirelines import demo
from desirelines.doors import Settings, open_folders
from journeys.config.errors import DataError, DesireLinesError
from journeys.config.project import Project
from tests.desirelines.places import settings_in


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "CUSTOMERS", 30)


@pytest.mark.usefixtures("small")
def test_the_project_is_whole_and_looks_from_the_end(tmp_path: Path) -> None:
    """Exports of every source, the truth apart from them, and a journey.yaml pinned to the business's last instant."""
    project = demo.write_project(tmp_path / "made")
    assert project.config.snapshot_at == "2026-03-01T00:00:00Z"
    for source in project.config.sources.values():
        assert list(project.data_dir.glob(source.files))
    assert {path.name for path in (tmp_path / "made").iterdir()} >= {"exports", "truth", "journey.yaml"}
    assert not list(project.data_dir.rglob("people*"))


@pytest.mark.usefixtures("small")
def test_the_same_demonstration_on_every_day(tmp_path: Path) -> None:
    """Two folders hold the same bytes, and writing again into one changes nothing."""
    for name in ("one", "two", "one"):
        demo.write_project(tmp_path / name)
    files = {
        name: {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        for name in ("one", "two")
    }
    assert files["one"] == files["two"]


@pytest.mark.usefixtures("small")
def test_a_folder_with_other_exports_is_left_alone(tmp_path: Path) -> None:
    """Somebody's own files are not mixed with simulated ones; the sentence names one of them."""
    (tmp_path / "exports" / "stripe").mkdir(parents=True)
    (tmp_path / "exports" / "stripe" / "mine.jsonl").write_text("{}")
    with pytest.raises(DataError, match=r"holds mine\.jsonl, .*choose another folder with --folder"):
        demo.write_project(tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """The sentence names the folder and the option."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"Cannot write to .*file/demo .*choose another with --folder"):
        demo.write_project(tmp_path / "file" / "demo")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_folders(Settings(settings_in(tmp_path).project))


def _deliver(project: Project, **rows: int) -> None:
    pushed = project.home / "delivered" / "crm_files" / "20260301T000000Z-1"
    pushed.mkdir(parents=True)
    for name, count in rows.items():
        pq.write_table(pa.table({"customer_id": ["c"] * count}), pushed / f"{name}.parquet")
    (pushed / "_SUCCESS").touch()
    project.output_dir.mkdir()
    (project.output_dir / "journey_map.html").touch()


def test_results_are_found_with_their_rows(project: Project) -> None:
    """Lists and decisions with the rows of their files, then the folder and the map."""
    _deliver(project, at_risk=3, hot_leads=2, decisions=4)
    found = demo.find_results(project)
    assert [(item.what, item.rows) for item in found] == [
        ("at-risk list", 3), ("hot leads", 2), ("decisions", 4), ("delivered files", None), ("journey map", None),
    ]  # fmt: skip
    assert found[0].path.endswith("at_risk.csv")


def test_an_empty_list_is_no_success(project: Project) -> None:
    """A demonstration that shows nothing has failed."""
    _deliver(project, at_risk=0, hot_leads=2, decisions=4)
    with pytest.raises(DesireLinesError, match=r"at-risk list in .* are empty"):
        demo.find_results(project)


def test_nothing_delivered_is_no_success(project: Project) -> None:
    """Nor has one that delivered nothing."""
    with pytest.raises(DesireLinesError, match="holds no delivery or no map"):
        demo.find_results(project)
