"""Addresses of assets: the project's name, found cheaply."""

from pathlib import Path

import pytest

from desirelines.assets import asset_uri, project_name
from journeys.config.errors import ConfigError


def test_the_name_given_in_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is opened where the environment says the name."""
    monkeypatch.setenv("DESIRELINES_PROJECT_NAME", "given")
    monkeypatch.setenv("DESIRELINES_PROJECT", str(tmp_path / "missing"))
    assert asset_uri("scores") == "desirelines://given/scores"


def test_the_name_stands_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise it is that of journey.yaml."""
    monkeypatch.delenv("DESIRELINES_PROJECT_NAME", raising=False)
    monkeypatch.setenv("DESIRELINES_PROJECT", str(tmp_path))
    (tmp_path / "journey.yaml").write_text("project: in_the_file\nsources: nonsense\n")
    assert project_name() == "in_the_file"


@pytest.mark.parametrize("content", [None, "", "sources: {}", "project: ["])
def test_a_name_that_cannot_be_found_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    """The sentence names the file and the command that says what is wrong with it."""
    monkeypatch.delenv("DESIRELINES_PROJECT_NAME", raising=False)
    monkeypatch.setenv("DESIRELINES_PROJECT", str(tmp_path))
    if content is not None:
        (tmp_path / "journey.yaml").write_text(content)
    with pytest.raises(
        ConfigError, match=r"Cannot read the project's name from .*journey\.yaml .*run 'desirelines check'"
    ):
        project_name()
