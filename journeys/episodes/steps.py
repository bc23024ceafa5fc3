"""Touchpoints in order, cut into sessions and journeys, each with the stage in force.

The same functions serve the tables of today and features as of a snapshot: `keys` says what one
customer's line of touchpoints is (`customer_id`, or `customer_id` and `snapshot_at`).
"""

from datetime import timedelta

import ibis

from journeys.config.journey_yaml import JourneyConfig
from journeys.episodes.vocabulary import describe_goals

ORDER = ("event_at", "source", "source_position", "touchpoint_id")
"""Time decides, then the place in the source's file; the last two only make the order total."""


def order_steps(
    touches: ibis.Table, vocabulary: ibis.Table, config: JourneyConfig, keys: tuple[str, ...] = ("customer_id",)
) -> ibis.Table:
    """Return `touches` with session_id, journey_id, step_number, stage_number, goal and what each reaches.

    Args:
        touches: touchpoints with the columns of ORDER, `keys`, touchpoint and case_id.
        vocabulary: `describe_touchpoints` of the names in `touches`.
        config: session gap, journey gap, goals, whether a case is a journey.
        keys: columns that identify one customer's line of touchpoints.
    """
    rules = config.journeys
    known = touches.left_join(vocabulary, "touchpoint").drop("touchpoint_right")
    known = known.mutate(
        enters_stage=known.enters_stage.fill_null(-1),
        ends_journey=known.ends_journey.fill_null(False),
        # A case of the source is a line of its own; everything else follows the customer.
        line=known.source.concat(":", known.case_id).fill_null("") if rules.by_case else ibis.literal(""),
    )
    of_customer = ibis.window(group_by=[*keys], order_by=[*ORDER])
    of_line = ibis.window(group_by=[*keys, "line"], order_by=[*ORDER])
    timed = known.mutate(
        position=ibis.row_number().over(of_line),
        previous_at=known.event_at.lag().over(of_customer),
        previous_line_at=known.event_at.lag().over(of_line),
        previous_ended=known.ends_journey.lag().over(of_line).fill_null(False),
        after=ibis.ifelse(known.ends_journey, known.reaches, ibis.null("string")),
    )
    is_case = timed.line != ""
    cut = timed.mutate(
        opens_session=_silent(timed.event_at, timed.previous_at, rules.session_gap),
        opens_journey=ibis.ifelse(
            is_case,
            timed.previous_line_at.isnull(),
            timed.previous_ended | _silent(timed.event_at, timed.previous_line_at, rules.gap),
        ),
    )
    before = ibis.window(group_by=[*keys, "line"], order_by=[*ORDER], preceding=(None, 1))
    numbered = cut.mutate(
        session_number=cut.opens_session.cast("int64").sum().over(_so_far(*keys)),
        journey_number=cut.opens_journey.cast("int64").sum().over(_so_far(*keys, "line")),
        # The latest ending outcome before this touchpoint decides what the customer is on the way to.
        # Its position leads the text, so that the greatest text is the latest: no engine-specific window.
        follows=cut.position.cast("string").lpad(12, "0").concat(cut.after).max().over(before).substr(12).fill_null(""),
    )
    goals = ibis.memtable(describe_goals(config))
    of_session = ibis.window(group_by=[*keys, "session_number"], order_by=[*ORDER])
    of_journey = ibis.window(group_by=[*keys, "line", "journey_number"], order_by=[*ORDER])
    named = numbered.left_join(goals, "follows").drop("follows_right")
    opened = named.mutate(
        step_number=ibis.row_number().over(of_journey) + 1,
        first_in_session=named.touchpoint_id.first().over(of_session),
        first_in_journey=named.touchpoint_id.first().over(of_journey),
        journey_goal=named.goal.first().over(of_journey),
        journey_stage=named.first_stage.first().over(of_journey),
        highest=named.enters_stage.max().over(_so_far(*keys, "line", "journey_number")),
        journey_line=named.line,
    )
    return opened.mutate(
        goal=opened.journey_goal,
        stage_number=ibis.greatest(opened.highest, opened.journey_stage),
        session_id=ibis.literal("s_").concat(opened.first_in_session.left(24)),
        journey_id=ibis.ifelse(
            opened.journey_line != "",
            # Two customers who share a case have a journey each.
            ibis.literal("j_").concat(opened.journey_line.concat(":", opened.customer_id).hexdigest("sha256").left(24)),
            ibis.literal("j_").concat(opened.first_in_journey.left(24)),
        ),
    ).drop(
        "line",
        "journey_line",
        "position",
        "previous_ended",
        "after",
        "opens_session",
        "opens_journey",
        "session_number",
        "journey_number",
        "follows",
        "first_in_session",
        "first_in_journey",
        "journey_goal",
        "journey_stage",
        "highest",
        "first_stage",
    )


def _so_far(*group_by: str) -> ibis.expr.builders.WindowBuilder:
    """Return the window of all rows of a group up to the current one."""
    return ibis.cumulative_window(group_by=[*group_by], order_by=[*ORDER])


def _silent(at: ibis.Value, previous: ibis.Value, gap: timedelta) -> ibis.Value:
    """Return whether nothing came before `at` within `gap`."""
    silence = at.delta(previous, unit="microsecond")
    return previous.isnull() | (silence > int(gap.total_seconds() * 1_000_000))
