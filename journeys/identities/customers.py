"""The customers of a lake: gather identifiers and links, resolve them, write the tables of identity."""

import hashlib
from datetime import datetime
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from journeys.identities.resolve import Resolution, resolve
from journeys.lake.workspace import StepReport, Workspace


def build_customers(workspace: Workspace) -> StepReport:
    """Resolve all identifiers known to the lake and replace `customers`, `identity_merges` and `identity_refusals`."""
    lake = workspace.lake
    read = lake.versions(["identifier_vault", "identifier_links"])
    # The vault's values stay where they are: only ids and types are read here.
    identifiers = _read(workspace, "identifier_vault", ["identifier_id", "type", "known_at"])
    identifiers = identifiers.sort_values(["known_at", "identifier_id"]).drop_duplicates("identifier_id")
    links = _read(
        workspace,
        "identifier_links",
        ["left_identifier_id", "right_identifier_id", "left_type", "right_type", "known_at"],
    )
    resolution = resolve(identifiers, links, workspace.project.config.identities)
    written = {
        name: lake.replace(name, rows, run_id=workspace.run_id) for name, rows in _tables(workspace, resolution).items()
    }
    current = resolution.memberships[resolution.memberships["known_to"].isna()]
    return StepReport(
        step="identities",
        counts={
            "identifiers": len(identifiers),
            "links": len(links),
            "customers": int(current["customer_id"].nunique()),
            "merges": len(resolution.merges),
            "refusals": len(resolution.refusals),
        },
        read=read,
        written=written,
    )


def current_customers(customers: ibis.Table) -> ibis.Table:
    """Return identifier_id and customer_id as believed now."""
    return customers.filter(customers.known_to.isnull()).select("identifier_id", "customer_id")


def customers_known_by(customers: ibis.Table, known_until: datetime) -> ibis.Table:
    """Return `customers` as the table stood at an instant: what was learned later is left out."""
    until = ibis.literal(known_until).cast("timestamp('UTC', 6)")
    known = customers.filter(customers.known_at <= until)
    is_over = known.known_to <= until
    return known.mutate(known_to=ibis.ifelse(is_over, known.known_to, ibis.null("timestamp('UTC', 6)")))


def owned_touchpoints(touchpoints: ibis.Table, customers: ibis.Table) -> ibis.Table:
    """Return `touchpoints` with the customer_id to whom each belongs by the latest belief in `customers`."""
    named = touchpoints.mutate(identifier_id=touchpoints.identifier_ids[0])
    return named.join(current_customers(customers), "identifier_id").drop(
        "identifier_ids", "properties", "identifier_id"
    )


def customers_at(customers: ibis.Table, instants: ibis.Table) -> ibis.Table:
    """Return identifier_id, customer_id, snapshot_at as believed at each instant of `instants.snapshot_at`."""
    moments = instants.select("snapshot_at").distinct()
    joined = customers.join(moments, customers.known_at <= moments.snapshot_at)
    believed = joined.filter(joined.known_to.isnull() | (joined.known_to > joined.snapshot_at))
    return believed.select("identifier_id", "customer_id", "snapshot_at")


def founded_by(identifier_id: ibis.Value) -> ibis.Value:
    """Return the id of the customer whom an identifier founds, if it founds one."""
    return ibis.literal("c_").concat(identifier_id.left(24))


def later_customers(customers: ibis.Table) -> ibis.Table:
    """Return earlier_customer_id and customer_id: what became of every customer that ever was.

    A customer is founded by its first identifier, whose row of today says who that is now.
    """
    founded = customers.group_by("identifier_id").aggregate(
        earlier_customer_id=customers.customer_id.argmin(customers.known_at),
        customer_id=customers.customer_id.argmax(customers.known_at),
    )
    is_founder = founded.earlier_customer_id == founded_by(founded.identifier_id)
    return founded.filter(is_founder).select("earlier_customer_id", "customer_id").distinct()


def _read(workspace: Workspace, name: str, columns: list[str]) -> pd.DataFrame:
    frame: pd.DataFrame = workspace.lake.read(name, columns=columns).to_pandas()
    return frame


def _tables(workspace: Workspace, resolution: Resolution) -> dict[str, pa.Table]:
    memberships = resolution.memberships.assign(account_id=None, confidence=1.0)
    merges = resolution.merges.assign(
        merge_id=[_digest("merge", *row) for row in resolution.merges.itertuples(index=False)]
    )
    refusals = resolution.refusals.assign(
        refusal_id=[_digest("refusal", *row) for row in resolution.refusals.itertuples(index=False)]
    )
    frames = {"customers": memberships, "identity_merges": merges, "identity_refusals": refusals}
    return {
        name: pa.Table.from_pandas(frame, schema=workspace.lake.table(name).schema, preserve_index=False)
        for name, frame in frames.items()
    }


def _digest(*parts: Any) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]
