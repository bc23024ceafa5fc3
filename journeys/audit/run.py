"""The audit of a lake: gather what the sources told, find what is missing, write the tables and the tracking plan."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from journeys.audit.coverage import (
    TOUCHPOINT,
    WHOLE_SOURCE,
    days_told,
    known_identifiers,
    people_told,
    regularity,
)
from journeys.audit.findings import Facts, Finding, findings
from journeys.audit.tracking_plan import tracking_plan
from journeys.config.errors import DataError
from journeys.engine import connect, materialize
from journeys.identities.customers import current_customers
from journeys.identities.owners import with_owners
from journeys.identities.scan import read_project_rates
from journeys.lake.workspace import StepReport, Workspace
from journeys.touchpoints.drift import drifts

_READ = (
    *("touchpoints", "touchpoint_owners", "touchpoint_flags"),
    *("identifier_vault", "customers", "loads", "quarantine"),
)
_LOAD_COLUMNS = ["load_id", "source", "file", "loaded_at", "columns", "count_rows_read", "count_rows_quarantined"]


def audit_sources(workspace: Workspace) -> StepReport:
    """Look at what every source tells, and replace `source_coverage` and `audit_findings`.

    The notes are the findings, the costliest first; `tracking_plan.json` in the output folder says what to track.
    """
    lake, config = workspace.lake, workspace.project.config
    read = lake.versions(_READ)
    facts = gather(workspace, read)
    found = findings(facts, config)
    written = {
        "source_coverage": lake.replace("source_coverage", _coverage(facts, workspace), run_id=workspace.run_id),
        "audit_findings": lake.replace("audit_findings", _findings(found, workspace), run_id=workspace.run_id),
    }
    path = workspace.project.output_dir / "tracking_plan.json"
    plan = tracking_plan(config, facts.touchpoints)
    _write(path, json.dumps(plan, indent=2, ensure_ascii=False) + "\n")
    status = [event["x-status"] for event in plan["$defs"].values()]
    return StepReport(
        step="audit",
        counts={
            "sources": len(config.sources),
            "sources_missing": sum(one.kind == "missing_source" for one in found),
            "sources_stopped": sum(one.kind == "stopped_source" for one in found),
            "findings": len(found),
            "events_tracked": status.count("tracked"),
            "events_to_track": len(status) - status.count("tracked"),
        },
        read=read,
        written=written,
        notes=tuple(f"{one.sentence} {one.advice}" for one in found) or ("Every source tells what it should.",),
        paths=(str(path),),
    )


def gather(workspace: Workspace, versions: Mapping[str, int]) -> Facts:
    """Return the facts of the sources at pinned versions."""
    lake, config = workspace.lake, workspace.project.config
    with connect(memory=workspace.memory) as connection:

        def scan(name: str) -> ibis.Table:
            return lake.scan(connection, name, version=versions.get(name))

        owned = with_owners(scan("touchpoints"), scan("touchpoint_owners"))
        columns = ("source", "category", "touchpoint", "event_at", "identifier_ids")
        touchpoints = materialize(connection, owned.select(*columns), "audited")
        until = connection.to_pyarrow(touchpoints.event_at.max()).as_py() or workspace.now
        last_day = pd.Timestamp(until.astimezone(config.zone).date())
        owners = materialize(connection, current_customers(scan("customers")), "owners")
        vault = materialize(connection, scan("identifier_vault").select("identifier_id", "type"), "vault")
        known = known_identifiers(vault, owners, config.identities)
        people = materialize(connection, people_told(touchpoints, known, owners, until), "people")
        flags = scan("touchpoint_flags")
        return Facts(
            until=last_day,
            count_customers=_count_recent(connection, people),
            categories=_with_people(connection, touchpoints, people, WHOLE_SOURCE, last_day, workspace),
            touchpoints=_with_people(connection, touchpoints, people, TOUCHPOINT, last_day, workspace),
            loads=_loads(connection, scan("loads"), scan("quarantine")),
            drift=_drift(lake.read("loads", version=versions.get("loads"), columns=_LOAD_COLUMNS).to_pylist()),
            unrated=_unrated(connection, scan("touchpoints"), workspace),
            flags=_counts(connection, flags.filter(~flags.reason.isin(config.quality.counted or [""])), "reason"),
        )


def _with_people(
    connection: Any,
    touchpoints: ibis.Table,
    people: ibis.Table,
    keys: tuple[str, ...],
    last_day: pd.Timestamp,
    workspace: Workspace,
) -> pd.DataFrame:
    regular = regularity(days_told(connection, touchpoints, keys, workspace.project.config.zone), keys, last_day)
    latest = people.group_by(*keys).agg(group_last_at=people.last_at.max())
    both = people.join(latest, list(keys))
    is_before = both.last_at > both.group_last_at - ibis.interval(days=30)
    counted = both.group_by(*keys).agg(
        count_customers_30d=both.customer_id.nunique(where=both.is_recent),
        count_customers_before=both.customer_id.nunique(where=is_before),
        count_identified=both.count_identified.sum(),
        first_at=both.first_at.min(),
        last_at=both.last_at.max(),
    )
    frame: pd.DataFrame = regular.merge(connection.to_pandas(counted), on=list(keys), how="left")
    frame["identified_share"] = frame["count_identified"] / frame["count_touchpoints"]
    return frame


def _count_recent(connection: Any, people: ibis.Table) -> int:
    recent = people.filter(people.is_recent)
    return int(connection.to_pyarrow(recent.customer_id.nunique()).as_py() or 0)


def _loads(connection: Any, loads: ibis.Table, quarantine: ibis.Table) -> pd.DataFrame:
    """Return source, count_rows_read, count_rows_quarantined of every source that brought anything, refused files too."""
    told = loads.group_by("source").agg(
        count_rows_read=loads.count_rows_read.sum(), count_rows_quarantined=loads.count_rows_quarantined.sum()
    )
    refused = quarantine.group_by("source").agg(
        count_rows_read=quarantine.count(), count_rows_quarantined=quarantine.count()
    )
    only_refused = refused.anti_join(told, "source")
    frame: pd.DataFrame = connection.to_pandas(ibis.union(told, only_refused.select(*told.columns)))
    return frame


def _drift(loads: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    return {
        source: tuple(change for changes in by_load.values() for change in changes)
        for source, by_load in drifts(loads).items()
    }


def _unrated(connection: Any, touchpoints: ibis.Table, workspace: Workspace) -> dict[str, int]:
    config = workspace.project.config
    rated = {rate.currency for rate in read_project_rates(workspace)} | {config.currency}
    foreign = touchpoints.filter(touchpoints.amount.notnull(), ~touchpoints.currency.isin(sorted(rated)))
    return _counts(connection, foreign, "currency")


def _counts(connection: Any, table: ibis.Table, column: str) -> dict[str, int]:
    counted = connection.to_pyarrow(table.group_by(column).agg(count=table.count())).to_pylist()
    return {row[column]: row["count"] for row in counted}


def _coverage(facts: Facts, workspace: Workspace) -> pa.Table:
    frame = facts.categories.merge(facts.loads, on="source", how="left")
    frame["quarantined_share"] = frame["count_rows_quarantined"] / frame["count_rows_read"]
    frame["state"] = "tells"
    frame.loc[frame["is_stopped"], "state"] = "stopped"
    there, loaded = set(frame["source"]), set(facts.loads["source"])
    config = workspace.project.config.sources
    others = [name for name in config if name not in there]
    told = {"events": "attributes"}  # without a touchpoint it told no more than that
    kinds = {name: "spend" if one.is_spend else told.get(one.kind, one.kind) for name, one in config.items()}
    states = [kinds[name] if name in loaded else "missing" for name in others]
    silent = pd.DataFrame({"source": others, "category": "", "state": states})
    counts = [name for name in frame.columns if name.startswith("count_")]
    frame = pd.concat([frame, silent], ignore_index=True)
    frame[counts] = frame[counts].fillna(0).astype("int64")
    return _as_table("source_coverage", frame, workspace)


def _findings(found: list[Finding], workspace: Workspace) -> pa.Table:
    rows = [
        {
            "finding_id": f"{one.kind}:{one.subject}",
            "rank": rank,
            "kind": one.kind,
            "subject": one.subject,
            "source": one.source,
            "count_customers_30d": one.count_customers,
            "sentence": one.sentence,
            "advice": one.advice,
        }
        for rank, one in enumerate(found, start=1)
    ]
    return pa.Table.from_pylist(rows, schema=workspace.lake.table("audit_findings").schema)


def _as_table(name: str, frame: pd.DataFrame, workspace: Workspace) -> pa.Table:
    schema = workspace.lake.table(name).schema
    return pa.Table.from_pandas(frame.reindex(columns=schema.names), schema=schema, preserve_index=False)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        msg = f"Cannot write {path} ({error.strerror}); make the folder writable or choose another --home."
        raise DataError(msg) from error
