"""`journey.yaml`: the one file that says what a business's journeys are."""

import hashlib
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from journeys.config.base import Name, Section
from journeys.config.destinations import Destinations
from journeys.config.errors import ConfigError, nearest
from journeys.config.identifiers import Identities
from journeys.config.playbook import Playbook
from journeys.config.quality import Quality
from journeys.config.sources import Sources
from journeys.config.stages import JourneyRules, Outcome, Segment, Stage, Value
from journeys.config.targets import Targets
from journeys.config.texts import Texts

FILE_NAME = "journey.yaml"


class JourneyConfig(Section):
    """The whole of `journey.yaml`."""

    project: Name
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    currency_rates: str | None = Field(
        default=None, description="CSV beside this file with date, currency, rate: what one unit is worth in 'currency'"
    )
    time_zone: str = "UTC"
    snapshot_at: str | None = Field(
        default=None, description="The instant to look from; without it, the end of the data"
    )
    sources: Sources = Field(min_length=1)
    identities: Identities = Identities()
    quality: Quality = Quality()
    stages: list[Stage] = Field(min_length=1)
    outcomes: list[Outcome] = Field(min_length=1)
    journeys: JourneyRules = JourneyRules()
    value: Value = Value()
    segments: list[Segment] = []
    texts: Texts = Texts()
    targets: Targets = {}
    playbook: Playbook = Playbook()
    destinations: Destinations = {}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"'{value}' is no time zone; {nearest(value, available_timezones())}")
        return value

    @model_validator(mode="after")
    def _names_exist(self) -> "JourneyConfig":
        stages = [stage.name for stage in self.stages]
        outcomes = [outcome.name for outcome in self.outcomes]
        for kind, names in (("stage", stages), ("outcome", outcomes)):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ValueError(f"{kind} '{min(twice)}' is declared twice")
        uses = [(f"targets.{key}.outcome", "outcome", target.outcome, outcomes) for key, target in self.targets.items()]
        for key, target in self.targets.items():
            uses += [(f"targets.{key}.eligible_stages", "stage", name, stages) for name in target.eligible_stages]
        for goal in self.journeys.goals:
            uses += [(f"journeys.goals.{goal.name}.follows", "outcome", name, outcomes) for name in goal.follows]
            if goal.first_stage:
                uses.append((f"journeys.goals.{goal.name}.first_stage", "stage", goal.first_stage, stages))
        for action in self.playbook.actions:
            uses.append((f"playbook.actions.{action.name}.target", "target", action.target, list(self.targets)))
            uses += [(f"playbook.actions.{action.name}.stages", "stage", name, stages) for name in action.stages]
        for where, kind, name, known in uses:
            if name not in known:
                raise ValueError(f"{where} names the {kind} '{name}', which is not declared; {nearest(name, known)}")
        return self

    @model_validator(mode="after")
    def _landing_folders_differ(self) -> "JourneyConfig":
        extracting: dict[str, str] = {}
        for name, source in self.sources.items():
            other = extracting.setdefault(source.files, name) if source.extract else name
            if other != name:
                raise ValueError(f"sources {other} and {name} extract into the same folder; give one other 'files'")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The business's time zone: dates are in it, instants are UTC."""
        return ZoneInfo(self.time_zone)

    @property
    def config_hash(self) -> str:
        """Twelve hexadecimal digits that change when anything in the file changes its meaning."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def outcome(self, name: str) -> Outcome:
        """Return a declared outcome by its name."""
        return next(outcome for outcome in self.outcomes if outcome.name == name)


def load_config(project_dir: Path) -> JourneyConfig:
    """Read and check `journey.yaml` in `project_dir`.

    Raises:
        ConfigError: one sentence for each thing wrong: where it stands, what it is, what to do.
    """
    path = project_dir / FILE_NAME
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        msg = f"There is no {FILE_NAME} in {project_dir}; write one with 'desirelines --project {project_dir} init'."
        raise ConfigError(msg) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        msg = f"{path}{line} is not readable as YAML ({getattr(error, 'problem', error)}); mend that line."
        raise ConfigError(msg) from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{path} is empty; write one with 'desirelines --project {project_dir} init'.")
    return parse_config(raw, str(path))


def parse_config(raw: dict[str, Any], origin: str = FILE_NAME) -> JourneyConfig:
    """Check an already parsed configuration; `origin` is named in errors."""
    try:
        return JourneyConfig.model_validate(raw)
    except ValidationError as error:
        sentences = [_sentence(origin, item) for item in error.errors() if _is_meant(raw, item["loc"])]
        raise ConfigError("\n".join(sentences)) from None


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of `journey.yaml`, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **JourneyConfig.model_json_schema()}


_COLUMNS_OF = {
    "EventColumns": "events",
    "AttributeColumns": "attributes",
    "ConsentColumns": "consents",
    "SpendColumns": "spend",
}


def _is_meant(raw: dict[str, Any], location: tuple[int | str, ...]) -> bool:
    """Return whether an error is not about the kind of columns that its source does not have."""
    kinds = [kind for part, kind in _COLUMNS_OF.items() if part in location]
    return not kinds or raw["sources"][location[1]].get("kind", "events") == kinds[0]


def _sentence(origin: str, item: Any) -> str:
    parts = [str(part) for part in item["loc"] if part not in _COLUMNS_OF]
    if parts[:1] == ["destinations"]:
        del parts[2:3]  # pydantic names the type that it took the destination for, which the file does not
    if parts[:1] == ["sources"] and parts[2:3] == ["extract"]:
        # The same for what is extracted, and for its paginator.
        parts = [
            part for place, part in enumerate(parts) if place < 3 or (place > 3 and parts[place - 1] != "paginator")
        ]
    where = ".".join(parts)
    message = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        message = (
            f"'{item['loc'][-1]}' is not a setting here; {nearest(str(item['loc'][-1]), _known_keys(item['loc'][:-1]))}"
        )
    return f"{origin}{': ' + where if where else ''}: {message}"


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    """Return the setting names that are allowed at a location of the file, by walking its schema."""
    schema = JourneyConfig.model_json_schema()
    definitions = schema.get("$defs", {})
    nodes: list[dict[str, Any]] = [schema]
    for part in location:
        if part in definitions:
            nodes = [definitions[str(part)]]
            continue
        tagged = [node for node in nodes if _tag(node) == part]
        if tagged:
            nodes = tagged
            continue
        following: list[dict[str, Any]] = []
        for node in nodes:
            if isinstance(part, int):
                following.append(node.get("items", {}))
            elif part in node.get("properties", {}):
                following.append(node["properties"][part])
            elif isinstance(node.get("additionalProperties"), dict):
                following.append(node["additionalProperties"])
        nodes = [resolved for node in following for resolved in _resolve(node, definitions)]
    return sorted({key for node in nodes for key in node.get("properties", {})})


def _tag(node: dict[str, Any]) -> str | None:
    """Return by what pydantic tells a section from the others that could stand in its place."""
    fields = node.get("properties", {})
    return "recipe" if "recipe" in fields else fields.get("type", {}).get("const")


def _resolve(node: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in node:
        return [definitions[node["$ref"].rsplit("/", 1)[-1]]]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node:
            return [resolved for option in node[key] for resolved in _resolve(option, definitions)]
    return [node]
