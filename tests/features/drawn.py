"""Drawn lines of touchpoints as features see them, and one feature's value of them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import ibis
import pyarrow as pa

from features.compute import compute_features
from features.seen import enrich
from journeys.config.journey_yaml import JourneyConfig
from journeys.lake.tables import TABLES, TIMESTAMP
from tests.journeys.made_up import START, Touch, config_of, customer, identifier

Value = Callable[..., Any]


def at(hours: float) -> datetime:
    """Return the instant so many hours after the start."""
    return START + timedelta(hours=hours)


def values_of(
    engine: Any,
    touches: Sequence[Touch],
    hours: float,
    *functions: Value | tuple[Value, Any],
    config: JourneyConfig | None = None,
) -> list[Any]:
    """Return the value of each function (or of a function with its stage or channel) at so many hours."""
    rows = [touch.row() | {"customer_id": "c_one", "snapshot_at": at(hours)} for touch in touches]
    columns = TABLES["touchpoints"].columns | {"customer_id": pa.string(), "snapshot_at": TIMESTAMP}
    seen = enrich(engine, ibis.memtable(pa.Table.from_pylist(rows, schema=pa.schema(columns))), config or config_of())
    pairs = [function if isinstance(function, tuple) else (function, None) for function in functions]
    named = {
        f"value_{number}": function(seen) if argument is None else function(seen, argument)
        for number, (function, argument) in enumerate(pairs)
    }
    row = engine.to_pyarrow(seen.aggregate(**named)).to_pylist()[0]
    return [row[name] for name in named]


def features_of_lines(
    engine: Any,
    touches: Sequence[Touch],
    spine: Sequence[tuple[str, float]],
    config: JourneyConfig,
    owners: Sequence[dict[str, Any]] | None = None,
) -> dict[tuple[str, float], dict[str, Any]]:
    """Return the features of (name, hours) pairs; each name is an identifier and its own customer unless `owners` say."""
    owners = owners or [
        {"identifier_id": identifier(name), "customer_id": customer(name), "known_at": at(-9_999), "known_to": None}
        for name in sorted({touch.who for touch in touches})
    ]
    keys = {(customer(name), at(hours)): (name, hours) for name, hours in spine}
    found = compute_features(
        engine,
        ibis.memtable(pa.Table.from_pylist([touch.row() for touch in touches], schema=TABLES["touchpoints"].schema)),
        ibis.memtable(pa.Table.from_pylist(list(owners), schema=TABLES["customers"].schema)),
        config,
        pa.Table.from_pylist(
            [{"customer_id": who, "snapshot_at": when} for who, when in keys],
            schema=pa.schema({"customer_id": pa.string(), "snapshot_at": TIMESTAMP}),
        ),
    )
    return {keys[row.pop("customer_id"), row["snapshot_at"]]: row for row in found.to_pylist()}
