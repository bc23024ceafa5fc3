"""Questions to the lake in SQL, by which nothing can be changed."""

import re
from pathlib import Path

import duckdb
import pyarrow as pa

from desirelines.export import VAULT
from features.catalogue import features_table
from journeys.config.errors import DataError, nearest
from journeys.engine import connect
from journeys.lake.workspace import Workspace

_SHOW_TABLES = re.compile(r"\s*show\s+(all\s+)?tables\s*;?\s*", re.IGNORECASE)
_UNKNOWN_TABLE = re.compile(r"Table with name (\w+) does not exist")


def ask(workspace: Workspace, query: str) -> pa.Table:
    """Return the answer to one SELECT over the tables of the lake.

    The tables are there by their names, and `show tables` lists them; the identifier vault is not. Files outside the lake cannot
    be read, and a statement that is no SELECT is refused.

    Raises:
        DataError: when the query is not one SELECT, or cannot be answered.
    """
    if _SHOW_TABLES.fullmatch(query):
        return pa.table({"table": pa.array(_stored(workspace), pa.string())})
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise DataError(f"The query cannot be read: {_first_line(error)}") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise DataError("The query is not one SELECT; ask one question, without a statement that changes anything.")
    names = _stored(workspace)
    workspace.lake.declare(features_table(workspace.project.config))
    with connect(memory=workspace.memory) as connection:
        for name in names:
            connection.create_view(name, workspace.lake.scan(connection, name))
        raw = connection.con
        vault = str(Path(workspace.lake.root) / VAULT)
        folders = [str(path) for path in Path(workspace.lake.root).iterdir() if str(path) != vault]
        raw.execute("SET allowed_directories = ?", [folders])
        raw.execute("SET enable_external_access = false")
        raw.execute("SET lock_configuration = true")
        try:
            return raw.sql(query).to_arrow_table()
        except duckdb.CatalogException as error:
            unknown = _UNKNOWN_TABLE.search(str(error))
            if unknown is None or unknown[1] == VAULT:
                raise DataError(_unanswered(error, query)) from error
            raise DataError(f"There is no table '{unknown[1]}'; {nearest(unknown[1], names)}") from error
        except duckdb.Error as error:
            raise DataError(_unanswered(error, query)) from error


def _unanswered(error: Exception, query: str) -> str:
    closed = f" {VAULT} is not open to queries." if VAULT in query else ""
    return f"The query cannot be answered: {_first_line(error)}{closed}"


def _stored(workspace: Workspace) -> list[str]:
    """Return the tables that are in the lake, but for the vault."""
    root = Path(workspace.lake.root)
    names = sorted(path.name for path in root.iterdir() if (path / "_delta_log").is_dir()) if root.is_dir() else []
    if not names:
        raise DataError(f"There are no tables in {root} yet; run 'desirelines ingest' first.")
    return [name for name in names if name != VAULT]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
