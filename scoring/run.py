"""The steps of scoring: scores and lists, decisions, and pushes. Each reads, decides and writes."""

from collections.abc import Callable, Mapping
from datetime import datetime

import pandas as pd
import pyarrow as pa

from journeys.config.destinations import Destination
from journeys.config.errors import ConfigError, DestinationError
from journeys.lake.workspace import StepReport, Workspace, snapshot_key
from scoring.activation.destinations import open_sender
from scoring.activation.ledger import Ledger
from scoring.activation.push import Lists, Pushed, push_to
from scoring.activation.wire import Wire, running_clock
from scoring.at_risk import customer_values, list_high_tier
from scoring.contacts import contacts_of, decided_arms, may_be_told
from scoring.holdout import arms, assigned_arms, held_out, new_units
from scoring.next_best_action import decide
from scoring.playbook_rules import fit_actions, suggestions
from scoring.predict import SCORE_COLUMNS, Champion, predict_scores, rule_scores
from scoring.snapshot import Snapshot, open_snapshot
from training.eligibility import is_eligible

FindChampion = Callable[[Workspace, str], Champion | None]

_LISTS = {"churn": "at_risk", "conversion": "hot_leads"}


def _champion_of_registry(workspace: Workspace, target: str) -> Champion | None:
    # The registry's client takes seconds to import, and deciding and pushing do not need it.
    from training.registry import load_champion  # noqa: PLC0415

    return load_champion(workspace, target)


def score_customers(
    workspace: Workspace, snapshot_at: datetime, *, find_champion: FindChampion = _champion_of_registry
) -> StepReport:
    """Score every customer to whom a target applies; write `scores`, `at_risk` and `hot_leads` of the snapshot.

    A target without a champion is scored by the rule, and the report says so.

    Args:
        workspace: project, lake and clock.
        snapshot_at: the run key; its features must exist.
        find_champion: finds the model of a target.

    Raises:
        DataError: where the snapshot has no features.
    """
    config = workspace.project.config
    snapshot = open_snapshot(workspace, snapshot_at, ["customers", "customer_attributes"])
    features, attributes = snapshot.features(), snapshot.attributes()

    parts, notes = [], []
    for done, (name, target) in enumerate(config.targets.items()):
        workspace.progress("scoring", done, len(config.targets))
        chosen = features[is_eligible(features, target)]
        champion = find_champion(workspace, name)
        if champion is None:
            parts.append(rule_scores(chosen, name=name, target=target))
            notes.append(f"Target {name} has no champion: its customers are ranked by rule, without a probability.")
        else:
            parts.append(predict_scores(chosen, champion, name=name, target=target))
        if chosen.empty:
            notes.append(f"Target {name} applies to nobody at this snapshot.")
    scores = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(SCORE_COLUMNS))
    worth = customer_values(features, attributes, config.value)
    fits = fit_actions(config.playbook, features, scores, worth.to_numpy(dtype=float))
    best = suggestions(fits, features)
    lists = {}
    for kind, table in _LISTS.items():
        names = [name for name, target in config.targets.items() if target.kind == kind]
        if not names:
            notes.append(f"No target in journey.yaml is of kind {kind}, so the list {table} is empty.")
        lists[table] = list_high_tier(scores[scores["target"].isin(names)], features, attributes, worth, best)

    scores = scores.assign(scored_at=pd.Timestamp(workspace.now))
    written = {"scores": _write(workspace, "scores", scores, snapshot_at)}
    written |= {table: _write(workspace, table, rows, snapshot_at) for table, rows in lists.items()}
    counts = {"customers": len(features), "scores": len(scores), **{table: len(rows) for table, rows in lists.items()}}
    return StepReport("score", counts, snapshot.read, written, tuple(notes))


def decide_actions(workspace: Workspace, snapshot_at: datetime) -> StepReport:
    """Choose at most one action for each scored customer by the playbook; write `decisions` of the snapshot.

    Raises:
        DataError: where the snapshot has no features or no scores.
        ConfigError: where the playbook names a feature that does not exist.
    """
    config = workspace.project.config
    tables = ["scores", "customers", "customer_attributes", "assignments", "contacts"]
    snapshot = open_snapshot(workspace, snapshot_at, tables)
    features, attributes = snapshot.features(), snapshot.attributes()
    scores = snapshot.rows("scores", columns=["customer_id", "target", "value"])
    snapshot.require_scores(scores)

    worth = customer_values(features, attributes, config.value)
    fits = fit_actions(config.playbook, features, scores, worth.to_numpy(dtype=float))
    decisions = decide(
        fits,
        config.playbook,
        features["customer_id"].to_numpy(dtype=object),
        snapshot.past_contacts(),
        held_out(_arms(snapshot, set(scores["customer_id"]), _assigned(snapshot))),
        snapshot_at=snapshot_at,
        snapshot_key=snapshot.key,
    )

    written = {"decisions": _write(workspace, "decisions", decisions, snapshot_at)}
    arms = decisions["arm"].value_counts().to_dict()
    counts = {"decisions": len(decisions), **{arm: int(arms.get(arm, 0)) for arm in ("treated", "holdout", "none")}}
    notes = () if config.playbook.actions else ("The playbook names no action, so nothing was decided.",)
    return StepReport("decide", counts, snapshot.read, written, notes)


def push_decisions(
    workspace: Workspace,
    snapshot_at: datetime,
    *,
    dry_run: bool = False,
    environment: Mapping[str, str],
    wire: Wire | None = None,
) -> StepReport:
    """Bring every destination to what the snapshot's lists and decisions say, sending only what changed.

    Before anything leaves, everybody listed or decided about gets an arm to stay in; afterwards the
    decisions that were told are noted as contacts. A rehearsal does neither.

    Args:
        workspace: project, lake and clock.
        snapshot_at: the run key; it must have been scored.
        dry_run: count what would be added, changed, withdrawn and left alone; send and write nothing.
        environment: where the destinations' secrets are.
        wire: clock, pauses and resolver; the real ones by default.

    Raises:
        DataError: where the snapshot was not scored.
        DestinationError: where a destination does not take what it is sent; the others are served first.
    """
    config = workspace.project.config
    tables = ["scores", "at_risk", "hot_leads", "decisions", "assignments", "customers", "identifier_vault"]
    snapshot = open_snapshot(workspace, snapshot_at, tables)
    scores = snapshot.rows("scores", columns=["customer_id", "target", "model_version"])
    snapshot.require_scores(scores)
    rows = {name: snapshot.rows(name) for name in ("at_risk", "hot_leads", "decisions")}
    listed = {customer_id for frame in rows.values() for customer_id in frame["customer_id"]}
    assigned = _assigned(snapshot)
    # Whoever is new stays in the arm in which the decision was made, whatever the share became since.
    given = _arms(snapshot, listed, {**decided_arms(rows["decisions"]), **assigned})
    lists = Lists(
        rows=rows,
        held_out=held_out(given),
        model_versions=dict(zip(scores["target"], scores["model_version"], strict=True)),
    )
    wire = wire or Wire(clock=running_clock(workspace.now))
    home = workspace.project.home

    def push_one(name: str, destination: Destination) -> Pushed:
        try:
            sender = None if dry_run else open_sender(name, destination, home=home, environment=environment, wire=wire)
        except ConfigError as error:
            return Pushed(name, {}, failure=str(error))
        return push_to(snapshot, name, destination, lists, ledger, sender)

    written = {} if dry_run else _assign(workspace, given, assigned)
    home.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(workspace.project.ledger_url)
    try:
        pushed = [push_one(name, destination) for name, destination in config.destinations.items()]
        if not dry_run:
            written |= _note_contacts(workspace, ledger, snapshot, rows["decisions"])
    finally:
        ledger.close()
    failures = [result.failure for result in pushed if result.failure]
    if failures:
        raise DestinationError("\n".join(failures))
    notes = tuple(note for result in pushed for note in result.notes)
    if not config.destinations:
        notes = ("journey.yaml declares no destinations, so nothing was pushed.",)
    return StepReport(
        "push",
        {f"{result.destination}_{name}": count for result in pushed for name, count in result.counts.items()},
        snapshot.read,
        written,
        notes,
        tuple(path for result in pushed for path in result.paths),
    )


def _assigned(snapshot: Snapshot) -> dict[str, str]:
    """Return the arms given before, by who the customers are at the snapshot."""
    rows = snapshot.workspace.lake.read("assignments").to_pandas()
    return assigned_arms(rows, snapshot.became(rows["unit_id"]))


def _arms(snapshot: Snapshot, customer_ids: set[str], assigned: Mapping[str, str]) -> dict[str, str]:
    config = snapshot.workspace.project.config
    return arms(customer_ids, project=config.project, share=config.playbook.holdout_share, assigned=assigned)


def _assign(workspace: Workspace, given: Mapping[str, str], assigned: Mapping[str, str]) -> dict[str, int]:
    """Write the arms of those who are exposed for the first time; return the version written, if any."""
    rows = new_units(given, assigned, at=pd.Timestamp(workspace.now))
    if rows.empty:
        return {}
    schema = workspace.lake.table("assignments").schema
    data = pa.Table.from_pandas(rows, schema=schema, preserve_index=False)
    return {"assignments": workspace.lake.add_new("assignments", data, run_id=workspace.run_id)}


def _note_contacts(workspace: Workspace, ledger: Ledger, snapshot: Snapshot, decisions: pd.DataFrame) -> dict[str, int]:
    """Write which decisions were told, as far as the ledger knows; return the version written, if any."""
    takers = [
        name for name, declared in workspace.project.config.destinations.items() if "decisions" in declared.tables
    ]
    told: set[str] | None = None
    if takers:
        rows = [row for name in takers for row in ledger.deliveries(name, tables=["decisions"])]
        told = {row.customer_id for row in rows if row.snapshot_key == snapshot.key and may_be_told(row)}
    contacts = contacts_of(decisions, told)
    if contacts.empty:
        return {}
    noted = contacts.assign(run_id=workspace.run_id, noted_at=pd.Timestamp(workspace.now))
    return {"contacts": _write(workspace, "contacts", noted, snapshot.snapshot_at)}


def _write(workspace: Workspace, table: str, rows: pd.DataFrame, snapshot_at: datetime) -> int:
    key = snapshot_key(snapshot_at)
    keyed = rows.assign(snapshot_at=pd.Timestamp(snapshot_at), snapshot_key=key)
    data = pa.Table.from_pandas(keyed, schema=workspace.lake.table(table).schema, preserve_index=False)
    return workspace.lake.replace(table, data, run_id=workspace.run_id, where={"snapshot_key": [key]})
