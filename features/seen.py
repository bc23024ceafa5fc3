"""What was known: each customer's touchpoints as of its snapshot, ordered and cut as of that snapshot.

Nothing here looks past the snapshot: a touchpoint counts when it had happened and was known by then,
its customer is the one believed then, and sessions, stages and journeys are cut from those rows alone.
"""

from datetime import timedelta
from typing import Any

import ibis

from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import materialize
from journeys.episodes.steps import order_steps
from journeys.episodes.vocabulary import describe_touchpoints, stage_name

KEYS = ("customer_id", "snapshot_at")
_MICROSECONDS_A_DAY = 86_400_000_000
_MICROSECONDS_AN_HOUR = 3_600_000_000


def touchpoints_as_known(touchpoints: ibis.Table, customers: ibis.Table, spine: ibis.Table) -> ibis.Table:
    """Return the touchpoints that each customer of `spine` had at its snapshot.

    Args:
        touchpoints: the table of that name.
        customers: the table of that name, with its known_at and known_to.
        spine: customer_id as believed at snapshot_at, one row each.
    """
    owned = spine.join(
        customers.select("identifier_id", "customer_id", "known_at", "known_to"),
        ["customer_id"],
    )
    believed = owned.filter(
        (owned.known_at <= owned.snapshot_at) & (owned.known_to.isnull() | (owned.known_to > owned.snapshot_at))
    ).select("customer_id", "snapshot_at", "identifier_id")
    happened = touchpoints.mutate(identifier_id=touchpoints.identifier_ids[0]).drop("identifier_ids", "properties")
    joined = believed.join(happened, "identifier_id")
    return joined.filter((joined.event_at <= joined.snapshot_at) & (joined.known_at <= joined.snapshot_at)).drop(
        "identifier_id"
    )


def seen_within(touchpoints: ibis.Table, customers: ibis.Table, rows: ibis.Table, window: timedelta) -> ibis.Table:
    """Return those of `rows` whose customer had a touchpoint within `window` before the snapshot, as known then.

    Most of a calendar's rows are of customers long gone; leaving them out before anything is put in
    order saves most of the work.
    """
    seen = touchpoints_as_known(touchpoints, customers, rows.select(*KEYS))
    age = seen.snapshot_at.delta(seen.event_at, unit="microsecond")
    recent = seen.filter(age <= window // timedelta(microseconds=1))
    return rows.semi_join(recent.select(*KEYS).distinct(), list(KEYS))


def enrich(connection: Any, touches: ibis.Table, config: JourneyConfig) -> ibis.Table:
    """Return `touches` with all that a feature may look at; one row a customer, snapshot and touchpoint.

    The added columns: age_days (before the snapshot), gap_hours (since the touchpoint before it in its journey),
    line_number (its place in the customer's line), is_last, is_current (of the journey in progress),
    is_loop (seen earlier in the journey, with something else between), is_repeat (the same as the one
    before), is_unanswered (communication after all else in its journey), enters (first touchpoint of its stage in the journey), and those of `order_steps`.
    """
    stored = materialize(connection, touches, "seen")
    names = connection.to_pyarrow(stored.select("touchpoint").distinct())["touchpoint"].to_pylist()
    steps = order_steps(stored, ibis.memtable(describe_touchpoints(names, config)), config, KEYS)
    order = ["event_at", "source", "source_position", "touchpoint_id"]
    line = ibis.window(group_by=list(KEYS), order_by=order)
    journey = ibis.window(group_by=[*KEYS, "journey_id"], order_by="step_number")
    placed = steps.mutate(
        line_number=ibis.row_number().over(line) + 1,
        last_journey_id=steps.journey_id.last().over(line),
        previous_touchpoint=steps.touchpoint.lag().over(journey),
        previous_in_journey_at=steps.event_at.lag().over(journey),
        previous_stage=steps.stage_number.lag().over(journey),
        times_before=ibis.row_number().over(
            ibis.window(group_by=[*KEYS, "journey_id", "touchpoint"], order_by="step_number")
        ),
        lines=ibis._.count().over(ibis.window(group_by=list(KEYS))),
        last_other=ibis.ifelse(steps.category != "communication", steps.step_number, ibis.null("int64"))
        .max()
        .over(ibis.window(group_by=[*KEYS, "journey_id"])),
    )
    is_repeat = placed.previous_touchpoint.notnull() & (placed.previous_touchpoint == placed.touchpoint)
    added = placed.mutate(
        stage=stage_name(placed.stage_number, config),
        age_days=placed.snapshot_at.delta(placed.event_at, unit="microsecond") / _MICROSECONDS_A_DAY,
        gap_hours=placed.event_at.delta(placed.previous_in_journey_at, unit="microsecond") / _MICROSECONDS_AN_HOUR,
        is_last=placed.line_number == placed.lines,
        is_current=placed.journey_id == placed.last_journey_id,
        is_repeat=is_repeat,
        is_loop=(placed.times_before > 0) & ~is_repeat,
        is_unanswered=placed.step_number > placed.last_other.fill_null(0),
        enters=placed.previous_stage.isnull() | (placed.previous_stage != placed.stage_number),
    )
    return materialize(connection, added.drop("lines", "last_journey_id", "times_before", "last_other"), "enriched")
