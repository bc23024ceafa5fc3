"""The steps of this room in order: identities and journeys, then what they show."""

from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from journeys.engine import connect, materialize
from journeys.episodes.build import build_episodes
from journeys.identities.attributes import latest_attributes
from journeys.identities.customers import build_customers, current_customers
from journeys.identities.probable import build_probable_links
from journeys.insights.compute import compute_insights
from journeys.insights.emotion import INFERRED, STATED
from journeys.lake.workspace import StepReport, Workspace
from journeys.texts.embedding import Embedding
from journeys.texts.scales import ratings
from journeys.texts.score import score_texts


def build_journeys(workspace: Workspace) -> StepReport:
    """Resolve identities, rebuild the journeys that changed, then search for probable links where that is on."""
    identities = build_customers(workspace)
    journeys = build_episodes(workspace)
    probable = build_probable_links(workspace)
    return StepReport(
        step="journeys",
        counts={**identities.counts, **journeys.counts, **probable.counts},
        read={**identities.read, **journeys.read, **probable.read},
        written={**identities.written, **journeys.written, **probable.written},
        notes=probable.notes,
    )


def build_insights(workspace: Workspace, snapshot_at: datetime) -> StepReport:
    """Recompute every insight from the journeys of today and replace the insight tables whole.

    Insights look at all journeys there are; `snapshot_at` says which attributes were valid, and until when outcomes could be seen.
    """
    lake = workspace.lake
    read = lake.versions(
        ["journey_steps", "journeys", "customer_attributes", "customers", "touchpoints", "touchpoint_texts"]
    )
    with connect(memory=workspace.memory) as connection:

        def scan(name: str) -> ibis.Table:
            return lake.scan(connection, name, version=read.get(name))

        said, of_texts = _said(
            workspace, connection, scan("journey_steps"), scan("touchpoints"), scan("touchpoint_texts")
        )
        tables = compute_insights(
            scan("journey_steps"),
            scan("journeys"),
            latest_attributes(scan("customer_attributes"), current_customers(scan("customers")), snapshot_at),
            workspace.project.config,
            said,
            snapshot_at=snapshot_at,
        )
    tables |= of_texts
    written = {name: lake.replace(name, rows, run_id=workspace.run_id) for name, rows in tables.items()}
    return StepReport(
        step="insights",
        counts={name: rows.num_rows for name, rows in tables.items()},
        read=read,
        written=written,
    )


def _said(
    workspace: Workspace, connection: Any, steps: ibis.Table, touchpoints: ibis.Table, texts: ibis.Table
) -> tuple[ibis.Table, dict[str, pa.Table]]:
    """Return what customers said (touchpoint_id, kind, value), and the tables of their texts.

    Only what stands in a journey counts: what a machine sent, and what nobody is known to have said, does not.
    """
    # A table that was never written is in memory and in no engine.
    counted = materialize(connection, steps.select("touchpoint_id", "customer_id"), "counted")
    scores = touchpoints.select("touchpoint_id", "source", "category", "touchpoint", "score")
    scores = materialize(
        connection, scores.filter(scores.score.notnull()).semi_join(counted, "touchpoint_id"), "scores"
    )
    rated = materialize(connection, ratings(scores, workspace.project.config.sources), "ratings")
    written = counted.inner_join(texts.select("touchpoint_id", "text", "language"), "touchpoint_id")
    folder = workspace.project.config.texts.embedding
    encode = Embedding(workspace.project.project_dir / folder) if folder else None
    found = score_texts(materialize(connection, written, "written"), rated, encode)
    stated = rated.select("touchpoint_id", kind=ibis.literal(STATED), value="value")
    read = pa.table({"touchpoint_id": found.scores["touchpoint_id"], "value": found.scores["sentiment"]})
    inferred = ibis.memtable(read).select("touchpoint_id", kind=ibis.literal(INFERRED), value="value")
    said = materialize(connection, ibis.union(stated, inferred), "said")
    return said, {"text_scores": found.scores, "insight_texts": found.languages}
