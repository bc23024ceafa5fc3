"""The command line as a person meets it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from desirelines.cli import app
from desirelines.command import EXAMPLES
from journeys.config.journey_yaml import load_config

COMMANDS = [
    "init", "check", "schema", "sources", "destinations",
    "run", "ingest", "build", "audit", "insights", "features", "train", "score", "decide", "push", "map",
    "unmerge", "export", "sql", "airflow", "intake", "demo",
]  # fmt: skip
DOCS = Path(__file__).parents[2] / "docs" / "commands.md"


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


def test_the_commands_are_these_and_no_others() -> None:
    """A command that appears or disappears is noticed."""
    assert sorted(typer.main.get_command(app).commands) == sorted(COMMANDS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example(runner: CliRunner, name: str) -> None:
    """`COMMAND --help` says what it does, shows a whole command line and the common options."""
    result = runner.invoke(app, [name, "--help"], env={"COLUMNS": "300"})
    assert result.exit_code == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", result.output)
    assert all(f" {name}" in example for example in EXAMPLES[name])
    for example in EXAMPLES[name]:
        assert example in plain
    for option in ("--project", "--data", "--home", "--snapshot-at", "--json"):
        assert option in plain
    assert typer.main.get_command(app).commands[name].help.strip().endswith(".")  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_documentation(name: str) -> None:
    """docs/commands.md has a section a command, with the examples of its help."""
    text = DOCS.read_text(encoding="utf-8")
    assert f"### `{name}`" in text
    section = text.split(f"### `{name}`")[1].split("\n## ")[0].split("\n### ")[0]
    for example in EXAMPLES[name]:
        assert f"    {example}\n" in section


@pytest.mark.parametrize("before", [True, False])
def test_common_options_stand_before_or_after_the_command(runner: CliRunner, tmp_path: Path, before: bool) -> None:
    """`--project X init --json` and `init --project X --json` are the same."""
    options = ["--project", str(tmp_path / "shop"), "--json"]
    result = runner.invoke(app, [*options, "init"] if before else ["init", *options])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["paths"][0] == str(tmp_path / "shop" / "journey.yaml")


def test_an_option_after_the_command_wins(runner: CliRunner, tmp_path: Path) -> None:
    """What stands nearer to the command is what was meant."""
    result = runner.invoke(app, ["--project", str(tmp_path / "a"), "init", "--project", str(tmp_path / "b")])
    assert result.exit_code == 0
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "b" / "journey.yaml").exists()


def test_init_writes_a_file_that_loads(runner: CliRunner, tmp_path: Path) -> None:
    """The first journey.yaml is valid, carries the folder's name, and has its schema beside it."""
    runner.invoke(app, ["--project", str(tmp_path / "2 My Shop"), "init"])
    config = load_config(tmp_path / "2 My Shop")
    assert config.project == "my_shop"
    schema = json.loads((tmp_path / "2 My Shop" / "journey.schema.json").read_text())
    assert schema["properties"]["stages"]


def test_init_overwrites_nothing(runner: CliRunner, tmp_path: Path) -> None:
    """A second init leaves the file as it is and says so in one sentence."""
    (tmp_path / "journey.yaml").write_text("project: mine\n")
    result = runner.invoke(app, ["--project", str(tmp_path), "init"])
    assert result.exit_code == 1
    assert "is already there and was left as it is" in result.stderr
    assert (tmp_path / "journey.yaml").read_text() == "project: mine\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["build", "--project", "{missing}"], "There is no journey.yaml in"),
        (["build", "--home", "{file}/home"], "make the folder writable or choose another with --home."),
        (["build", "--data", "{missing}"], "There is no data folder"),
        (["score", "--snapshot-at", "2026-03-01"], "has no time zone; write it as in 2026-03-01T02:00:00Z."),
        (["score", "--snapshot-at", "yesterday"], "is not an instant; write it as in"),
        (["score"], "No touchpoints are loaded in"),
        (["train", "chrun", "--snapshot-at", "2026-03-01T00:00:00Z"], "There is no target 'chrun' in journey.yaml"),
        (["export", "jorneys", "--to", "{project}/x.csv"], "There is no table 'jorneys'; did you mean journeys"),
        (["export", "journeys", "--to", "{project}/x.xls"], "end it in .parquet, .csv, .jsonl."),
        (["export", "journeys", "--to", "{project}/x.csv"], "The table journeys is not in"),
        (["sql", "select 1"], "There are no tables in"),
        (["sql", "drop table journeys"], "The query is not one SELECT"),
    ],
)
def test_bad_input_ends_with_one_sentence(
    runner: CliRunner, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    """What is wrong is said in one line, without a traceback, and the exit code is 1."""
    project, file = tmp_path / "shop", tmp_path / "file"
    file.write_text("")
    runner.invoke(app, ["--project", str(project), "init"])
    places = {"project": project, "file": file, "missing": tmp_path / "missing"}
    result = runner.invoke(app, ["--project", str(project), *(part.format(**places) for part in arguments)])
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output


def test_bad_input_is_json_where_json_was_asked(runner: CliRunner, tmp_path: Path) -> None:
    """A program reads the same sentence under `error`."""
    result = runner.invoke(app, ["--project", str(tmp_path), "--json", "build"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"].startswith("There is no journey.yaml in")


def test_help_loads_no_model_library() -> None:
    """Asking for help must be quick, so nothing heavy is imported."""
    code = (
        "import sys, desirelines.cli; "
        "print([name for name in ('mlflow', 'feast', 'ibis', 'lightgbm', 'pandas', 'duckdb', 'airflow', 'dlt') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sources_and_destinations_name_what_the_configuration_allows(runner: CliRunner) -> None:
    """The lists are complete: each vendor and each type of destination of the configuration, and no other."""
    from typing import get_args

    from journeys.config.destinations import FileDestination, WebhookDestination
    from journeys.config.sources import Vendor

    listed = json.loads(runner.invoke(app, ["sources", "--json"]).stdout)
    assert set(listed) == set(get_args(Vendor))
    listed = json.loads(runner.invoke(app, ["destinations", "--json"]).stdout)
    kinds = (FileDestination, WebhookDestination)
    assert set(listed) == {get_args(kind.model_fields["type"].annotation)[0] for kind in kinds}
