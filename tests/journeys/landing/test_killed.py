"""Extractions killed at any line, and run again: every row is a touchpoint, once."""

import os
import random
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from journeys.landing.extract import extract_sources
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.landing.api import serve
from tests.journeys.landing.conftest import Database
from tests.journeys.landing.desk import NOW, QUICK, SECRET, api_source, record, sql_source, workspace_of
from tests.journeys.landing.killed import LOG, ROOM, Killer

KILLS = {"api": 20, "sqlite": 8, "duckdb": 8, "postgresql": 8}
SEED = int(os.environ.get("DESIRELINES_TEST_SEED", "20261125"))


def _moments(killing: Killer, folder: Path, source: dict[str, Any], secret: str, kind: str) -> list[tuple[str, int]]:
    """Draw lines to be killed at, half of them where files appear, over a whole run that nobody kills."""
    chance = random.Random(f"{SEED}-{kind}")
    sys.stdout.write(f"seed {SEED}; set another with DESIRELINES_TEST_SEED\n")
    moments = []
    for where, count in ((ROOM, KILLS[kind] // 2), (LOG, KILLS[kind] // 2)):
        whole = killing.run(folder / Path(where).stem, {"desk": source}, now=NOW, secret=secret, where=where)
        assert whole["failures"] == []
        moments += [(where, line) for line in sorted(chance.sample(range(1, whole["lines"] + 1), count))]
    return moments


def _complete(folder: Path, source: dict[str, Any], secret: str) -> None:
    workspace = workspace_of(folder, now=NOW + timedelta(hours=2), desk=source)
    assert extract_sources(workspace, ["desk"], lambda _: secret, patience=QUICK).failures == []
    assert not list(folder.rglob(".*.part"))


def _check_every_row_once(folder: Path, source: dict[str, Any], ids: list[str]) -> None:
    workspace = workspace_of(folder, now=NOW + timedelta(hours=3), desk=source)
    counts = load_touchpoints(workspace).counts
    assert counts["rows_read"] == counts["rows_loaded"] + counts["rows_duplicate"]
    found = workspace.lake.read("touchpoints", columns=["source_record_id"]).column("source_record_id").to_pylist()
    assert Counter(found) == Counter(ids)


def test_an_api_killed_at_any_line(tmp_path: Path, killing: Killer) -> None:
    """A resource a kill: killed in its first run, killed again after new records came, and then left alone."""
    ids = []
    with serve(page=25) as api:

        def source_of(place: str) -> dict[str, Any]:
            return api_source(api.url, name=f"visits_{place}", path=f"visits/{place}")

        api.records = [record(number) for number in range(100)]
        for place, (where, line) in enumerate(_moments(killing, tmp_path, source_of("whole"), SECRET, "api")):
            api.records = [record(number) | {"id": f"{place}-{number}"} for number in range(100)]
            source = source_of(str(place))
            first = killing.run(tmp_path / "all", {"desk": source}, now=NOW, secret=SECRET, line=line, where=where)
            assert first["signal"] == signal.SIGKILL, (where, line)
            api.records += [record(number) | {"id": f"{place}-{number}"} for number in range(100, 130)]
            later = NOW + timedelta(hours=1)
            killing.run(tmp_path / "all", {"desk": source}, now=later, secret=SECRET, line=line // 2 + 1, where=where)
            _complete(tmp_path / "all", source, SECRET)
            ids += [record["id"] for record in api.records]
        _check_every_row_once(tmp_path / "all", source_of("whole"), ids)


def test_a_database_killed_at_any_line(tmp_path: Path, killing: Killer, database: Database) -> None:
    """The same over each kind of database."""
    rows = [record(number) for number in range(100)]
    database.add(rows)

    def source_of(place: str) -> dict[str, Any]:
        query = f"SELECT '{place}-' || id AS id, what, updated_at, who FROM visits"
        return sql_source(name=f"visits_{place}", query=query) | {"files": "desk/*/*.parquet"}

    ids = []
    secret = database.url
    for place, (where, line) in enumerate(_moments(killing, tmp_path, source_of("whole"), secret, database.kind)):
        source = source_of(str(place))
        first = killing.run(tmp_path / "all", {"desk": source}, now=NOW, secret=secret, line=line, where=where)
        assert first["signal"] == signal.SIGKILL, (where, line)
        more = [record(number) for number in range(len(rows), len(rows) + 3)]
        database.add(more)
        rows += more
        later = NOW + timedelta(hours=1)
        killing.run(tmp_path / "all", {"desk": source}, now=later, secret=secret, line=line // 2 + 1, where=where)
        _complete(tmp_path / "all", source, secret)
        ids += [f"{place}-{row['id']}" for row in rows]
    _check_every_row_once(tmp_path / "all", source_of("whole"), ids)
