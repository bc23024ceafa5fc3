"""What every step is given: the project, its lake, the clock, the key, and the run that it is part of."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from journeys.config.errors import DataError
from journeys.config.project import Project
from journeys.lake.delta import Lake

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many parts are done, and how many there are."""


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Workspace:
    """The arguments that all steps share.

    Attributes:
        project: the configuration and its folders.
        lake: the tables.
        now: the clock of this run; below the two doors nothing asks another.
        run_id: the run that writes, kept in every commit.
        identifier_key: the secret under which identifiers are hashed.
        memory: most memory for the engine before it spills.
        progress: told what is going on.
    """

    project: Project
    lake: Lake
    now: datetime
    run_id: str
    identifier_key: bytes
    memory: str = "2GB"
    progress: Progress = field(default=no_progress, compare=False)


@dataclass(frozen=True)
class StepReport:
    """What one step read, wrote and counted; every command prints it and `runs` keeps it.

    Attributes:
        step: name of the step.
        counts: what it counted, in the order to print.
        read: table versions pinned and read.
        written: table versions written.
        notes: sentences for the person, each complete.
        paths: files written for people.
    """

    step: str
    counts: Mapping[str, int | float] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


_SHORTEST_KEY = 32


def read_identifier_key(project: Project, environment: Mapping[str, str]) -> bytes:
    """Return the key of this project's identifiers: from DESIRELINES_IDENTIFIER_KEY, else from its key file.

    The file is made at first use, readable by its owner only. Without the same key, the same
    person gets other identifiers, and nothing already in the lake is recognised.
    """
    given = environment.get("DESIRELINES_IDENTIFIER_KEY")
    if given:
        return given.encode()
    path = project.key_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_hex(32))
        try:
            # Whole or not at all, and only the first of several: a key half written would hash without a secret.
            path.hardlink_to(unfinished)
        finally:
            unfinished.unlink()
    except OSError as error:
        if not (isinstance(error, FileExistsError) and path.is_file()):
            msg = f"Cannot write {path} ({error.strerror}); make the folder writable or choose another --home."
            raise DataError(msg) from error
    key = path.read_text().strip()
    if len(key) < _SHORTEST_KEY:
        msg = f"{path} holds no key; restore it from a backup, for with another one nobody in the lake is recognised."
        raise DataError(msg)
    return key.encode()


def snapshot_key(snapshot_at: datetime) -> str:
    """Return the partition value of a snapshot: its instant in UTC, usable in a path.

    >>> from datetime import UTC
    >>> snapshot_key(datetime(2026, 3, 1, 2, tzinfo=UTC))
    '20260301T020000Z'
    """
    if snapshot_at.tzinfo is None:
        raise DataError(
            f"The snapshot {snapshot_at.isoformat()} has no time zone; write it as in 2026-03-01T02:00:00Z."
        )
    utc = snapshot_at.astimezone(tz=UTC)
    return utc.strftime("%Y%m%dT%H%M%S") + (f".{utc.microsecond:06d}" if utc.microsecond else "") + "Z"


def lock_hash(project_root: Path) -> str:
    """Return twelve digits of the hash of the lock file beside the code, or 'unlocked'."""
    path = project_root / "requirements.lock"
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else "unlocked"


def record_run(
    workspace: Workspace, reports: list[StepReport], *, command: str, snapshot_at: datetime | None, seconds: float
) -> None:
    """Add this run to `runs`, once however often its task is tried: what it read and wrote, at which versions, and its counts."""
    row = {
        "run_id": workspace.run_id,
        "command": command,
        "snapshot_at": snapshot_at,
        "config_hash": workspace.project.config.config_hash,
        "lock_hash": lock_hash(Path(__file__).parents[2]),
        "versions_read": json.dumps({table: version for report in reports for table, version in report.read.items()}),
        "versions_written": json.dumps(
            {table: version for report in reports for table, version in report.written.items()}
        ),
        "counts": json.dumps({report.step: dict(report.counts) for report in reports}),
        "started_at": workspace.now,
        "duration_seconds": seconds,
    }
    rows = pa.Table.from_pylist([row], schema=workspace.lake.table("runs").schema)
    workspace.lake.add_new("runs", rows, run_id=workspace.run_id)
