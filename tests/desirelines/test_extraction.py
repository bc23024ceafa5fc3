"""Extraction as a person and a task meet it: `ingest` lands, then loads."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from desirelines import tasks
from desirelines.cli import app
from journeys.config.errors import DataError
from journeys.lake.delta import Lake
from tests.journeys.landing.api import Api, serve
from tests.journeys.landing.desk import SECRET, api_source, record, workspace_of

CSV = "id,what,updated_at,who\n" + "".join(f"c{number},visit,2026-01-02T00:00:00Z,client-{number}\n" for number in range(7))  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a source of files beside the one that is extracted."""
    monkeypatch.setenv("DESIRELINES_CONNECTION_DESK", SECRET)
    (tmp_path / "shop.csv").write_text(CSV)
    return tmp_path


def _say(folder: Path, api: Api) -> None:
    source = api_source(api.url)
    shop: dict[str, Any] = {key: value for key, value in source.items() if key != "extract"} | {"files": "shop.csv"}
    config = workspace_of(folder, desk=source, shop=shop).project.config
    (folder / "journey.yaml").write_text(yaml.safe_dump(json.loads(config.model_dump_json(exclude_none=True, exclude_defaults=True))))  # fmt: skip


def _ingest(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(folder), "--json", "ingest", *arguments])


def _sources_of_touchpoints(folder: Path) -> dict[str, int]:
    rows = Lake(str(folder / ".desirelines" / "lake")).read("touchpoints", columns=["source"])
    return {row["values"]: row["counts"] for row in rows.column("source").value_counts().to_pylist()}


def test_ingest_lands_and_loads(project: Path) -> None:
    """It says how many rows landed; a second one lands and loads nothing new."""
    with serve(records=[record(number) for number in range(30)]) as api:
        _say(project, api)
        result = _ingest(project)
        assert result.exit_code == 0, result.output
        counts = json.loads(result.stdout)["reports"][0]["counts"]
        assert (counts["files_landed"], counts["rows_landed"], counts["touchpoints"]) == (1, 30, 37)
        assert list(counts)[:2] == ["files_landed", "rows_landed"]
        _ingest(project)
        counts = json.loads(_ingest(project).stdout)["reports"][0]["counts"]
        assert (counts["rows_landed"], counts["rows_read"]) == (0, 0)
    assert _sources_of_touchpoints(project) == {"desk": 30, "shop": 7}


def test_a_source_without_extraction_counts_nothing_landed(project: Path) -> None:
    """Nor is the API asked, when another source is chosen."""
    with serve(records=[record(0)]) as api:
        _say(project, api)
        counts = json.loads(_ingest(project, "--source", "shop").stdout)["reports"][0]["counts"]
        assert "rows_landed" not in counts
        assert api.asked == []


def test_a_failed_extraction_is_one_sentence(project: Path) -> None:
    """A non-zero exit; files that are there, of all sources, are loaded all the same."""
    with serve(records=[record(0)]) as api:
        _say(project, api)
        assert _ingest(project).exit_code == 0
        (project / "shop.csv").write_text(CSV + "new,visit,2026-01-03T00:00:00Z,client-1\n")
        api.answer = lambda _path, _params: (401, {}, {})
        result = _ingest(project)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "sources.desk.extract: visits: visits refused the connection's secret (401); check it and its rights."
    ]
    assert _sources_of_touchpoints(project) == {"desk": 1, "shop": 8}


def test_a_first_extraction_that_fails_is_not_told_twice(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That no file is there goes without saying; a connection that nobody set is named."""
    monkeypatch.delenv("DESIRELINES_CONNECTION_DESK")
    with serve() as api:
        _say(project, api)
        result = _ingest(project)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "sources.desk.extract: connection 'desk' is not set; put its secret into the variable DESIRELINES_CONNECTION_DESK."
    ]


def test_an_api_that_has_nothing_yet(project: Path) -> None:
    """No file is no error; `check` says what to run first."""
    with serve() as api:
        _say(project, api)
        assert _ingest(project).exit_code == 0
    checked = CliRunner().invoke(app, ["--project", str(project), "check"])
    assert "sources.desk: nothing was extracted yet; run 'desirelines ingest --source desk' first." in checked.stdout


def test_a_task_asks_airflow(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment has no secret; what the task returns holds none."""
    monkeypatch.setenv("DESIRELINES_PROJECT", str(project))
    monkeypatch.delenv("DESIRELINES_CONNECTION_DESK")

    class Found:
        conn_type, login, password = "http", None, SECRET

    with serve(records=[record(0), record(1)]) as api:
        _say(project, api)
        done = tasks.ingest("run", "desk", {"desk": Found}.__getitem__)
        assert done["counts"]["rows_landed"] == 2
        assert api.headers[0]["Authorization"] == f"Bearer {SECRET}"
        with pytest.raises(DataError, match="there is no connection 'desk' in Airflow"):
            tasks.ingest("run-2", "desk", {}.__getitem__)
    assert SECRET not in json.dumps(done)
    kept = [path for path in (project / ".desirelines").rglob("*") if path.is_file()]
    assert all(SECRET.encode() not in path.read_bytes() for path in kept)


def test_nothing_of_it_is_loaded_before_it_is_needed() -> None:
    """Neither the commands, nor the tasks, nor the reading of journey.yaml bring dlt."""
    code = "import sys, desirelines.cli, desirelines.tasks, journeys.config.journey_yaml; print('dlt' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
