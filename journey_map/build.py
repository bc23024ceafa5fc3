"""Draw the journey map: gather, compose, write two files."""

from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from journey_map.compose import Gathered, compose_document
from journey_map.document import Origin, to_json
from journey_map.page import render_page
from journeys.config.errors import DataError
from journeys.engine import connect
from journeys.lake.workspace import StepReport, Workspace, snapshot_key

READ = (
    "stage_transitions",
    "insight_steps",
    "insight_friction_points",
    "insight_variants",
    "insight_transitions",
    "insight_channels",
    "insight_deviations",
    "insight_patterns",
    "insight_segments",
    "insight_moments_of_truth",
    "insight_emotion",
    "insight_texts",
    "journeys",
    "journey_steps",
    "loads",
    "source_coverage",
    "audit_findings",
    "scores",
    "at_risk",
    "hot_leads",
    "decisions",
)

_INSIGHTS = {
    "stage_transitions": "stage_transitions",
    "steps": "insight_steps",
    "friction_points": "insight_friction_points",
    "variants": "insight_variants",
    "transitions": "insight_transitions",
    "channels": "insight_channels",
    "deviations": "insight_deviations",
    "patterns": "insight_patterns",
    "segment_differences": "insight_segments",
    "moments": "insight_moments_of_truth",
    "emotion": "insight_emotion",
    "texts": "insight_texts",
}


def draw_journey_map(workspace: Workspace, snapshot_at: datetime) -> StepReport:
    """Write `journey_map.html` and `journey_map.json` into the project's output folder.

    Each file is replaced in one step, so that a reader never sees half of it.

    Args:
        workspace: project, lake and clock.
        snapshot_at: the instant whose scores, lists and decisions are shown beside the insights.

    Returns:
        Counts of what is on the map, the versions read, and the two paths.

    Raises:
        DataError: when the folder cannot be written.
    """
    versions = workspace.lake.versions(READ)
    gathered = gather(workspace, snapshot_at, versions)
    origin = Origin(workspace.run_id, workspace.project.config.config_hash, versions)
    document = compose_document(
        gathered, workspace.project.config, origin, snapshot_at=snapshot_at, drawn_at=workspace.now
    )
    folder = workspace.project.output_dir
    paths = (folder / "journey_map.html", folder / "journey_map.json")
    for path, text in zip(paths, (render_page(document), to_json(document)), strict=True):
        _write(path, text)
    notes = [] if len(gathered.outcomes) else ["There are no journeys yet, so the map is empty: build them first."]
    return StepReport(
        step="map",
        counts={
            "count_stages": len(document.stages),
            "count_steps": len(document.steps),
            "count_deviations": len(document.deviations),
            "count_abandonment_points": len(document.abandonment_points),
            "count_friction_points": len(document.friction_points),
            "count_variants": len(document.variants),
            "count_transitions": len(document.transitions),
            "count_patterns": len(document.patterns),
            "count_segment_differences": len(document.segment_differences),
            "count_moments": len(document.moments),
            "count_peaks_and_troughs": len(document.emotion.extremes) if document.emotion else 0,
            "count_channels": sum(len(stage.channels) for stage in document.channels),
        },
        read=versions,
        notes=tuple(notes),
        paths=tuple(str(path) for path in paths),
    )


def gather(workspace: Workspace, snapshot_at: datetime, versions: dict[str, int]) -> Gathered:
    """Return what the map shows, read at the given versions.

    Insights and outcomes are of all journeys there are; scores, lists and decisions those of the snapshot.
    """
    lake = workspace.lake
    with connect(memory=workspace.memory) as connection:

        def scan(name: str) -> ibis.Table:
            return lake.scan(connection, name, version=versions.get(name))

        def at_snapshot(name: str) -> ibis.Table:
            table = scan(name)
            return table.filter(table.snapshot_key == snapshot_key(snapshot_at))

        journeys = scan("journeys")
        return Gathered(
            **{key: lake.read(name, version=versions.get(name)).to_pandas() for key, name in _INSIGHTS.items()},
            outcomes=_frame(connection, _count_outcomes(journeys)),
            **_whole(connection, journeys, scan("journey_steps")),
            scores=_frame(connection, _count(at_snapshot("scores"), "target", "score_basis", "model_version", "tier")),
            lists=pd.concat(
                [_frame(connection, _list(at_snapshot(name), name)) for name in ("at_risk", "hot_leads")],
                ignore_index=True,
            ),
            decisions=_frame(connection, _count(at_snapshot("decisions"), "action", "channel", "target", "arm")),
            loads=_frame(connection, _freshness(scan("loads"))),
            coverage=_frame(connection, scan("source_coverage").order_by("source", "category")),
            findings=_frame(connection, scan("audit_findings").order_by("rank")),
        )


def _frame(connection: Any, expression: ibis.Table) -> pd.DataFrame:
    # An unwritten table lives in memory, in no engine; this one can read it as well.
    frame: pd.DataFrame = connection.to_pandas(expression)
    return frame


def _whole(connection: Any, journeys: ibis.Table, steps: ibis.Table) -> dict[str, Any]:
    """Return how many customers there are, and when the last of their touchpoints was."""
    whole = journeys.aggregate(count_customers=journeys.customer_id.nunique())
    until = connection.to_pandas(steps.aggregate(until=steps.event_at.max())).iloc[0].until
    return {
        "count_customers": int(connection.to_pandas(whole).iloc[0].count_customers),
        "journeys_until": None if pd.isna(until) else until.to_pydatetime(),
    }


def _count_outcomes(journeys: ibis.Table) -> ibis.Table:
    """Return how many journeys ended how; those that are over without an outcome of a name are 'no outcome'."""
    without = ibis.ifelse(journeys.is_open, "open", "no outcome")
    named = journeys.mutate(outcome=journeys.outcome.fill_null(without))
    counted = named.group_by("outcome", "outcome_kind").aggregate(
        count_journeys=named.count(), count_customers=named.customer_id.nunique()
    )
    return counted.order_by(ibis.desc("count_journeys"), "outcome")


def _count(table: ibis.Table, *keys: str) -> ibis.Table:
    counted = table.group_by(*keys).aggregate(count_customers=table.customer_id.nunique())
    return counted.order_by(ibis.desc("count_customers"), *keys)


def _list(table: ibis.Table, name: str) -> ibis.Table:
    counted = table.group_by("target").aggregate(
        count_customers=table.customer_id.nunique(), amount=table.value_at_risk_amount.sum()
    )
    return counted.mutate(list=ibis.literal(name)).order_by("target")


def _freshness(loads: ibis.Table) -> ibis.Table:
    return (
        loads.group_by("source")
        .aggregate(
            last_known_at=loads.last_known_at.max(),
            loaded_at=loads.loaded_at.max(),
            count_touchpoints=loads.count_touchpoints.sum(),
        )
        .order_by("source")
    )


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        msg = f"Cannot write {path} ({error.strerror}); make the folder writable or choose another --home."
        raise DataError(msg) from error
