"""Lines of touchpoints in an engine, ordered and summarised; and how Hypothesis draws them."""

from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import strategies as st

from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import materialize
from journeys.episodes.journeys import summarize_journeys
from journeys.episodes.steps import order_steps
from journeys.episodes.vocabulary import describe_touchpoints
from journeys.lake.tables import TABLES
from tests.journeys.made_up import Touch, customer

NAMES = ["visit home", "visit pricing", "trial", "use", "buy", "cancel now", "praise", "other"]


def ordered(engine: Any, touches: list[Touch], config: JourneyConfig) -> ibis.Table:
    """Return `order_steps` of touchpoints whose identifiers are each a customer of their own."""
    rows = [
        touch.row() | {"customer_id": customer(touch.who), "customer_bucket": 0, "account_id": None}
        for touch in touches
    ]
    columns = TABLES["touchpoints"].columns | {
        "customer_id": pa.string(),
        "account_id": pa.string(),
        "customer_bucket": pa.int32(),
    }
    table = ibis.memtable(pa.Table.from_pylist(rows, schema=pa.schema(columns)))
    vocabulary = ibis.memtable(describe_touchpoints([touch.what for touch in touches], config))
    return materialize(engine, order_steps(table, vocabulary, config), "ordered")


def steps_of(engine: Any, touches: list[Touch], config: JourneyConfig) -> dict[str, dict[str, Any]]:
    """Return the ordered steps by touchpoint_id."""
    rows = engine.to_pyarrow(ordered(engine, touches, config)).to_pylist()
    return {row["touchpoint_id"]: row for row in rows}


def journeys_of(engine: Any, touches: list[Touch], config: JourneyConfig, until: datetime) -> list[dict[str, Any]]:
    """Return the journeys in the order of their start."""
    found = summarize_journeys(ordered(engine, touches, config), config, until)
    rows: list[dict[str, Any]] = engine.to_pyarrow(found.order_by("started_at", "journey_id")).to_pylist()
    return rows


@st.composite
def touches(draw: st.DrawFn) -> list[Touch]:
    """Draw up to forty touchpoints of three customers: many ties, repeats, and silences just at the gaps."""
    found = []
    hours = 0.0
    for number in range(draw(st.integers(1, 40))):
        hours += draw(st.sampled_from([0.0, 0.25, 0.5, 0.75, 24.0, 240.0, 240.5]))
        found.append(
            Touch(
                who=draw(st.sampled_from("abc")),
                what=draw(st.sampled_from(NAMES)),
                hours=hours,
                source=draw(st.sampled_from(["web", "desk"])),
                case=draw(st.sampled_from([None, None, "one", "two"])),
                amount=draw(st.sampled_from([None, 1.5, 10.0])),
                position=draw(st.integers(0, 2)),
                key=f"t{number}",
            )
        )
    return found
