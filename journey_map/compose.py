"""From tables to the document: every count passes the rule of small cells on its way."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from journey_map.channels import stage_channels
from journey_map.deviations import deviations
from journey_map.document import (
    SCHEMA_VERSION,
    AbandonmentPoint,
    AuditFinding,
    CustomerList,
    Decision,
    Freshness,
    MapDocument,
    NamedCount,
    Origin,
    Outcome,
    SourceCoverage,
    Stage,
    StageSplit,
    Step,
    TargetScores,
    Transition,
    Variant,
)
from journey_map.emotion import emotional_arc
from journey_map.friction import friction_points
from journey_map.moments import moments
from journey_map.patterns import patterns
from journey_map.segments import segment_differences
from journey_map.small_cells import SMALLEST_CELL, publish_count, publish_estimate, publish_number, publish_rate
from journeys.config.journey_yaml import JourneyConfig
from journeys.insights.intervals import add_wilson
from journeys.insights.segments import ALL
from journeys.insights.stages import START

MOST_VARIANTS = 40
MOST_TRANSITIONS = 100

_TIERS = ("high", "medium", "low")


@dataclass(frozen=True)
class Gathered:
    """What was read: insights as they stand, everything else already counted.

    Attributes:
        outcomes: outcome, outcome_kind, count_journeys, count_customers.
        count_customers: different customers of all journeys.
        journeys_until: the last touchpoint of all.
        scores: target, tier, score_basis, model_version, count_customers.
        lists: list, target, count_customers, amount.
        decisions: action, channel, target, arm, count_customers.
        loads: source, last_known_at, loaded_at, count_touchpoints.
        coverage: rows of `source_coverage`.
        findings: rows of `audit_findings`, the costliest first.
    """

    stage_transitions: pd.DataFrame
    steps: pd.DataFrame
    friction_points: pd.DataFrame
    variants: pd.DataFrame
    transitions: pd.DataFrame
    channels: pd.DataFrame
    deviations: pd.DataFrame
    patterns: pd.DataFrame
    segment_differences: pd.DataFrame
    moments: pd.DataFrame
    emotion: pd.DataFrame
    texts: pd.DataFrame
    outcomes: pd.DataFrame
    count_customers: int
    journeys_until: datetime | None
    scores: pd.DataFrame
    lists: pd.DataFrame
    decisions: pd.DataFrame
    loads: pd.DataFrame
    coverage: pd.DataFrame
    findings: pd.DataFrame


def compose_document(
    gathered: Gathered, config: JourneyConfig, origin: Origin, *, snapshot_at: datetime, drawn_at: datetime
) -> MapDocument:
    """Return the map's document; nothing is read and nothing written."""
    variants = _variants(gathered.variants)
    return MapDocument(
        schema_version=SCHEMA_VERSION,
        project=config.project,
        currency=config.currency,
        time_zone=config.time_zone,
        snapshot_at=snapshot_at,
        drawn_at=drawn_at,
        journeys_until=gathered.journeys_until,
        count_customers=publish_count(gathered.count_customers),
        count_journeys=publish_count(gathered.outcomes.count_journeys.sum(), gathered.count_customers),
        outcomes=_outcomes(gathered.outcomes),
        stages=_stages(gathered.stage_transitions, [stage.name for stage in config.stages]),
        stage_splits=_splits(gathered.stage_transitions, [stage.name for stage in config.stages]),
        steps=_steps(gathered.steps),
        deviations=deviations(gathered.deviations),
        abandonment_points=_abandonment_points(gathered.friction_points),
        friction_points=friction_points(gathered.friction_points),
        variants=variants,
        has_rarer_variants=sum(variant.share.value or 0.0 for variant in variants) < 1 - 1e-9,
        transitions=_transitions(gathered.transitions),
        channels=stage_channels(gathered.channels, [stage.name for stage in config.stages]),
        patterns=patterns(gathered.patterns),
        segment_differences=segment_differences(gathered.segment_differences),
        moments=moments(gathered.moments),
        emotion=emotional_arc(gathered.emotion, gathered.texts, [stage.name for stage in config.stages]),
        scores=_scores(gathered.scores, config),
        lists=tuple(
            CustomerList(row["list"], row["target"], publish_count(row["count_customers"]), _amount_of(row))
            for row in _rows(gathered.lists)
        ),
        decisions=tuple(
            Decision(
                action=row["action"] or "no action",
                channel=row["channel"],
                target=row["target"],
                arm=row["arm"],
                count_customers=publish_count(row["count_customers"]),
            )
            for row in _rows(gathered.decisions)
        ),
        freshness=tuple(
            Freshness(row["source"], _at(row["last_known_at"]), _at(row["loaded_at"]), int(row["count_touchpoints"]))
            for row in _rows(gathered.loads)
        ),
        coverage=tuple(
            SourceCoverage(
                row["source"],
                row["category"],
                row["state"],
                int(row["count_touchpoints"]),
                int(row["count_touchpoints_30d"]),
                _at(row["last_at"]),
                None if row["silent_days"] is None else int(row["silent_days"]),
                row["identified_share"],
            )
            for row in _rows(gathered.coverage)
        ),
        findings=tuple(
            AuditFinding(row["kind"], row["sentence"], row["advice"], publish_count(row["count_customers_30d"]))
            for row in _rows(gathered.findings)
        ),
        origin=origin,
    )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows with None for whatever is missing."""
    clean = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in clean.to_dict("records")]


def _at(value: Any) -> datetime | None:
    return None if value is None else pd.Timestamp(value).to_pydatetime()


def _amount_of(row: dict[str, Any]) -> float | None:
    return None if publish_count(row["count_customers"]) is None else publish_number(row["amount"])


def _rate_parts(row: dict[str, Any], name: str) -> tuple[Any, Any, Any]:
    return row[name], row[f"{name}_low"], row[f"{name}_high"]


def _outcomes(frame: pd.DataFrame) -> tuple[Outcome, ...]:
    frame = frame.assign(total=frame.count_journeys.sum(), customers=frame.count_journeys.sum())
    frame = add_wilson(frame, "count_journeys", "total", "customers", "share")
    return tuple(
        Outcome(
            row["outcome"],
            row["outcome_kind"],
            publish_rate(
                row["count_journeys"] if row["count_customers"] >= SMALLEST_CELL else row["count_customers"],
                row["total"],
                _rate_parts(row, "share"),
            ),
        )
        for row in _rows(frame)
    )


def _stages(frame: pd.DataFrame, names: Sequence[str]) -> tuple[Stage, ...]:
    everybody = frame[(frame.segment == ALL) & (frame.period == ALL)]
    pairs = {(row["from_stage"], row["to_stage"]): row for row in _rows(everybody)}
    stages = []
    for name, following in zip(names, [*names[1:], None], strict=True):
        reach = pairs.get((START, name))
        onward = pairs.get((name, following)) if following else None
        stages.append(
            Stage(
                name=name,
                reach=_stage_rate(reach) if reach else publish_rate(0, 0, (None, None, None)),
                next_stage=following,
                onward=_stage_rate(onward) if onward else None,
                hours_p50=onward["hours_p50"] if onward else None,
                hours_p90=onward["hours_p90"] if onward else None,
                matured_share=onward["matured_share"] if onward else None,
            )
        )
    return tuple(stages)


def _stage_rate(row: dict[str, Any]) -> Any:
    return publish_rate(row["count_customers"], row["count_entered"], _rate_parts(row, "conversion_rate"))


def _splits(frame: pd.DataFrame, names: Sequence[str]) -> tuple[StageSplit, ...]:
    """Return neighbouring stages by segment (all time) and by month (everybody)."""
    neighbours = dict(itertools.pairwise(names))
    order = {name: place for place, name in enumerate(names)}
    rows = [
        row
        for row in _rows(frame)
        if neighbours.get(row["from_stage"]) == row["to_stage"] and (row["segment"] == ALL) != (row["period"] == ALL)
    ]
    rows.sort(key=lambda row: (row["segment"], row["period"], order[row["from_stage"]]))
    return tuple(
        StageSplit(row["from_stage"], row["to_stage"], row["segment"], row["period"], _stage_rate(row)) for row in rows
    )


def _steps(frame: pd.DataFrame) -> tuple[Step, ...]:
    rows = _rows(frame[frame.segment == ALL].sort_values("step_number"))
    return tuple(
        Step(
            number=int(row["step_number"]),
            name=row["step"],
            next_name=row["next_step"],
            count_journeys=publish_count(row["count_journeys"], row["count_customers"]),
            count_customers=publish_count(row["count_customers"]),
            onward=None
            if row["next_step"] is None
            else publish_rate(
                row["count_journeys_next"],
                row["count_journeys"],
                _rate_parts(row, "conversion_rate"),
                row["count_customers"],
            ),
            hours_p50=row["hours_p50"],
            hours_p90=row["hours_p90"],
        )
        for row in rows
    )


def _abandonment_points(frame: pd.DataFrame) -> tuple[AbandonmentPoint, ...]:
    points = []
    for row in _rows(frame[frame.segment == ALL].sort_values("rank")):
        evidence = json.loads(row["evidence"])
        customers = row["count_customers"]
        lost = evidence["count_journeys_lost"] if customers >= SMALLEST_CELL else customers
        points.append(
            AbandonmentPoint(
                rank=int(row["rank"]),
                name=row["touchpoint"] or evidence["step"],
                stage=row["stage"],
                next_name=evidence["next_step"],
                drop_off=publish_rate(lost, row["count_entered"], _rate_parts(row, "drop_off_rate")),
                customers_lost=publish_estimate(_rate_parts(row, "customers_lost"), customers),
                revenue_at_risk=publish_estimate(_rate_parts(row, "revenue_at_risk_amount"), customers),
                count_returned=publish_count(evidence["count_customers_returned"]),
                last_touchpoints=_named(evidence["last_touchpoints"], "touchpoint"),
                outcomes=_named(evidence["outcomes"], "outcome"),
            )
        )
    return tuple(points)


def _named(rows: list[dict[str, Any]], key: str) -> tuple[NamedCount, ...]:
    return tuple(
        NamedCount(row[key] or "no outcome", publish_count(row["count_journeys"], row["count_customers"]))
        for row in rows
    )


def _variants(frame: pd.DataFrame) -> tuple[Variant, ...]:
    # The rate is null exactly where fewer than ten customers took the path: such a path is not shown.
    shown = frame[frame.conversion_rate.notna() & (frame.count_journeys >= SMALLEST_CELL)]
    total = (shown.count_journeys / shown.share).round().astype("int64")
    shown = add_wilson(shown.assign(total=total), "count_journeys", "total", "total", "share")
    return tuple(
        Variant(
            rank=int(row["rank"]),
            touchpoints=tuple(row["path"].split(" > ")),
            share=publish_rate(row["count_journeys"], row["total"], _rate_parts(row, "share")),
            coverage_share=row["coverage_share"],
            positive=publish_rate(row["count_positive"], row["count_journeys"], _rate_parts(row, "conversion_rate")),
            hours_p50=row["hours_p50"],
        )
        for row in _rows(shown.sort_values("rank").head(MOST_VARIANTS))
    )


def _transitions(frame: pd.DataFrame) -> tuple[Transition, ...]:
    total = frame.groupby("from_touchpoint").count_transitions.transform("sum")
    shown = frame.assign(total=total)[frame.count_customers >= SMALLEST_CELL]
    shown = add_wilson(shown, "count_transitions", "total", "count_customers", "share_next")
    order = ["count_transitions", "from_touchpoint", "to_touchpoint"]
    shown = shown.sort_values(order, ascending=[False, True, True]).head(MOST_TRANSITIONS)
    return tuple(
        Transition(
            from_touchpoint=row["from_touchpoint"],
            to_touchpoint=row["to_touchpoint"],
            count_customers=int(row["count_customers"]),
            share_next=publish_rate(row["count_transitions"], row["total"], _rate_parts(row, "share_next")),
            hours_p50=row["hours_p50"],
            hours_p90=row["hours_p90"],
        )
        for row in _rows(shown)
    )


def _scores(frame: pd.DataFrame, config: JourneyConfig) -> tuple[TargetScores, ...]:
    found = []
    for (target, basis, version), rows in frame.groupby(["target", "score_basis", "model_version"], sort=True):
        counts = dict(zip(rows.tier, rows.count_customers, strict=True))
        kind = config.targets[target].kind if target in config.targets else ""
        tiers = tuple(NamedCount(tier, publish_count(counts.get(tier, 0))) for tier in _TIERS)
        found.append(TargetScores(str(target), kind, str(basis), str(version), tiers))
    return tuple(found)
