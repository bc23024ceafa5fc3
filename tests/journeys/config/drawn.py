"""A `journey.yaml` drawn as a mapping, to be spoilt in one place by each test."""

import copy
from typing import Any

SHOP: dict[str, Any] = {
    "project": "shop",
    "sources": {
        "orders": {
            "vendor": "tabular",
            "files": "orders/*.csv",
            "columns": {"event": "what", "event_at": "at"},
            "identifiers": {"user_id": "client"},
        },
        "web": {"vendor": "segment", "files": "web/*.jsonl"},
    },
    "stages": [{"name": "awareness", "enters_on": ["visit"]}, {"name": "purchase", "enters_on": ["buy"]}],
    "outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["buy"]}],
    "journeys": {"goals": [{"name": "conversion"}, {"name": "retention", "follows": ["bought"]}]},
    "targets": {"buys": {"outcome": "bought", "kind": "conversion", "eligible_stages": ["awareness"]}},
    "playbook": {
        "actions": [
            {
                "name": "call",
                "target": "buys",
                "channel": "phone",
                "text": "Call.",
                "stages": ["awareness"],
                "expected_effect": 0.1,
                "effect_source": "estimate",
            }
        ]
    },
    "destinations": {"crm": {"type": "file", "folder": "crm"}},
}


def shop_with(place: str = "", value: Any = None) -> dict[str, Any]:
    """Return the shop with `value` at a dotted place, as in `stages.0.name`."""
    raw = copy.deepcopy(SHOP)
    if not place:
        return raw
    *parents, last = place.split(".")
    node: Any = raw
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
    node[int(last) if isinstance(node, list) else last] = value
    return raw
