"""The customers of a lake: gather identifiers and links, resolve them, write the tables of identity."""

from datetime import datetime
from typing import Any

import ibis
import pyarrow as pa

from journeys.engine import connect, materialize
from journeys.identities.accounts import with_accounts
from journeys.identities.decisions import people_apart
from journeys.identities.graph import as_nodes, first_sights, number_identifiers, number_links
from journeys.identities.owners import touchpoint_owners
from journeys.identities.resolve import resolve
from journeys.identities.shared import followed_edges
from journeys.identities.tables import kept, memberships, merges, refusals
from journeys.lake.workspace import StepReport, Workspace

_READ = ["identifier_vault", "identifier_links", "identity_decisions", "touchpoints"]


def build_customers(workspace: Workspace) -> StepReport:
    """Resolve all identifiers known to the lake and replace the tables of identity.

    Written are `identity_merges`, `identity_refusals`, `touchpoint_owners` and, last, `customers`.
    """
    lake, rules = workspace.lake, workspace.project.config.identities
    read = lake.versions(_READ)
    with connect(memory=workspace.memory) as connection:

        def scan(name: str) -> ibis.Table:
            return lake.scan(connection, name, version=read.get(name))

        # The vault's values stay where they are: only ids and types are read here.
        vault = scan("identifier_vault").select("identifier_id", "type", "known_at")
        vault = vault.filter(~vault["type"].isin(rules.profile_types))  # names found no customers and join none
        identifiers = number_identifiers(connection, vault)
        links = number_links(connection, identifiers, scan("identifier_links"), rules)
        followed = followed_edges(connection, links, first_sights(connection, links), rules)
        nodes = as_nodes(connection, identifiers)
        apart = people_apart(identifiers, scan("identity_decisions"))
        found = kept(connection, resolve(nodes, followed.edges, apart, rules))
        belongs = materialize(connection, memberships(identifiers, found["changes"], nodes.types), "memberships")
        customers = with_accounts(connection, belongs, scan("identifier_links"), identifiers, rules)
        tables = {
            "identity_merges": merges(identifiers, found["merges"], nodes.types),
            "identity_refusals": refusals(identifiers, found["refusals"], followed.dropped, nodes),
            "touchpoint_owners": touchpoint_owners(scan("touchpoints"), identifiers, followed.shared, rules),
            "customers": customers.mutate(confidence=ibis.literal(1.0)),
        }
        rows = {
            name: connection.to_pyarrow(table.select(*lake.table(name).schema.names)) for name, table in tables.items()
        }
        counts = _counts(connection, rows, nodes=len(nodes), links=links)
    written = {name: lake.replace(name, table, run_id=workspace.run_id) for name, table in rows.items()}
    return StepReport(step="identities", counts=counts, read=read, written=written)


def current_customers(customers: ibis.Table) -> ibis.Table:
    """Return identifier_id, customer_id and account_id as believed now."""
    return customers.filter(customers.known_to.isnull()).select("identifier_id", "customer_id", "account_id")


def customers_known_by(customers: ibis.Table, known_until: datetime) -> ibis.Table:
    """Return `customers` as the table stood at an instant: what was learned later is left out."""
    until = ibis.literal(known_until).cast("timestamp('UTC', 6)")
    known = customers.filter(customers.known_at <= until)
    is_over = known.known_to <= until
    return known.mutate(known_to=ibis.ifelse(is_over, known.known_to, ibis.null("timestamp('UTC', 6)")))


def owned_touchpoints(touchpoints: ibis.Table, customers: ibis.Table) -> ibis.Table:
    """Return `touchpoints` with the customer_id and account_id to whom each belongs by the latest belief in `customers`."""
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


def _counts(connection: Any, rows: dict[str, pa.Table], *, nodes: int, links: ibis.Table) -> dict[str, int | float]:
    current = current_customers(ibis.memtable(rows["customers"]))
    return {
        "identifiers": nodes,
        "links": int(connection.to_pyarrow(links.count()).as_py()),
        "customers": int(connection.to_pyarrow(current.customer_id.nunique()).as_py()),
        "merges": rows["identity_merges"].num_rows,
        "refusals": rows["identity_refusals"].num_rows,
    }
