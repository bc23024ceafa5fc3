"""What `extract` may say, and what is said where it says something else."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from journeys.config.errors import ConfigError
from journeys.config.extraction import RecipeExtraction, landing_folder
from journeys.config.extraction_recipes import RECIPES
from journeys.config.journey_yaml import json_schema, parse_config
from journeys.config.sources import Source
from tests.journeys.config.drawn import shop_with

API: dict[str, Any] = {
    "type": "rest_api",
    "base_url": "https://desk.example/v1",
    "connection": "desk",
    "resources": [
        {
            "name": "ticket",
            "path": "tickets",
            "cursor": {"column": "updated_at", "parameter": "since"},
            "paginator": {"type": "cursor", "cursor_path": "next", "cursor_param": "cursor"},
        }
    ],
}
SQL: dict[str, Any] = {
    "type": "sql",
    "connection": "warehouse",
    "resources": [{"name": "contact", "table": "crm.contact"}],
}


def _at(raw: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(raw)
    node: Any = changed
    *parents, last = place.split(".")
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node[part]
    node[last] = value
    return changed


def _parse(extract: Any, files: str = "desk/*/*.jsonl.gz") -> Source:
    raw = shop_with("sources.desk", {"vendor": "zendesk", "files": files, "extract": extract})
    return parse_config(raw).sources["desk"]


@pytest.mark.parametrize(
    ("extract", "files", "sentence"),
    [
        ("zendesk", None, "sources.desk.extract: say what is extracted: 'type: rest_api', 'type: sql' or 'recipe: zendesk'"),
        (_at(API, "type", "rst"), None, "sources.desk.extract: say what is extracted"),
        (_at(API, "base_url", "https://me:pw@desk.example"), None, "sources.desk.extract.base_url: write an address as in"),
        (_at(API, "token", "x"), None, "sources.desk.extract.token: 'token' is not a setting here; known: authentication"),
        (_at(API, "resources.0.cursr", 1), None, "extract.resources.0.cursr: 'cursr' is not a setting here; did you mean cursor?"),
        (_at(API, "resources.0.cursor", {"column": "a"}), None, "sources.desk.extract.resources.0.cursor.parameter: Field required"),
        (_at(API, "resources.0.cursor.format", "x"), None, "sources.desk.extract.resources.0.cursor.format: String should match"),
        (_at(API, "resources.0.paginator", {"type": "x"}), None, "sources.desk.extract.resources.0.paginator: Input tag 'x'"),
        (_at(API, "resources.0.paginator", {"type": "offset"}), None, "sources.desk.extract.resources.0.paginator.limit: Field required"),
        (_at(API, "resources", API["resources"] * 2), None, "sources.desk.extract: resource 'ticket' is declared twice"),
        (API, "desk/*.jsonl.gz", "'desk/*.jsonl.gz' does not read; write files: desk/*/*.jsonl.gz"),
        (API, "*.jsonl.gz", "write files: extracted/*/*.jsonl.gz"),
        (API, "a/*/*/*.jsonl.gz", "write files: a/*/*.jsonl.gz"),
        (SQL, "desk/*/*.jsonl.gz", "write files: desk/*/*.parquet"),
        (_at(SQL, "resources.0.query", "select 1"), "w/*/*.parquet", "sources.desk.extract.resources.0: choose one of 'table' and 'query'"),
        (_at(SQL, "resources.0.table", None), "w/*/*.parquet", "choose one of 'table' and 'query'"),
        ({"recipe": "zendesk", "connection": "desk"}, None, "recipe 'zendesk' needs 'base_url': https://YOUR_NAME.zendesk.com/api/v2"),
        ({"recipe": "zendsk", "connection": "desk"}, None, "sources.desk.extract.recipe: Input should be 'stripe' or 'zendesk'"),
        ({"recipe": "stripe", "connection": "s", "key": "x"}, None, "'key' is not a setting here; known: base_url, connection, recipe, start"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant(extract: Any, files: str | None, sentence: str) -> None:
    """One sentence: where, what, and what to do."""
    with pytest.raises(ConfigError) as raised:
        _parse(extract, files or "desk/*/*.jsonl.gz")
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_two_sources_do_not_share_a_folder() -> None:
    """Each would read what the other landed."""
    source = {"vendor": "zendesk", "files": "desk/*/*.jsonl.gz", "extract": API}
    raw = shop_with("sources.one", source)
    raw["sources"]["two"] = source
    with pytest.raises(ConfigError, match="sources one and two extract into the same folder; give one other 'files'"):
        parse_config(raw)


@pytest.mark.parametrize(
    ("extract", "files", "folder"),
    [
        (API, "desk/*/*.jsonl.gz", "desk"),
        (SQL, "vendors/crm/*/*.parquet", "vendors/crm"),
        ({"recipe": "stripe", "connection": "s"}, "stripe/*/*.jsonl.gz", "stripe"),
    ],
)
def test_where_it_lands(extract: Any, files: str, folder: str) -> None:
    """The folder that the source's pattern reads."""
    source = _parse(extract, files)
    assert source.extract is not None
    assert landing_folder(source.files, source.extract) == folder


def test_how_rows_are_read_does_not_depend_on_whence_they_come() -> None:
    """So files that were loaded keep their mapping when a source is extracted from now on."""
    plain = Source.model_validate({"vendor": "zendesk", "files": "desk/*/*.jsonl.gz"})
    assert _parse(API).mapping_hash == plain.mapping_hash


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_recipes_are_extractions(name: str) -> None:
    """Each is what a person could have written, with the start that is given."""
    recipe = RecipeExtraction.model_validate(
        {"recipe": name, "connection": "c", "base_url": "https://me.example/api", "start": 17}
    )
    written = recipe.written_out
    assert (written.base_url, written.connection) == ("https://me.example/api", "c")
    assert [resource.cursor and resource.cursor.start for resource in written.resources] == [17]
    assert (
        "start" not in RECIPES[name]["resources"][0]["cursor"] or RECIPES[name]["resources"][0]["cursor"]["start"] == 0
    )


def test_editors_know_it() -> None:
    """The schema offers the three ways to extract."""
    schema = json_schema()["$defs"]
    offered = [
        option["$ref"].rsplit("/", 1)[-1] for option in schema["Source"]["properties"]["extract"]["anyOf"][0]["oneOf"]
    ]
    assert offered == ["ApiExtraction", "SqlExtraction", "RecipeExtraction"]
    assert set(schema["RecipeExtraction"]["properties"]["recipe"]["enum"]) == set(RECIPES)


def test_the_example_of_the_readme() -> None:
    """What people copy is valid, and uses all three ways."""
    text = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    raw = yaml.safe_load(text.split("### Extract from an API")[1].split("```yaml\n")[1].split("```")[0])
    sources = {name: Source.model_validate(source) for name, source in raw["sources"].items()}
    assert [type(source.extract).__name__ for source in sources.values()] == ["ApiExtraction", "SqlExtraction", "RecipeExtraction"]  # fmt: skip
