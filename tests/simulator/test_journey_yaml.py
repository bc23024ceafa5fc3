"""The demonstration's own journey.yaml."""

from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path

import pytest

from journeys.config.journey_yaml import JourneyConfig, load_config
from simulator.crm import COLUMNS
from simulator.events import NAMES, PAGES
from simulator.write import FILES


@pytest.fixture(scope="module")
def config() -> JourneyConfig:
    return load_config(Path(str(files("simulator"))))


def test_every_event_of_the_simulator_becomes_a_touchpoint_by_a_rule(config: JourneyConfig) -> None:
    """No event keeps a vendor's name, and no rule names an event that there is not."""
    events = {f"Page Viewed: {name}" if name in PAGES else name for name in NAMES}
    rules = {rule.event for rule in config.sources["website"].touchpoints}
    assert rules == events


def test_stages_and_outcomes_name_touchpoints_that_exist(config: JourneyConfig) -> None:
    """Each pattern of a stage, an outcome and the planned path fits a touchpoint that a rule makes."""
    made = {rule.touchpoint for source in config.sources.values() for rule in source.touchpoints}
    patterns = [pattern for stage in config.stages for pattern in stage.enters_on]
    patterns += [pattern for outcome in config.outcomes for pattern in outcome.touchpoints] + config.journeys.steps
    assert [pattern for pattern in patterns if not any(fnmatchcase(str(name), pattern) for name in made)] == []


def test_sources_read_the_files_that_are_written(config: JourneyConfig) -> None:
    """Each vendor's folder and ending have a source, and the CRM's columns exist."""
    assert {source.files for source in config.sources.values()} == {
        f"{vendor}/*.{name.split('.', 1)[1]}" for vendor, name in FILES.items()
    }
    crm = config.sources["crm"]
    assert crm.columns is not None
    assert {*crm.identifiers.values(), *crm.columns.attributes, "valid_from", "updated_at"} <= set(COLUMNS)  # type: ignore[union-attr]


def test_seven_stages_and_two_targets(config: JourneyConfig) -> None:
    """The demonstration has the seven usual stages, and predicts both joining and leaving."""
    names = [stage.name for stage in config.stages]
    assert names == ["awareness", "consideration", "purchase", "onboarding", "adoption", "expansion", "renewal"]
    assert {target.kind for target in config.targets.values()} == {"conversion", "churn"}
    eligible = [name for target in config.targets.values() for name in target.eligible_stages]
    assert eligible == names
