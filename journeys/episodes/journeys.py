"""Journeys from steps: when each began and ended, how far it came, and how it turned out."""

from datetime import datetime

import ibis

from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import exact_sum
from journeys.episodes.vocabulary import stage_name

PATH_SEPARATOR = " > "


def summarize_journeys(steps: ibis.Table, config: JourneyConfig, data_until: datetime) -> ibis.Table:
    """Return one row a journey from the rows of `order_steps`.

    Args:
        steps: ordered steps with journey_id, stage_number, reaches, ends_journey and amount.
        config: gaps, amounts and stages.
        data_until: the last instant that the data cover; what came shortly before it may go on.

    A journey has the first outcome that ended it, else the first that it reached. It is open while
    none ended it and silence has not yet closed it; a case without an ending outcome stays open.
    """
    order = steps.step_number
    positive = steps.amount.notnull()
    amounts = {
        "sum": exact_sum(steps.amount),
        "max": steps.amount.max(),
        "last": steps.amount.argmax(order, where=positive),
        "none": ibis.null("float64"),
    }
    reached = steps.reaches.notnull()
    ending = steps.ends_journey
    grouped = steps.group_by("journey_id").aggregate(
        customer_id=steps.customer_id.argmin(order),
        customer_bucket=steps.customer_bucket.argmin(order),
        account_id=steps.account_id.max(),
        goal=steps.goal.argmin(order),
        started_at=steps.event_at.min(),
        last_at=steps.event_at.max(),
        highest=steps.stage_number.max(),
        ending_outcome=steps.reaches.argmin(order, where=ending),
        ending_kind=steps.reaches_kind.argmin(order, where=ending),
        ending_at=steps.event_at.argmin(order, where=ending),
        first_outcome=steps.reaches.argmin(order, where=reached),
        first_kind=steps.reaches_kind.argmin(order, where=reached),
        first_outcome_at=steps.event_at.argmin(order, where=reached),
        is_case=steps.case_id.notnull().any(),
        count_touchpoints=steps.count(),
        count_sessions=steps.session_id.nunique(),
        amount=amounts[config.journeys.amount],
    )
    until = ibis.literal(data_until).cast("timestamp('UTC', 6)")
    silence = until.delta(grouped.last_at, unit="microsecond")
    is_silent = silence > int(config.journeys.gap.total_seconds() * 1_000_000)
    closes = grouped.ending_outcome.notnull() | (~(grouped.is_case & config.journeys.by_case) & is_silent)
    judged = grouped.mutate(
        is_open=~closes,
        outcome=ibis.coalesce(grouped.ending_outcome, grouped.first_outcome),
        outcome_at=ibis.ifelse(grouped.ending_outcome.notnull(), grouped.ending_at, grouped.first_outcome_at),
        kind=ibis.ifelse(grouped.ending_outcome.notnull(), grouped.ending_kind, grouped.first_kind),
    )
    return judged.mutate(
        ended_at=ibis.ifelse(judged.is_open, ibis.null("timestamp('UTC', 6)"), judged.last_at),
        outcome_kind=ibis.coalesce(judged.kind, ibis.ifelse(judged.is_open, "open", "neutral")),
        stage_reached=stage_name(judged.highest, config),
    ).left_join(journey_variants(steps), "journey_id")


def journey_variants(steps: ibis.Table) -> ibis.Table:
    """Return journey_id, path and variant_id: touchpoints in order, immediate repeats collapsed."""
    in_journey = ibis.window(group_by="journey_id", order_by="step_number")
    marked = steps.select("journey_id", "step_number", "touchpoint").mutate(
        previous=steps.touchpoint.lag().over(in_journey)
    )
    changes = marked.filter(marked.previous.isnull() | (marked.previous != marked.touchpoint))
    paths = changes.group_by("journey_id").aggregate(
        path=changes.touchpoint.group_concat(PATH_SEPARATOR, order_by=changes.step_number)
    )
    return paths.mutate(variant_id=paths.path.hexdigest("sha256").left(16))
