from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from journeys.config.errors import ConfigError
from journeys.config.journey_yaml import json_schema, load_config, parse_config
from tests.journeys.config.drawn import SHOP, shop_with


def _problem(raw: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as raised:
        parse_config(raw)
    return str(raised.value)


def test_a_whole_file(tmp_path: Path) -> None:
    """A file is read as it stands; what it leaves out has defaults."""
    (tmp_path / "journey.yaml").write_text(yaml.safe_dump(SHOP))
    config = load_config(tmp_path)
    assert config == parse_config(SHOP)
    assert (config.project, config.currency, config.zone) == ("shop", "EUR", ZoneInfo("UTC"))
    assert config.outcome("bought").touchpoints == ["buy"]


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (
            "targets.buys.outcome",
            "bougth",
            "targets.buys.outcome names the outcome 'bougth', which is not declared; did you mean bought?",
        ),
        (
            "targets.buys.eligible_stages",
            ["purchase", "awarenes"],
            "targets.buys.eligible_stages names the stage 'awarenes', which is not declared; did you mean awareness?",
        ),
        (
            "journeys.goals.1.follows",
            ["boght"],
            "journeys.goals.retention.follows names the outcome 'boght', which is not declared; did you mean bought?",
        ),
        (
            "journeys.goals.0.first_stage",
            "purchse",
            "journeys.goals.conversion.first_stage names the stage 'purchse', which is not declared; "
            "did you mean purchase?",
        ),
        (
            "playbook.actions.0.target",
            "buy",
            "playbook.actions.call.target names the target 'buy', which is not declared; did you mean buys?",
        ),
        (
            "playbook.actions.0.stages",
            ["onboarding"],
            "playbook.actions.call.stages names the stage 'onboarding', which is not declared; "
            "known: awareness, purchase",
        ),
        ("stages.1.name", "awareness", "stage 'awareness' is declared twice"),
        ("outcomes", [SHOP["outcomes"][0]] * 2, "outcome 'bought' is declared twice"),
    ],
)
def test_names_that_are_not_declared(place: str, value: Any, sentence: str) -> None:
    """A stage, outcome or target that is named and not declared is an error with the nearest names."""
    assert _problem(shop_with(place, value)) == f"journey.yaml: {sentence}"


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("curency", "curency: 'curency' is not a setting here; did you mean currency or currency_rates?"),
        ("sources.web.chanel", "sources.web.chanel: 'chanel' is not a setting here; did you mean channel?"),
        (
            "sources.orders.columns.event_time",
            "sources.orders.columns.event_time: 'event_time' is not a setting here; did you mean event_at or event?",
        ),
        ("stages.0.enter_on", "stages.0.enter_on: 'enter_on' is not a setting here; did you mean enters_on?"),
        (
            "targets.buys.horizn",
            "targets.buys.horizn: 'horizn' is not a setting here; did you mean horizon?",
        ),
        (
            "playbook.contact_policy.per_7_day",
            "playbook.contact_policy.per_7_day: 'per_7_day' is not a setting here; did you mean per_7_days or per_30_days?",
        ),
        (
            "playbook.actions.0.cooloff",
            "playbook.actions.0.cooloff: 'cooloff' is not a setting here; did you mean cool_off?",
        ),
    ],
)
def test_unknown_settings(place: str, sentence: str) -> None:
    """An unknown setting is named with its place and the nearest settings that are allowed there, and nothing else is said."""
    assert _problem(shop_with(place, "x")) == f"journey.yaml: {sentence}"


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        ("time_zone", "Europe/Berlim", "time_zone: 'Europe/Berlim' is no time zone; did you mean Europe/Berlin"),
        ("currency", "euro", "currency: String should match pattern"),
        ("project", "My Shop", "project: 'My Shop' is not a usable name"),
        ("journeys.gap", "soon", "journeys.gap: 'soon' is not a span of time"),
        ("sources", {}, "sources: Dictionary should have at least 1 item"),
        ("stages", [], "stages: List should have at least 1 item"),
    ],
)
def test_values_that_cannot_be_meant(place: str, value: Any, sentence: str) -> None:
    """A value of the wrong kind is named with its place and what is expected there."""
    assert f"journey.yaml: {sentence}" in _problem(shop_with(place, value))


def test_everything_wrong_is_said_at_once() -> None:
    """Each thing wrong is a line of its own."""
    raw = shop_with("curency", "EUR") | {"time_zone": "Moon"}
    raw["sources"]["web"]["vendor"] = "segmnt"
    assert len(_problem(raw).splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no journey.yaml in {folder}; write one with 'desirelines --project {folder} init'."),
        (b"", "{folder}/journey.yaml is empty; write one with 'desirelines --project {folder} init'."),
        (b"# nothing yet\n", "{folder}/journey.yaml is empty; write one with 'desirelines --project {folder} init'."),
        (b"project: shop\nstages: [a\noutcomes: b\n", "{folder}/journey.yaml, line 3 is not readable as YAML"),
        (b"project: caf\xe9\n", "{folder}/journey.yaml is not readable as YAML"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    """A file that is missing, empty, no YAML or not UTF-8 is one sentence that says where and what to do."""
    if content is not None:
        (tmp_path / "journey.yaml").write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        load_config(tmp_path)
    assert str(raised.value).startswith(sentence.format(folder=tmp_path))
    assert len(str(raised.value).splitlines()) == 1


def test_the_hash_follows_the_meaning() -> None:
    """The order of keys and the spelling of a span do not change the hash; a value does."""
    reordered = dict(reversed(shop_with("journeys.gap", "14d").items()))
    respelled = shop_with("journeys.gap", "2w")
    assert parse_config(reordered).config_hash == parse_config(respelled).config_hash
    assert parse_config(respelled).config_hash != parse_config(SHOP).config_hash
    assert len(parse_config(SHOP).config_hash) == 12


def test_the_schema_for_editors() -> None:
    """The JSON schema names every section and forbids others."""
    schema = json_schema()
    assert schema["$schema"].endswith("2020-12/schema")
    assert set(SHOP) <= set(schema["properties"])
    assert schema["additionalProperties"] is False
