"""What was resolved, as rows of the tables of identity."""

from collections.abc import Mapping

import ibis
import numpy as np
import pyarrow as pa

from journeys.identities.graph import Edges, Integers, Nodes
from journeys.identities.resolve import Resolution


def memberships(identifiers: ibis.Table, resolution: Resolution) -> ibis.Table:
    """Return identifier_id, known_at, known_to, customer_id, rule: which customer each identifier belonged to.

    Every identifier founds a customer of its own. Several changes at one instant are one: the last is
    what was believed from then on.
    """
    founded = identifiers.select(
        "node", "known_at", customer="node", rule=ibis.literal("first_seen"), place=ibis.literal(-1, "int64")
    )
    changes = _table(resolution.changes, resolution.rules)
    rows = ibis.union(founded, changes.select("node", "known_at", "customer", "rule", "place"))
    last = rows.mutate(
        later=ibis.row_number().over(ibis.window(group_by=["node", "known_at"], order_by=ibis.desc("place")))
    )
    last = last.filter(last.later == 0).drop("later", "place")
    line = ibis.window(group_by="node", order_by="known_at")
    last = last.mutate(known_to=last.known_at.lead().over(line))
    names = identifiers.select("node", "identifier_id")
    founders = names.select(customer="node", founder_id="identifier_id")
    named = last.join(names, "node").join(founders, "customer")
    return named.select(
        "identifier_id", "known_at", "known_to", "rule", customer_id=customer_of(named.founder_id)
    ).order_by("identifier_id", "known_at")


def customer_of(identifier_id: ibis.Value) -> ibis.Value:
    """Return the id of the customer whom an identifier founds when it is first seen."""
    return ibis.literal("c_").concat(identifier_id.left(24))


def merges(identifiers: ibis.Table, resolution: Resolution) -> ibis.Table:
    """Return rows of `identity_merges`."""
    rows = _table(resolution.merges, resolution.rules)
    for role in ("kept", "merged", "strong", "weak"):
        rows = _named(rows, identifiers, role)
    rows = rows.mutate(
        kept_customer_id=customer_of(rows.kept_id),
        merged_customer_id=customer_of(rows.merged_id),
        left_identifier_id=rows.strong_id,
        right_identifier_id=rows.weak_id,
    )
    told = ("kept_customer_id", "merged_customer_id", "rule", "known_at")
    return rows.mutate(merge_id=_digest("merge", rows, told)).order_by("known_at", "merge_id")


def refusals(identifiers: ibis.Table, resolution: Resolution, dropped: Edges, nodes: Nodes) -> ibis.Table:
    """Return rows of `identity_refusals`: links refused, and those not followed since an identifier is shared."""
    rows = _table(resolution.refusals, resolution.rules).drop("place")
    shared = _table(
        {
            "strong": dropped.strong,
            "weak": dropped.weak,
            "rule": nodes.kind[dropped.weak],
            "known_at": dropped.known_at,
        },
        [f"shared:{name}" for name in nodes.types],
    ).drop("place")
    rows = ibis.union(rows, shared)
    for role in ("strong", "weak"):
        rows = _named(rows, identifiers, role)
    rows = rows.mutate(left_identifier_id=rows.strong_id, right_identifier_id=rows.weak_id)
    told = ("left_identifier_id", "right_identifier_id", "rule", "known_at")
    return rows.mutate(refusal_id=_digest("refusal", rows, told)).order_by("known_at", "refusal_id")


def _table(columns: Mapping[str, Integers], rules: list[str]) -> ibis.Table:
    """Return columns of numbers as a table, with known_at as instants, rule as text, and place, the row's number."""
    count = len(columns["known_at"])
    names = pa.DictionaryArray.from_arrays(
        pa.array(columns["rule"].astype(np.int32)), pa.array(rules or [""], pa.string())
    ).cast(pa.string())
    kept = {n: pa.array(values.astype(np.int32)) for n, values in columns.items() if n not in ("rule", "known_at")}
    known_at = pa.array(columns["known_at"].astype(np.int64)).cast(pa.timestamp("us", tz="UTC"))
    return ibis.memtable(pa.table({**kept, "known_at": known_at, "rule": names, "place": pa.array(np.arange(count))}))


def _named(rows: ibis.Table, identifiers: ibis.Table, role: str) -> ibis.Table:
    names = identifiers.select(**{role: identifiers.node, f"{role}_id": identifiers.identifier_id})
    return rows.join(names, role)


def _digest(kind: str, rows: ibis.Table, told: tuple[str, ...]) -> ibis.Value:
    parts = [rows[name].cast("string") for name in told]
    return ibis.literal("\x1f").join([ibis.literal(kind), *parts]).hexdigest("sha256").substr(0, 32)
