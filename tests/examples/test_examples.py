"""The examples: their files load, and their patterns fit the data that they are written for."""

import csv
import gzip
import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from journeys.config.journey_yaml import JourneyConfig, load_config
from journeys.config.sources import EventColumns

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/journey.yaml"))


def _data(example: Path) -> Path:
    folder = ROOT / "../shared/data" / example.name
    if not folder.is_dir():
        pytest.skip(f"the data of {example.name} are not in ../shared/data")
    return folder


def _events_in(folder: Path, config: JourneyConfig) -> set[str]:
    """Return the event names of an example's one file, as its columns make them."""
    (source,) = config.sources.values()
    assert isinstance(source.columns, EventColumns)
    columns = [source.columns.event] if isinstance(source.columns.event, str) else source.columns.event
    path = folder / source.files
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return {":".join(row[column] for column in columns) for row in csv.DictReader(file)}


def test_there_are_two_examples() -> None:
    """A new example must have a page too."""
    assert [path.name for path in EXAMPLES] == ["loan_applications", "simple_shop"]
    assert all((path / "README.md").is_file() for path in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_is_named_as_its_folder_and_has_its_snapshot(example: Path) -> None:
    """The project's name is its folder's, and the snapshot that its story needs is in the file."""
    config = load_config(example)
    assert config.project == example.name
    assert config.snapshot_at


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_every_pattern_fits_an_event_of_the_data(example: Path) -> None:
    """Stages, outcomes, planned steps and mapping rules name events that the data hold."""
    config = load_config(example)
    events = _events_in(_data(example), config)
    (source,) = config.sources.values()
    patterns = [rule.event for rule in source.touchpoints] + config.journeys.steps
    patterns += [pattern for stage in config.stages for pattern in stage.enters_on]
    patterns += [pattern for outcome in config.outcomes for pattern in outcome.touchpoints]
    assert [pattern for pattern in patterns if not any(fnmatchcase(event, pattern) for event in events)] == []
    assert all(any(fnmatchcase(event, rule.event) for rule in source.touchpoints) for event in events)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_a_page_shows_the_commands_and_the_origin(example: Path) -> None:
    """The page runs the example with the data folder as an argument, and says where the data come from."""
    page = (example / "README.md").read_text()
    assert re.search(rf"desirelines --project examples/{example.name} run --data ", page)
    assert "https://" in page.split("## Run it")[0]
