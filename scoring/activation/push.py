"""One destination's push: what it should hold, what it was sent before, and the difference on its way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from journeys.config.destinations import Destination
from journeys.config.errors import DestinationError
from journeys.engine import connect
from scoring.activation.ledger import Ledger
from scoring.activation.payloads import identifier_per_customer, rows_to_deliver, wanted_rows
from scoring.activation.plan import Plan, plan
from scoring.activation.shipment import Sender, Shipment
from scoring.customer_records import crm_identifiers, vault_values
from scoring.snapshot import Snapshot


@dataclass(frozen=True)
class Lists:
    """What a snapshot has to say to any destination.

    Attributes:
        rows: at_risk, hot_leads and decisions of the snapshot.
        held_out: those of their customers of whom nothing may leave.
        model_versions: target to the version that scored it.
    """

    rows: Mapping[str, pd.DataFrame]
    held_out: frozenset[str]
    model_versions: Mapping[str, str]


@dataclass(frozen=True)
class Pushed:
    """What one destination's push came to; `failure` is the sentence of an error that others must not suffer for."""

    destination: str
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    failure: str | None = None


def push_to(
    snapshot: Snapshot,
    name: str,
    destination: Destination,
    lists: Lists,
    ledger: Ledger,
    sender: Sender | None,
) -> Pushed:
    """Plan one destination's push and, with a sender, deliver it.

    A snapshot older than what the destination already has is not pushed: it would turn back the lists.

    Args:
        snapshot: the run key and where it is read.
        name: the destination's name.
        destination: its section of `journey.yaml`.
        lists: what to tell.
        ledger: what was told before.
        sender: who delivers; None to count only.
    """
    workspace, key = snapshot.workspace, snapshot.key
    config = workspace.project.config
    known = ledger.deliveries(name, tables=destination.tables)
    latest = max((row.snapshot_key.rstrip("Z") for row in known), default="")
    if latest > key.rstrip("Z"):
        note = f"Destination {name} already has the later snapshot {latest}Z, so {key} was not pushed there."
        return Pushed(name, {}, (note,))
    rows = {table: rows_to_deliver(table, lists.rows[table], lists.held_out) for table in destination.tables}
    people = {customer_id for frame in rows.values() for customer_id in frame["customer_id"]}
    with connect(memory=workspace.memory) as connection:
        identifiers = crm_identifiers(connection, workspace.lake, snapshot.snapshot_at, people, versions=snapshot.read)
    recipients = identifier_per_customer(identifiers, config.identities, destination.identifier)
    tables: dict[str, pd.DataFrame] = {
        table: frame.merge(recipients, on="customer_id", how="inner") for table, frame in rows.items()
    }
    wanted = [
        row for table in destination.tables for row in wanted_rows(table, tables[table], currency=config.currency)
    ]
    changes = plan(wanted, known, destination=name, snapshot_key=key, run_id=workspace.run_id)
    notes = (
        *_held_back(name, destination, lists),
        *_unknown(name, destination, len(people) - len(recipients)),
    )
    if sender is None:
        return Pushed(name, changes.counts, notes)
    shipment = Shipment(
        project=config.project,
        destination=name,
        snapshot_at=snapshot.snapshot_at,
        snapshot_key=key,
        run_id=workspace.run_id,
        made_at=workspace.now,
        plan=changes,
        tables=tables,
        identifiers=_identifiers(snapshot, changes),
        held_out=lists.held_out,
        model_versions=lists.model_versions,
    )
    try:
        receipt = sender.push(shipment, ledger)
    except DestinationError as error:
        return Pushed(name, changes.counts, notes, failure=str(error))
    counts = {**changes.counts, "delivered": receipt.count_delivered}
    return Pushed(name, counts, (*notes, *receipt.notes), receipt.paths)


def _identifiers(snapshot: Snapshot, changes: Plan) -> dict[str, tuple[str, str]]:
    """Return the identifiers that the changes name, withdrawn ones included."""
    asked = {str(json.loads(row.after or "{}").get("identifier_id")) for row in changes.deliveries}
    if not asked:
        return {}
    with connect(memory=snapshot.workspace.memory) as connection:
        return vault_values(connection, snapshot.workspace.lake, asked, versions=snapshot.read)


def _held_back(name: str, destination: Destination, lists: Lists) -> tuple[str, ...]:
    notes = []
    for table in destination.tables:
        listed = set(lists.rows[table]["customer_id"])
        count = len(listed & lists.held_out)
        if table != "decisions" and count:
            notes.append(
                f"Destination {name}: {count} of the {len(listed)} customers in {table} are in the holdout and were left out, "
                "so that the effect of acting on the others can be measured."
            )
    return tuple(notes)


def _unknown(name: str, destination: Destination, count: int) -> tuple[str, ...]:
    if not count:
        return ()
    kind = f"identifier of type '{destination.identifier}'" if destination.identifier else "identifier in the vault"
    return (f"Destination {name}: {count} customers have no {kind} and were left out.",)
