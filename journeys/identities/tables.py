"""What was resolved, as rows of the tables of identity."""

from collections.abc import Iterable, Sequence
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from journeys.identities.graph import Edges, Nodes
from journeys.identities.resolve import COLUMNS, Part, rule_names
from journeys.lake.tables import TIMESTAMP
from journeys.sources.lines import store

_ROWS_A_CHUNK = 1_000_000


def kept(connection: Any, parts: Iterable[Part]) -> dict[str, ibis.Table]:
    """Return what `resolve` yields as tables of the connection, which spill; `place` is the order of their rows."""
    chunks: dict[str, list[pa.Table]] = {name: [] for name in COLUMNS}
    tables = {name: store(connection, _schema(name), []) for name in COLUMNS}
    placed, waiting = dict.fromkeys(COLUMNS, 0), dict.fromkeys(COLUMNS, 0)

    def flush(name: str) -> None:
        together = pa.concat_tables(chunks[name])
        places = pa.array(np.arange(placed[name], placed[name] + together.num_rows))
        _insert(connection, tables[name], together.append_column("place", places).select(_schema(name).names))
        placed[name] += together.num_rows
        waiting[name] = 0
        chunks[name].clear()

    for name, columns in parts:
        chunks[name].append(pa.table([_array(key, columns[key]) for key in COLUMNS[name]], names=list(COLUMNS[name])))
        waiting[name] += chunks[name][-1].num_rows
        if waiting[name] >= _ROWS_A_CHUNK:
            flush(name)
    for name, chunk in chunks.items():
        if chunk:
            flush(name)
    return tables


def memberships(identifiers: ibis.Table, changes: ibis.Table, types: Sequence[str]) -> ibis.Table:
    """Return identifier_id, known_at, known_to, customer_id, rule: which customer each identifier belonged to.

    Every identifier founds a customer of its own. Several changes at one instant are one: the last is
    what was believed from then on.
    """
    founded = identifiers.select(
        *("node", "known_at"),
        customer="node",
        rule=ibis.literal(-1, "int32"),
        place=ibis.literal(-1, "int64"),
    )
    rows = ibis.union(founded, changes.select("node", "known_at", "customer", "rule", "place"))
    last = rows.mutate(
        later=ibis.row_number().over(ibis.window(group_by=["node", "known_at"], order_by=ibis.desc("place")))
    )
    last = last.filter(last.later == 0).drop("later", "place")
    line = ibis.window(group_by="node", order_by="known_at")
    last = _with_rule(last.mutate(known_to=last.known_at.lead().over(line)), types)
    names = identifiers.select("node", "identifier_id")
    founders = names.select(customer="node", founder_id="identifier_id")
    named = last.join(names, "node").join(founders, "customer")
    return named.select(
        "identifier_id", "known_at", "known_to", "rule", customer_id=customer_of(named.founder_id)
    ).order_by("identifier_id", "known_at")


def customer_of(identifier_id: ibis.Value) -> ibis.Value:
    """Return the id of the customer whom an identifier founds when it is first seen."""
    return ibis.literal("c_").concat(identifier_id.left(24))


def merges(identifiers: ibis.Table, rows: ibis.Table, types: Sequence[str]) -> ibis.Table:
    """Return rows of `identity_merges`."""
    rows = _with_rule(rows, types)
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


def refusals(identifiers: ibis.Table, rows: ibis.Table, dropped: Edges, nodes: Nodes) -> ibis.Table:
    """Return rows of `identity_refusals`: links refused, and those not followed since an identifier is shared."""
    first = rule_names(nodes.types).index(f"shared:{nodes.types[0]}") if nodes.types else 0
    shared = {
        "strong": dropped.strong,
        "weak": dropped.weak,
        "rule": first + nodes.kind[dropped.weak].astype(np.int32),
        "known_at": dropped.known_at,
    }
    columns = COLUMNS["refusals"]
    also = ibis.memtable(pa.table([_array(name, shared[name]) for name in columns], names=list(columns)))
    rows = _with_rule(ibis.union(rows.select(*columns), also), nodes.types)
    for role in ("strong", "weak"):
        rows = _named(rows, identifiers, role)
    rows = rows.mutate(left_identifier_id=rows.strong_id, right_identifier_id=rows.weak_id)
    told = ("left_identifier_id", "right_identifier_id", "rule", "known_at")
    return rows.mutate(refusal_id=_digest("refusal", rows, told)).order_by("known_at", "refusal_id")


def _schema(name: str) -> pa.Schema:
    kinds = [(column, TIMESTAMP if column == "known_at" else pa.int32()) for column in COLUMNS[name]]
    return pa.schema([*kinds, ("place", pa.int64())])


def _array(name: str, values: Any) -> pa.Array:
    if name == "known_at":
        return pa.array(values.astype(np.int64)).cast(TIMESTAMP)
    return pa.array(values.astype(np.int32))


def _insert(connection: Any, table: ibis.Table, rows: pa.Table) -> None:
    connection.con.register("rows_to_keep", rows)
    connection.raw_sql(f'INSERT INTO "{table.op().name}" SELECT * FROM rows_to_keep')  # noqa: S608 - a name of ours
    connection.con.unregister("rows_to_keep")


def _with_rule(rows: ibis.Table, types: Sequence[str]) -> ibis.Table:
    """Return `rows` with the names of their rules instead of the numbers; that of the founder is `first_seen`."""
    names = ["first_seen", *rule_names(types)]
    table = ibis.memtable(
        pa.table({"rule": pa.array(range(-1, len(names) - 1), pa.int32()), "rule_name": pa.array(names, pa.string())})
    )
    return rows.join(table, "rule").drop("rule").rename(rule="rule_name")


def _named(rows: ibis.Table, identifiers: ibis.Table, role: str) -> ibis.Table:
    names = identifiers.select(**{role: identifiers.node, f"{role}_id": identifiers.identifier_id})
    return rows.join(names, role)


def _digest(kind: str, rows: ibis.Table, told: tuple[str, ...]) -> ibis.Value:
    parts = [rows[name].cast("string") for name in told]
    return ibis.literal("\x1f").join([ibis.literal(kind), *parts]).hexdigest("sha256").substr(0, 32)
