"""The tracking plan: a JSON schema of the events that the journeys need, for those who write the tracking."""

from typing import Any

import pandas as pd

from journeys.config.journey_yaml import JourneyConfig
from journeys.touchpoints.mapping import matches

_IDENTIFIERS = {
    "user_id": "Who it is, as the product's own accounts know them",
    "email": "The address, where there is no user_id",
    "anonymous_id": "The visitor's cookie or device, before anybody logs in",
}


def tracking_plan(config: JourneyConfig, touchpoints: pd.DataFrame) -> dict[str, Any]:
    """Return a JSON schema (2020-12) of one event, with a definition for each touchpoint of the journeys.

    Each says in `x-status` whether it is `tracked`, has `stopped` or is `missing`, which stage or outcome
    it feeds (`x-feeds`), and whence it comes (`x-source`).

    Args:
        config: stages, outcomes and sources.
        touchpoints: source, category, touchpoint and is_stopped of what is there.
    """
    feeds = [(f"stage {stage.name}", pattern) for stage in config.stages for pattern in stage.enters_on]
    feeds += [(f"outcome {outcome.name}", pattern) for outcome in config.outcomes for pattern in outcome.touchpoints]
    there = {str(row["touchpoint"]): row for row in touchpoints.sort_values("count_touchpoints").to_dict("records")}
    events = {
        name: _event(name, str(row["category"]), "stopped" if row["is_stopped"] else "tracked", str(row["source"]))
        for name, row in sorted(there.items())
    }
    for _, pattern in feeds:
        if not any(matches(pattern, name) for name in there):
            events.setdefault(pattern, _event(pattern, None, "missing", None))
    for name, event in events.items():
        event["x-feeds"] = sorted({what for what, pattern in feeds if pattern == name or matches(pattern, name)})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"desirelines:{config.project}/tracking-plan",
        "title": f"Tracking plan of {config.project}",
        "description": "One event. Those with x-status 'missing' or 'stopped' are to be tracked next.",
        "oneOf": [{"$ref": f"#/$defs/{place}"} for place in range(len(events))],
        "$defs": {str(place): event for place, event in enumerate(events.values())},
    }


def _event(name: str, category: str | None, status: str, source: str | None) -> dict[str, Any]:
    is_pattern = "*" in name or "?" in name
    said = {"pattern": _regular(name)} if is_pattern else {"const": name}
    event: dict[str, Any] = {
        "title": name,
        "type": "object",
        "properties": {
            "event": {"type": "string", **said},
            "event_id": {"type": "string", "description": "The same when it is sent again"},
            "event_at": {"type": "string", "format": "date-time", "description": "With its time zone"},
            **{key: {"type": "string", "description": text} for key, text in _IDENTIFIERS.items()},
        },
        "required": ["event", "event_id", "event_at"],
        "anyOf": [{"required": [key]} for key in _IDENTIFIERS],
        "x-status": status,
    }
    if category == "transaction":
        event["properties"] |= {
            "amount": {"type": "number"},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        }
        event["required"] = [*event["required"], "amount", "currency"]
    if category == "feedback":
        event["properties"] |= {"score": {"type": "number"}, "text": {"type": "string"}}
    if category:
        event["x-category"] = category
    if source:
        event["x-source"] = source
    return event


def _regular(pattern: str) -> str:
    special = set("\\^$.|()[]{}+")
    parts = [".*" if one == "*" else "." if one == "?" else f"\\{one}" if one in special else one for one in pattern]
    return f"^{''.join(parts)}$"
