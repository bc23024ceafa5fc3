"""The tracking plan as a JSON schema."""

import jsonschema
import pandas as pd
import pytest

from journeys.audit.tracking_plan import tracking_plan
from tests.journeys.made_up import config_of

THERE = pd.DataFrame(
    [
        {
            "source": "web",
            "category": "website",
            "touchpoint": "visit home",
            "is_stopped": False,
            "count_touchpoints": 5,
        },
        {"source": "shop", "category": "transaction", "touchpoint": "buy", "is_stopped": True, "count_touchpoints": 5},
    ]
)
GOOD = {"event": "visit home", "event_id": "1", "event_at": "2026-01-01T00:00:00Z", "user_id": "u"}


def test_status() -> None:
    """What is tracked, what has stopped, and what the journeys need and nobody tracks."""
    plan = tracking_plan(config_of(), THERE)
    status = {event["title"]: event["x-status"] for event in plan["$defs"].values()}
    assert status["visit home"] == "tracked"
    assert status["buy"] == "stopped"
    assert set(status.values()) == {"tracked", "stopped", "missing"}
    feeds = {event["title"]: event["x-feeds"] for event in plan["$defs"].values()}
    assert any(name.startswith("outcome ") for name in feeds["buy"])


@pytest.mark.parametrize(
    ("change", "is_valid"),
    [
        ({}, True),
        ({"event": "something else"}, False),
        ({"event": "buy"}, False),
        ({"event": "buy", "amount": 9.5, "currency": "EUR"}, True),
        ({"event_id": None}, False),
        ({"user_id": None}, False),
        ({"user_id": None, "email": "a@mail.example"}, True),
    ],
    ids=["good", "unknown", "without amount", "with amount", "without id", "nobody", "an address"],
)
def test_events_are_judged(change: dict[str, object], is_valid: bool) -> None:
    """The plan is a schema by which an event can be checked with any validator."""
    plan = tracking_plan(config_of(), THERE)
    event = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    jsonschema.Draft202012Validator.check_schema(plan)
    assert jsonschema.Draft202012Validator(plan).is_valid(event) is is_valid
