"""Tables of the lake as files."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from features.catalogue import features_table
from journeys.config.errors import ConfigError, DataError
from journeys.engine import connect
from journeys.lake.workspace import StepReport, Workspace

if TYPE_CHECKING:
    import ibis

_INSTANT = "TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ'"
_FORMATS = {
    ".parquet": "FORMAT parquet",
    ".csv": f"FORMAT csv, HEADER true, {_INSTANT}",
    ".jsonl": f"FORMAT json, {_INSTANT}",
}
VAULT = "identifier_vault"


def export_table(workspace: Workspace, name: str, path: Path) -> StepReport:
    """Write a table to `path`, in the order of its key, and return what was written.

    The file appears whole or not at all, and only its owner may read the one that holds personal data.

    Raises:
        ConfigError: when the file's ending names no format.
        DataError: when there is no such table, or the file cannot be written.
    """
    path = path.expanduser().resolve()
    if path.suffix not in _FORMATS:
        msg = f"'{path.name}' ends in no known format; end it in {', '.join(_FORMATS)}."
        raise ConfigError(msg)
    lake = workspace.lake
    lake.declare(features_table(workspace.project.config))
    declared = lake.table(name)
    version = lake.version(name)
    if version is None:
        msg = f"The table {name} is not in {lake.root} yet; run the step that writes it, or 'desirelines run'."
        raise DataError(msg)
    unfinished = path.with_name(f".{path.name}.{workspace.run_id}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.touch(mode=0o600 if name == VAULT else 0o644)
        with connect(memory=workspace.memory) as connection:
            rows = lake.scan(connection, name, version=version).order_by(list(declared.key))
            _copy(connection, rows, unfinished, _FORMATS[path.suffix])
            count = int(rows.count().to_pyarrow().as_py())
        os.replace(unfinished, path)  # noqa: PTH105 - the atomic one, also over an existing file
    except OSError as error:
        msg = f"Cannot write {path} ({error.strerror or error}); choose another file with --to."
        raise DataError(msg) from error
    finally:
        with suppress(OSError):
            unfinished.unlink()
    notes = (f"{path} holds personal data, and 'erase' does not reach it.",) if name == VAULT else ()
    return StepReport("export", {"rows": count}, read={name: version}, notes=notes, paths=(str(path),))


def _copy(connection: object, rows: "ibis.Table", path: Path, how: str) -> None:
    # Into the file that is there already, so that its mode stays; it is renamed when it is whole.
    quoted = str(path).replace("'", "''")
    connection.raw_sql(f"COPY ({rows.compile()}) TO '{quoted}' ({how}, USE_TMP_FILE false)")  # type: ignore[attr-defined]
