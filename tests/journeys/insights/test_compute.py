from datetime import UTC, datetime
from pathlib import Path

import ibis
import pandas as pd
import pytest

from journeys.engine import connect, materialize
from journeys.insights.compute import compute_insights
from journeys.lake.tables import TABLES
from tests.journeys.insights.drawn import by, config_of, tables_of

SHOP = Path(__file__).parents[3] / "../shared/data/simple_shop/events.csv"
LATER = datetime(2030, 1, 1, tzinfo=UTC)
NAMES = {
    "stage_transitions",
    "insight_steps",
    "insight_friction_points",
    "insight_variants",
    "insight_transitions",
    "insight_channels",
    "insight_deviations",
    "insight_patterns",
    "journey_patterns",
    "insight_segments",
    "insight_moments_of_truth",
    "insight_emotion",
}


def test_nothing_gives_empty_tables(connection):
    """Without a journey every table is there, typed and empty."""
    found = compute_insights(*tables_of(connection, []), config_of(), snapshot_at=LATER)
    assert found.keys() == NAMES
    for name, table in found.items():
        assert table.num_rows == 0
        assert table.schema.names == TABLES[name].schema.names


def test_empty_tables_of_a_lake_do(connection):
    """Tables that no run has written yet, as the lake gives them, are enough beside attributes that are there."""
    names = ("journey_steps", "journeys")
    steps, journeys = (ibis.memtable(TABLES[name].schema.empty_table()) for name in names)
    attributes = tables_of(connection, [], {"c1": "pro"})[2]
    assert compute_insights(steps, journeys, attributes, config_of(), snapshot_at=LATER).keys() == NAMES


@pytest.mark.skipif(not SHOP.exists(), reason="needs ../shared/data/simple_shop")
def test_a_real_shop():
    """Visits of a real shop: sessions by step, 653 customers who buy, catalog to cart first among the losses."""
    events = pd.read_csv(SHOP, parse_dates=["timestamp"]).sort_values(["client_id", "timestamp"], kind="stable")
    events["event_at"] = events.timestamp.dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    events["customer_id"] = events.client_id.astype(str)
    gap = events.groupby("client_id").event_at.diff() > pd.Timedelta("30min")
    events["journey_id"] = ((events.client_id != events.client_id.shift()) | gap).cumsum().astype(str)
    events["step_number"] = events.groupby("journey_id").cumcount() + 1
    events["touchpoint_id"] = [f"t{number}" for number in range(len(events))]
    events["touchpoint"] = events.event
    events["channel"] = "website"
    path = ["main", "catalog", "cart", "delivery_choice", "payment_choice", "payment_done"]
    events["stage"] = events.event.where(events.event.isin(path)).groupby(events.journey_id).ffill().astype("string")
    journeys = events.groupby("journey_id", as_index=False).agg(
        customer_id=("customer_id", "first"), started_at=("event_at", "min"), ended_at=("event_at", "max")
    )
    paid = events[events.event == "payment_done"].groupby("journey_id").event_at.first()
    journeys["outcome_at"] = journeys.journey_id.map(paid)
    is_paid = journeys.outcome_at.notna()
    journeys["is_open"] = False
    journeys["goal"] = "conversion"
    journeys["outcome"] = pd.Series("paid", index=journeys.index, dtype="string").where(is_paid)
    journeys["outcome_kind"] = is_paid.map({True: "positive", False: "neutral"})
    journeys["variant_id"] = journeys.journey_id
    journeys["amount"] = 1.0
    config = config_of(journeys={"steps": path}, stages=[{"name": name, "enters_on": [name]} for name in path])
    columns = [
        "touchpoint_id",
        "journey_id",
        "customer_id",
        "step_number",
        "stage",
        "event_at",
        "touchpoint",
        "channel",
    ]
    with connect(memory="500MB") as shop:
        steps = materialize(shop, ibis.memtable(events[columns]), "shop_steps")
        attributes = tables_of(shop, [])[2]
        found = compute_insights(
            steps, materialize(shop, ibis.memtable(journeys), "shop_journeys"), attributes, config, snapshot_at=LATER
        )
    steps_found = by(found["insight_steps"], "step")
    assert {step: steps_found[step]["count_journeys"] for step in path} == {
        "main": 4338,
        "catalog": 5540,
        "cart": 2457,
        "delivery_choice": 1610,
        "payment_choice": 1079,
        "payment_done": 706,
    }
    assert steps_found["payment_done"]["count_customers"] == 653
    worst = found["insight_friction_points"].to_pylist()[0]
    assert (worst["touchpoint"], worst["rank"], round(worst["drop_off_rate"], 3)) == ("catalog", 1, 0.556)
