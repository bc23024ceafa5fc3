"""The graph of identifiers: numbered from the oldest, with the links between them as columns of numbers."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import ibis
import numpy as np
import numpy.typing as npt

from journeys.config.identifiers import Identities
from journeys.engine import materialize

Integers: TypeAlias = npt.NDArray[np.integer[Any]]

NEVER = np.iinfo(np.int64).max
"""The end of what has not ended."""


@dataclass(frozen=True)
class Nodes:
    """Identifiers, numbered in the order in which they were first known: a customer is named by its smallest number.

    Attributes:
        types: names of the types.
        kind: which of the types each is of.
        known_at: microseconds since 1970 at which each was first known.
    """

    types: list[str]
    kind: Integers
    known_at: Integers

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(frozen=True)
class Edges:
    """Links between numbered identifiers, each from known_at until ends_at (microseconds; NEVER for no end)."""

    strong: Integers
    weak: Integers
    known_at: Integers
    ends_at: Integers

    def __len__(self) -> int:
        return len(self.strong)

    def take(self, which: Any) -> "Edges":
        """Return the edges that a mask or an index chooses."""
        return Edges(self.strong[which], self.weak[which], self.known_at[which], self.ends_at[which])

    def and_more(self, other: "Edges") -> "Edges":
        """Return these edges and the other ones."""
        return Edges(
            *(np.concatenate([getattr(self, n), getattr(other, n)]) for n in ("strong", "weak", "known_at", "ends_at"))
        )


def number_identifiers(connection: Any, vault: ibis.Table) -> ibis.Table:
    """Return node, identifier_id, type, known_at: each identifier once, numbered from the oldest; ties by id."""
    once = vault.group_by("identifier_id").agg(
        type=vault["type"].first(order_by=[vault.known_at, vault["type"]]), known_at=vault.known_at.min()
    )
    order = ibis.window(order_by=["known_at", "identifier_id"])
    numbered = once.mutate(node=ibis.row_number().over(order).cast("int32"))
    return materialize(connection, numbered.order_by("node"), "identifiers")


def number_links(connection: Any, identifiers: ibis.Table, links: ibis.Table, rules: Identities) -> ibis.Table:
    """Return strong, weak (numbers), strong_type, weak_type, is_stronger, known_at, last_known_at, count_records.

    The two times are microseconds since 1970. Links of identifiers that are no longer in the vault are
    left out: they bring nobody back. So are those of accounts, which join nobody.
    """
    named = identifiers.select("node", "identifier_id", "type")
    left = named.select(left_node="node", left_identifier_id="identifier_id")
    right = named.select(right_node="node", right_identifier_id="identifier_id")
    found = links.join(left, "left_identifier_id").join(right, "right_identifier_id")
    found = found.filter(found.left_node != found.right_node)
    kinds = [kind for kind in types_of(identifiers) if not rules.type_of(kind).is_account]
    priorities = ibis.memtable(
        {"type": kinds, "priority": [rules.type_of(kind).priority for kind in kinds]},
        schema={"type": "string", "priority": "int64"},
    )
    found = found.join(priorities.select(left_type="type", left_priority="priority"), "left_type")
    found = found.join(priorities.select(right_type="type", right_priority="priority"), "right_type")
    turned = found.left_priority > found.right_priority
    oriented = found.select(
        strong=turned.ifelse(found.right_node, found.left_node),
        weak=turned.ifelse(found.left_node, found.right_node),
        strong_type=turned.ifelse(found.right_type, found.left_type),
        weak_type=turned.ifelse(found.left_type, found.right_type),
        is_stronger=found.left_priority != found.right_priority,
        known_at=microseconds(found.known_at),
        last_known_at=microseconds(ibis.coalesce(found.last_known_at, found.known_at)),
        count_records=found.count_records,
    )
    return materialize(connection, oriented, "links")


def first_sights(connection: Any, links: ibis.Table) -> ibis.Table:
    """Return each link of `number_links` once, with the instant at which it was first known."""
    pairs = links.group_by("strong", "weak").agg(
        strong_type=links.strong_type.arbitrary(),
        weak_type=links.weak_type.arbitrary(),
        is_stronger=links.is_stronger.arbitrary(),
        known_at=links.known_at.min(),
    )
    return materialize(connection, pairs, "pairs")


def as_nodes(connection: Any, identifiers: ibis.Table) -> Nodes:
    """Return the identifiers of `number_identifiers` as columns of numbers."""
    types = types_of(identifiers)
    codes = ibis.memtable({"type": types, "kind": range(len(types))}, schema={"type": "string", "kind": "int16"})
    joined = identifiers.join(codes, "type")
    columns = numbers(connection, joined.select("node", "kind", known_at=microseconds(joined.known_at)))
    kind, known_at = np.empty_like(columns["kind"]), np.empty_like(columns["known_at"])
    kind[columns["node"]], known_at[columns["node"]] = columns["kind"], columns["known_at"]
    return Nodes(types, kind, known_at)


def types_of(identifiers: ibis.Table) -> list[str]:
    """Return the types that there are, in the order of the alphabet."""
    found: list[str] = sorted(identifiers.select("type").distinct().to_pyarrow()["type"].to_pylist())
    return found


def microseconds(instant: Any) -> Any:
    """Return microseconds since 1970 of an expression of instants."""
    return instant.delta(ibis.literal("1970-01-01").cast("timestamp('UTC', 6)"), unit="microsecond")


def numbers(connection: Any, table: ibis.Table) -> dict[str, Integers]:
    """Return a table of whole numbers as one array a column, without ever holding it twice.

    It is computed twice, once only to count it: what is slow is to be materialised before.
    """
    view = connection.create_view(ibis.util.gen_name("numbers"), table)
    count = connection.to_pyarrow(view.count()).as_py()
    kinds = {name: kind.to_numpy() for name, kind in view.schema().items()}
    found = {name: np.empty(count, kind) for name, kind in kinds.items()}
    done = 0
    for batch in connection.con.table(view.op().name).to_arrow_reader(1_000_000):
        for name, values in found.items():
            values[done : done + batch.num_rows] = batch[name].to_numpy()
        done += batch.num_rows
    connection.con.execute(f'DROP VIEW "{view.op().name}"')  # Ibis' own way does not parse
    return found


def drop(connection: Any, table: ibis.Table) -> None:
    """Forget a table that was materialised and is needed no more."""
    connection.con.execute(f'DROP TABLE "{table.op().name}"')
