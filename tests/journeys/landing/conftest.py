"""Databases of each kind with a table of visits, and the process that kills."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa

from tests.journeys.landing.killed import Killer, killer


@dataclass(frozen=True)
class Database:
    """A database with a table `visits`: its address, and how rows come into it."""

    kind: str
    url: str
    add: Callable[[Sequence[dict[str, Any]]], None]


@pytest.fixture(scope="session")
def killing() -> Iterator[Killer]:
    with killer() as started:
        yield started


def _sqlite(path: Path) -> Database:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE visits (id TEXT, what TEXT, updated_at TEXT, who TEXT)")

    def add(rows: Sequence[dict[str, Any]]) -> None:
        with sqlite3.connect(path) as connection:
            connection.executemany("INSERT INTO visits VALUES (:id, :what, :updated_at, :who)", rows)

    return Database("sqlite", f"sqlite:///{path}", add)


def _duckdb(path: Path) -> Database:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE visits (id TEXT, what TEXT, updated_at TIMESTAMPTZ, who TEXT)")

    def add(rows: Sequence[dict[str, Any]]) -> None:
        with duckdb.connect(str(path)) as connection:
            for row in rows:
                connection.execute("INSERT INTO visits VALUES ($id, $what, $updated_at, $who)", row)

    return Database("duckdb", f"duckdb:///{path}", add)


def _postgresql() -> Iterator[Database]:
    given = os.environ.get(
        "DESIRELINES_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test?connect_timeout=2"
    )
    schema = f"desirelines_{secrets.token_hex(6)}"
    try:
        engine = sa.create_engine(given)
        with engine.begin() as connection:
            connection.execute(sa.schema.CreateSchema(schema))
    except ModuleNotFoundError as error:
        pytest.skip(f"the driver for PostgreSQL is not installed ({error.name})")
    except sa.exc.OperationalError:
        pytest.skip("no PostgreSQL answers; name one in DESIRELINES_TEST_POSTGRES_URL")
    url = sa.make_url(given).update_query_dict({"options": f"-csearch_path={schema}"})
    own = sa.create_engine(url)
    with own.begin() as connection:
        connection.execute(sa.text("CREATE TABLE visits (id text, what text, updated_at timestamptz, who text)"))

    def add(rows: Sequence[dict[str, Any]]) -> None:
        with own.begin() as connection:
            stamped = [row | {"updated_at": datetime.fromisoformat(row["updated_at"])} for row in rows]
            connection.execute(sa.text("INSERT INTO visits VALUES (:id, :what, :updated_at, :who)"), stamped)

    yield Database("postgresql", url.render_as_string(hide_password=False), add)
    own.dispose()
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    engine.dispose()


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind, its table empty."""
    if request.param == "postgresql":
        yield from _postgresql()
    else:
        yield _sqlite(tmp_path / "visits.sqlite") if request.param == "sqlite" else _duckdb(tmp_path / "visits.duckdb")
