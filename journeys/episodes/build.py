"""Journeys of today: gather touchpoints and customers, order and cut them, replace the buckets touched."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from journeys.engine import connect, materialize
from journeys.episodes.journeys import summarize_journeys
from journeys.episodes.steps import order_steps
from journeys.episodes.vocabulary import describe_touchpoints, stage_name
from journeys.identities.customers import owned_touchpoints
from journeys.identities.scan import TOUCHPOINT_TABLES, scan_touchpoints
from journeys.lake.tables import COUNT_BUCKETS
from journeys.lake.workspace import StepReport, Workspace

_ROWS_A_PASS = 4_000_000
"""So many touchpoints are ordered at once; more are done some buckets at a time, to bound memory."""


def build_episodes(workspace: Workspace) -> StepReport:
    """Rebuild the journeys of every bucket in which something changed since the last build."""
    lake, config = workspace.lake, workspace.project.config
    read = lake.versions([*TOUCHPOINT_TABLES, "customers"])
    counts: dict[str, int | float] = {}
    with connect(memory=workspace.memory) as connection:
        touches = _with_customers(workspace, connection, read)
        size, until = (
            connection.to_pyarrow(touches.aggregate(size=touches.count(), until=touches.event_at.max()))
            .to_pylist()[0]
            .values()
        )
        names = connection.to_pyarrow(touches.select("touchpoint").distinct())["touchpoint"].to_pylist()
        vocabulary = ibis.memtable(describe_touchpoints(names, config))
        buckets = _changed_buckets(workspace, connection, touches, until)
        width = max(1, COUNT_BUCKETS * _ROWS_A_PASS // max(size, 1))
        for start in range(0, len(buckets), width):
            chosen = buckets[start : start + width]
            workspace.progress("journeys", start, len(buckets))
            steps, journeys = _compute(workspace, connection, touches, vocabulary, until, chosen)
            where = {"customer_bucket": chosen}
            # The steps come last: what they lack is built again, so that a run killed between the two loses nothing.
            lake.replace("journeys", journeys, run_id=workspace.run_id, where=where)
            lake.replace("journey_steps", steps, run_id=workspace.run_id, where=where)
        counts |= {"touchpoints": size, "buckets_rebuilt": len(buckets)}
        counts |= _outcome_counts(workspace, connection)
    return StepReport(step="journeys", counts=counts, read=read, written=lake.versions(["journey_steps", "journeys"]))


def bucket_of(customer_id: ibis.Value) -> ibis.Value:
    """Return the bucket of a customer: the first hexadecimal digit of its id, so that it never moves."""
    return ibis.literal("0123456789abcdef").find(customer_id.substr(2, 1)).cast("int32")


def _with_customers(workspace: Workspace, connection: Any, read: dict[str, int]) -> ibis.Table:
    touchpoints = scan_touchpoints(workspace, connection, read)
    customers = workspace.lake.scan(connection, "customers", version=read.get("customers"))
    owned = owned_touchpoints(touchpoints, customers)
    return owned.mutate(customer_bucket=bucket_of(owned.customer_id))


def _changed_buckets(workspace: Workspace, connection: Any, touches: ibis.Table, until: datetime | None) -> list[int]:
    """Return the buckets with touchpoints not yet in a journey, moved between customers, or closed by silence."""
    if workspace.lake.version("journey_steps") is None:
        return list(range(COUNT_BUCKETS))
    placed = ("touchpoint_id", "customer_id", "account_id", "customer_bucket")
    done = workspace.lake.scan(connection, "journey_steps").select(*placed)
    both = touches.select(*placed).outer_join(done, "touchpoint_id", rname="old_{name}")
    moved = both.filter(
        ~both.customer_id.identical_to(both.old_customer_id) | ~both.account_id.identical_to(both.old_account_id)
    )
    done_by = workspace.lake.scan(connection, "journey_steps").select("customer_bucket", "config_hash").distinct()
    other = done_by.filter(done_by.config_hash.fill_null("") != workspace.project.config.config_hash)
    found = set(connection.to_pyarrow(other)["customer_bucket"].to_pylist())
    for column in ("customer_bucket", "old_customer_bucket"):
        found |= set(connection.to_pyarrow(moved.select(bucket=moved[column]).distinct())["bucket"].to_pylist())
    if until is not None:
        journeys = workspace.lake.scan(connection, "journeys")
        steps = workspace.lake.scan(connection, "journey_steps").join(
            touches.select("touchpoint_id", "case_id"), "touchpoint_id"
        )
        last = steps.group_by("journey_id").aggregate(
            last_at=steps.event_at.max(), is_case=steps.case_id.notnull().any()
        )
        waiting = journeys.filter(journeys.is_open).join(last, "journey_id")
        if workspace.project.config.journeys.by_case:
            waiting = waiting.filter(~waiting.is_case)
        gap = int(workspace.project.config.journeys.gap.total_seconds() * 1_000_000)
        now = ibis.literal(until).cast("timestamp('UTC', 6)")
        silent = waiting.filter(now.delta(waiting.last_at, unit="microsecond") > gap)
        found |= set(connection.to_pyarrow(silent.select("customer_bucket").distinct())["customer_bucket"].to_pylist())
    return sorted(bucket for bucket in found if bucket is not None)


def _compute(
    workspace: Workspace,
    connection: Any,
    touches: ibis.Table,
    vocabulary: ibis.Table,
    until: datetime,
    buckets: Sequence[int],
) -> tuple[pa.Table, pa.Table]:
    config = workspace.project.config
    chosen = touches.filter(touches.customer_bucket.isin(list(buckets)))
    steps = materialize(connection, order_steps(chosen, vocabulary, config), "steps")
    journeys = summarize_journeys(steps, config, until)
    lake = workspace.lake
    shown = steps.mutate(stage=stage_name(steps.stage_number, config))
    shown = shown.mutate(config_hash=ibis.literal(config.config_hash))
    return (
        connection.to_pyarrow(shown.select(*lake.table("journey_steps").schema.names)),
        connection.to_pyarrow(journeys.select(*lake.table("journeys").schema.names)),
    )


def _outcome_counts(workspace: Workspace, connection: Any) -> dict[str, int | float]:
    journeys = workspace.lake.scan(connection, "journeys")
    outcome = journeys.outcome.fill_null(ibis.ifelse(journeys.is_open, "open", "no_outcome"))
    grouped = journeys.group_by(outcome=outcome).aggregate(count=journeys.count())
    by_outcome = {row["outcome"]: row["count"] for row in connection.to_pyarrow(grouped).to_pylist()}
    declared = [item.name for item in workspace.project.config.outcomes]
    return {"journeys": sum(by_outcome.values())} | {
        name: by_outcome.get(name, 0) for name in [*declared, "no_outcome", "open"]
    }
