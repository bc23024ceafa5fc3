from pathlib import Path

import yaml

from journeys.config.project import open_project
from tests.journeys.config.drawn import SHOP


def test_folders_by_default(tmp_path: Path) -> None:
    """Data stand in the project's folder, and all that is made in its `.desirelines`."""
    (tmp_path / "journey.yaml").write_text(yaml.safe_dump(SHOP))
    project = open_project(tmp_path / "deeper" / "..")
    home = tmp_path.resolve() / ".desirelines"
    assert (project.name, project.project_dir, project.data_dir) == ("shop", tmp_path.resolve(), tmp_path.resolve())
    assert project.lake_dir == home / "lake"
    assert project.landing_dir == home / "landing"
    assert project.feast_dir == home / "feast"
    assert project.mlflow_dir == home / "mlflow"
    assert project.output_dir == home / "output"
    assert project.key_file == home / "identifier.key"
    assert project.ledger_url == f"sqlite:///{home}/ledger.db"


def test_folders_as_given(tmp_path: Path) -> None:
    """Data and home may stand elsewhere; nothing is made by opening."""
    (tmp_path / "journey.yaml").write_text(yaml.safe_dump(SHOP))
    project = open_project(tmp_path, data_dir=tmp_path / "data", home=tmp_path / "home")
    assert (project.data_dir, project.lake_dir) == (tmp_path.resolve() / "data", tmp_path.resolve() / "home/lake")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journey.yaml"]
