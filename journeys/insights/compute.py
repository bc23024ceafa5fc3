"""All insights of one snapshot, computed together over shared intermediates."""

from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import materialize
from journeys.insights.abandonment import abandonment_points, positive_amount
from journeys.insights.channels import insight_channels
from journeys.insights.deviations import insight_deviations
from journeys.insights.emotion import insight_emotion
from journeys.insights.friction import friction_points
from journeys.insights.moments_of_truth import insight_moments_of_truth
from journeys.insights.patterns import patterns
from journeys.insights.planned_path import planned_path, steps_reached
from journeys.insights.segment_differences import insight_segments
from journeys.insights.segments import customer_segments
from journeys.insights.stages import stage_entries, stage_transitions
from journeys.insights.steps import insight_steps
from journeys.insights.transitions import insight_transitions
from journeys.insights.variants import insight_variants

_STEP_COLUMNS = [
    "touchpoint_id",
    "journey_id",
    "customer_id",
    "step_number",
    "stage",
    "event_at",
    "touchpoint",
    "channel",
]


_SAID = ibis.schema({"touchpoint_id": "string", "kind": "string", "value": "float64"})


def compute_insights(
    steps: ibis.Table,
    journeys: ibis.Table,
    attributes: ibis.Table,
    config: JourneyConfig,
    said: ibis.Table | None = None,
    *,
    snapshot_at: datetime,
) -> dict[str, pa.Table]:
    """Return the tables of the insights by their names.

    Args:
        steps: journey_steps, as of the snapshot.
        journeys: journeys, as of the snapshot.
        attributes: columns customer_id, attribute, value; at most one value of an attribute a customer.
        config: stages, planned path, segments and value.
        snapshot_at: what ends later is not over yet.
        said: columns touchpoint_id, kind, value: what customers rated and what their texts show; nothing unless given.
    """
    # A table that was never written is in memory and in no engine; the others say which one it is.
    customers = ibis.union(*(table.select("customer_id") for table in (steps, journeys, attributes)))
    connection: Any = customers.get_backend()
    known = materialize(connection, steps.select(*_STEP_COLUMNS), ibis.util.gen_name("steps"))
    paths = materialize(connection, journeys, ibis.util.gen_name("journeys"))
    segments = materialize(
        connection, customer_segments(paths, attributes, config), ibis.util.gen_name("customer_segments")
    )
    path = planned_path(config)
    amount = positive_amount(paths, config)
    reached = materialize(connection, steps_reached(known, paths, path), ibis.util.gen_name("steps_reached"))
    entries = materialize(connection, stage_entries(known, paths), ibis.util.gen_name("stage_entries"))
    pattern_rows, pattern_members = patterns(known, paths, config)
    return {
        "stage_transitions": stage_transitions(entries, segments, config),
        "insight_steps": insight_steps(reached, segments, path),
        "insight_friction_points": pa.concat_tables(
            [
                abandonment_points(reached, known, paths, path, amount),
                friction_points(known, paths, segments, amount),
            ]
        ),
        "insight_variants": insight_variants(known, paths),
        "insight_transitions": insight_transitions(known, paths),
        "insight_channels": insight_channels(known, paths, config),
        "insight_deviations": insight_deviations(known, paths, path),
        "insight_patterns": pattern_rows,
        "journey_patterns": pattern_members,
        "insight_segments": insight_segments(known, segments),
        "insight_moments_of_truth": insight_moments_of_truth(known, paths, segments, config, snapshot_at),
        "insight_emotion": insight_emotion(
            known, _nothing_said(connection) if said is None else said, segments, config
        ),
    }


def _nothing_said(connection: Any) -> ibis.Table:
    empty = ibis.memtable(_SAID.to_pyarrow().empty_table())
    return materialize(connection, empty, ibis.util.gen_name("nothing_said"))
