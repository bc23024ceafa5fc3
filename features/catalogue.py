"""The list of all features: gathered from the families, so that a new function is a new column.

Most columns are the same for every business; those of `by_stage` and `by_channel` follow the stages
and channels that `journey.yaml` names.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Literal

import ibis
import pyarrow as pa

from features.columns import (
    by_channel,
    by_stage,
    channels,
    frequency,
    loops,
    payment,
    recency,
    stages,
    support,
    trend,
    waiting,
)
from journeys.config.journey_yaml import JourneyConfig
from journeys.lake.tables import STRING, TIMESTAMP, Table

Kind = Literal["number", "count", "flag", "text"]

FEATURES_TABLE = "customer_features"

_FAMILIES = (recency, frequency, trend, channels, stages, waiting, loops, support, payment)
_TEXT = {"stage", "last_touchpoint", "previous_touchpoint"}
_ARROW = {"number": pa.float64(), "count": pa.int64(), "flag": pa.bool_(), "text": pa.string()}


@dataclass(frozen=True)
class Feature:
    """One feature: its column name, family, documentation, and the expression over what was seen."""

    name: str
    family: str
    documentation: str
    kind: Kind
    expression: Callable[[ibis.Table], ibis.Value]

    @property
    def type(self) -> pa.DataType:
        """The column's type in the lake."""
        return _ARROW[self.kind]


def features_of(config: JourneyConfig) -> dict[str, Feature]:
    """Return the features of a business by name: those of everybody, then those of its stages and channels."""
    found = {feature.name: feature for family in _FAMILIES for feature in _fixed(family)}
    for number, stage in enumerate(config.stages):
        for feature in _varied(by_stage, "stage", stage.name, number):
            found[feature.name] = feature
    for channel in channels_of(config):
        for feature in _varied(by_channel, "channel", channel, channel):
            found[feature.name] = feature
    return found


def features_table(config: JourneyConfig) -> Table:
    """Return the declaration of `customer_features` for a business."""
    columns = {name: feature.type for name, feature in features_of(config).items()}
    return Table(
        FEATURES_TABLE,
        "What was known about one customer at one snapshot",
        ("customer_id", "snapshot_at", "snapshot_key"),
        {
            "customer_id": STRING,
            "snapshot_at": TIMESTAMP,
            "known_at": TIMESTAMP,
            **columns,
            "snapshot_key": STRING,
        },
        ("snapshot_key",),
    )


def channels_of(config: JourneyConfig) -> list[str]:
    """Return the channels that the sources and their rules name, in alphabetical order."""
    named = {source.channel for source in config.sources.values() if source.kind == "events"}
    for source in config.sources.values():
        named |= {rule.channel for rule in source.touchpoints if rule.channel}
    return sorted(named)


def _fixed(family: ModuleType) -> Iterator[Feature]:
    for name, function in _functions(family):
        yield Feature(name, _family_name(family), inspect.getdoc(function) or "", _kind(name), function)


def _varied(family: ModuleType, placeholder: str, label: str, value: str | int) -> Iterator[Feature]:
    for name, function in _functions(family):
        column = name.replace(placeholder, f"{_column_part(label)}_{placeholder}", 1)
        documentation = (inspect.getdoc(function) or "").replace(f"{{{placeholder}}}", label)
        yield Feature(column, _family_name(family), documentation, _kind(name), partial(_with, function, value))


def _with(function: Callable[..., ibis.Value], value: str | int, seen: ibis.Table) -> ibis.Value:
    return function(seen, value)


def _functions(family: ModuleType) -> list[tuple[str, Callable[..., ibis.Value]]]:
    members = inspect.getmembers(family, inspect.isfunction)
    return [
        (name, function)
        for name, function in members
        if not name.startswith("_") and function.__module__ == family.__name__
    ]


def _family_name(family: ModuleType) -> str:
    return family.__name__.rsplit(".", 1)[-1]


def _column_part(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_") or "other"


def _kind(name: str) -> Kind:
    if name in _TEXT:
        return "text"
    if name.startswith(("is_", "has_")):
        return "flag"
    return "count" if name.startswith("count_") or name == "stage_number" else "number"
