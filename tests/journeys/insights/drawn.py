"""Journeys drawn by hand, as the tables that the insights read."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import ibis
import pandas as pd
import pyarrow as pa

from journeys.config.journey_yaml import JourneyConfig, parse_config
from journeys.engine import materialize

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Drawn(NamedTuple):
    """One journey: who, what (touchpoint, hours after noon), how it ended."""

    customer: str
    path: list[tuple[str, float]]
    outcome_kind: str = "neutral"
    amount: float | None = None
    outcome: str | None = None
    is_open: bool = False


STAGES = {"a": "first", "b": "second", "c": "third"}
"""A touchpoint named so enters that stage; every other one stays in the stage before."""


CHANNELS = {"a": "mail", "b": "web", "c": "mail"}
"""Where a touchpoint happens; every other one is in the app."""


def rows_of(journeys: list[Drawn]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of journey_steps and journeys."""
    step_rows: list[dict[str, Any]] = []
    journey_rows: list[dict[str, Any]] = []
    for number, journey in enumerate(journeys):
        at = [NOON + timedelta(hours=hours) for _, hours in journey.path]
        stage = None
        for place, (touchpoint, _) in enumerate(journey.path):
            stage = STAGES.get(touchpoint, stage)
            step_rows.append(
                {
                    "touchpoint_id": f"t{len(step_rows)}",
                    "journey_id": f"j{number:04}",
                    "customer_id": journey.customer,
                    "step_number": place + 1,
                    "stage": stage,
                    "event_at": at[place],
                    "touchpoint": touchpoint,
                    "channel": CHANNELS.get(touchpoint, "app"),
                }
            )
        collapsed = [
            name for place, (name, _) in enumerate(journey.path) if not place or journey.path[place - 1][0] != name
        ]
        journey_rows.append(
            {
                "journey_id": f"j{number:04}",
                "customer_id": journey.customer,
                "goal": "conversion",
                "is_open": journey.is_open or journey.outcome_kind == "open",
                "outcome": journey.outcome,
                "outcome_kind": journey.outcome_kind,
                "outcome_at": at[-1] if journey.outcome_kind == "positive" else None,
                "started_at": at[0],
                "ended_at": at[-1],
                "variant_id": "|".join(collapsed),
                "amount": journey.amount,
            }
        )
    return step_rows, journey_rows


_AT = pa.timestamp("us", tz="UTC")
_STEPS = pa.schema(
    {
        "touchpoint_id": pa.string(),
        "journey_id": pa.string(),
        "customer_id": pa.string(),
        "step_number": pa.int64(),
        "stage": pa.string(),
        "event_at": _AT,
        "touchpoint": pa.string(),
        "channel": pa.string(),
    }
)
_JOURNEYS = pa.schema(
    {
        "journey_id": pa.string(),
        "customer_id": pa.string(),
        "goal": pa.string(),
        "is_open": pa.bool_(),
        "outcome": pa.string(),
        "outcome_kind": pa.string(),
        "outcome_at": _AT,
        "started_at": _AT,
        "ended_at": _AT,
        "variant_id": pa.string(),
        "amount": pa.float64(),
    }
)
_ATTRIBUTES = pa.schema({"customer_id": pa.string(), "attribute": pa.string(), "value": pa.string()})


def tables_of(connection: Any, journeys: list[Drawn], plan: dict[str, str] | None = None) -> tuple[Any, Any, Any]:
    """Return steps, journeys and attributes as tables of `connection`; `plan` is customer to value."""
    step_rows, journey_rows = rows_of(journeys)
    attribute_rows = [{"customer_id": c, "attribute": "plan", "value": value} for c, value in (plan or {}).items()]
    made = [(_STEPS, step_rows), (_JOURNEYS, journey_rows), (_ATTRIBUTES, attribute_rows)]
    steps, found, attributes = (
        materialize(connection, ibis.memtable(pa.Table.from_pylist(rows, schema=schema)), ibis.util.gen_name("drawn"))
        for schema, rows in made
    )
    return steps, found, attributes


def config_of(**sections: Any) -> JourneyConfig:
    """Return a configuration with the stages first, second and third, and what is given."""
    raw = {
        "project": "drawn",
        "sources": {"events": {"vendor": "segment", "files": "*.jsonl"}},
        "stages": [{"name": stage, "enters_on": [touchpoint]} for touchpoint, stage in STAGES.items()],
        "outcomes": [{"name": "bought", "kind": "positive", "touchpoints": ["c"]}],
    }
    return parse_config(raw | sections)


def by(table: pa.Table, *keys: str) -> dict[Any, dict[str, Any]]:
    """Return a table's rows by one or several columns."""
    rows = table.to_pylist()
    return {tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]]: row for row in rows}


def quantile(values: list[float], share: float, *, enough: bool) -> float | None:
    """Return the linear quantile, or None where there is not enough to say."""
    return float(pd.Series(values).quantile(share)) if enough and values else None
