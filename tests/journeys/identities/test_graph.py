"""Identifiers and links as numbers."""

from datetime import timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from journeys.config.identifiers import Identities
from journeys.engine import materialize
from journeys.identities.graph import NEVER, Edges, as_nodes, first_sights, number_identifiers, number_links, numbers
from journeys.lake.tables import TABLES
from tests.journeys.made_up import START, Link, identifier

TYPES = {"u": "user_id", "e": "email", "acme": "account_id", "late": "email"}


def _vault(**hours: float) -> ibis.Table:
    rows = [
        {"identifier_id": identifier(name), "type": TYPES[name], "known_at": START + timedelta(hours=at)}
        for name, at in hours.items()
    ]
    schema = pa.schema([TABLES["identifier_vault"].schema.field(n) for n in ("identifier_id", "type", "known_at")])
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def _links(*links: Link) -> ibis.Table:
    rows = [link.row() for link in links]
    return ibis.memtable(pa.Table.from_pylist(rows, schema=TABLES["identifier_links"].schema))


def test_the_oldest_has_the_smallest_number(engine: Any) -> None:
    """Numbers follow the time at which an identifier was first known in any source."""
    vault = ibis.union(_vault(u=5, e=3, late=9), _vault(late=1))
    found = number_identifiers(engine, vault)
    rows = {row["identifier_id"]: row["node"] for row in engine.to_pyarrow(found).to_pylist()}
    assert rows == {identifier("late"): 0, identifier("e"): 1, identifier("u"): 2}
    nodes = as_nodes(engine, found)
    assert [nodes.types[kind] for kind in nodes.kind] == ["email", "email", "user_id"]
    assert np.all(np.diff(nodes.known_at) > 0)


def test_links_are_turned_to_the_stronger(engine: Any) -> None:
    """The stronger stands first, accounts and who is no longer in the vault are left out, pairs stand once."""
    identifiers = number_identifiers(engine, _vault(u=1, e=0, acme=2))
    found = number_links(
        engine,
        identifiers,
        _links(
            Link("e", "u", 7, "email", "user_id"),
            Link("u", "e", 4),
            Link("u", "acme", 5, "user_id", "account_id"),
            Link("u", "gone", 6),
        ),
        Identities(),
    )
    rows = engine.to_pyarrow(found).to_pylist()
    assert {(row["strong"], row["weak"], row["is_stronger"]) for row in rows} == {(1, 0, True)}
    pairs = engine.to_pyarrow(first_sights(engine, found)).to_pylist()
    assert len(pairs) == 1
    assert pairs[0]["known_at"] == int((START + timedelta(hours=4)).timestamp() * 1_000_000)


def test_numbers_come_as_they_are(engine: Any) -> None:
    """Columns of numbers in their own width, also where there are none, and the table behind is gone."""
    table = materialize(engine, ibis.memtable({"a": [1, 2, 3]}).select(a=ibis._.a.cast("int32")), "some")
    assert numbers(engine, table)["a"].tolist() == [1, 2, 3]
    assert numbers(engine, table)["a"].dtype == np.int32
    assert numbers(engine, table.filter(table.a > 9))["a"].tolist() == []
    tables = engine.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert not [name for (name,) in tables if "numbers" in name]


def test_edges() -> None:
    """Edges are taken and put together column by column."""
    edges = Edges(*(np.array(column) for column in ([0, 1], [2, 3], [5, 6], [NEVER, 9])))
    assert edges.take(edges.ends_at == 9).strong.tolist() == [1]
    assert len(edges.and_more(edges)) == 4
