"""Extractions killed at any line, and run again: every row is a touchpoint, once."""

import os
import random
import signal
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from journeys.landing.extract import extract_sources
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.landing.api import serve
from tests.journeys.landing.conftest import Database
from tests.journeys.landing.desk import NOW, QUICK, SECRET, api_source, record, sql_source, workspace_of
from tests.journeys.landing.killed import LOG, ROOM, Killer

KILLS = 20
SEED = int(os.environ.get("DESIRELINES_TEST_SEED", "20261125"))


def _moments(killing: Killer, folder: Path, sources: dict[str, Any], secret: str, source: str) -> list[tuple[str, int]]:
    """Draw lines to be killed at, half of them where files appear, over a whole run that nobody kills."""
    chance = random.Random(f"{SEED}-{source}")
    print(f"seed {SEED}, set another with DESIRELINES_TEST_SEED")
    moments = []
    for where, count in ((ROOM, KILLS // 2), (LOG, KILLS - KILLS // 2)):
        whole = killing.run(folder / where.replace("/", "_"), sources, now=NOW, secret=secret, where=where)
        assert whole["failures"] == []
        moments += [(where, line) for line in sorted(chance.sample(range(1, whole["lines"] + 1), count))]
    return moments


def _check_every_row_once(folder: Path, sources: dict[str, Any], secret: str, ids: list[str]) -> None:
    (name,) = sources
    workspace = workspace_of(folder, now=NOW + timedelta(hours=2), **sources)
    extracted = extract_sources(workspace, [name], lambda _: secret, patience=QUICK)
    assert extracted.failures == []
    counts = load_touchpoints(workspace).counts
    assert counts["rows_read"] == counts["rows_loaded"] + counts["rows_duplicate"]
    found = workspace.lake.read("touchpoints", columns=["source_record_id"]).column("source_record_id").to_pylist()
    assert Counter(found) == Counter(ids)
    assert not list(folder.rglob(".*.part"))


def test_an_api_killed_at_any_line(tmp_path: Path, killing: Killer) -> None:
    """Killed in a first run, killed again after new records came, and then left alone."""
    with serve(records=[record(number) for number in range(150)], page=25) as api:
        sources = {"desk": api_source(api.url)}
        for place, (where, line) in enumerate(_moments(killing, tmp_path, sources, SECRET, "api")):
            del api.records[150:]
            folder = tmp_path / f"killed-{place}"
            first = killing.run(folder, sources, now=NOW, secret=SECRET, line=line, where=where)
            assert first["signal"] == signal.SIGKILL, (where, line)
            api.records += [record(number) for number in range(150, 180)]
            killing.run(folder, sources, now=NOW + timedelta(hours=1), secret=SECRET, line=line // 2 + 1, where=where)
            _check_every_row_once(folder, sources, SECRET, [record["id"] for record in api.records])


def test_a_database_killed_at_any_line(tmp_path: Path, killing: Killer, database: Database) -> None:
    """The same over each kind of database."""
    rows = [record(number) for number in range(150)]
    database.add(rows)
    sources = {"warehouse": sql_source()}
    for place, (where, line) in enumerate(_moments(killing, tmp_path, sources, database.url, database.kind)):
        folder = tmp_path / f"killed-{place}"
        first = killing.run(folder, sources, now=NOW, secret=database.url, line=line, where=where)
        assert first["signal"] == signal.SIGKILL, (where, line)
        more = [record(number) for number in range(len(rows), len(rows) + 3)]
        database.add(more)
        rows += more
        killing.run(folder, sources, now=NOW + timedelta(hours=1), secret=database.url, line=line // 2 + 1, where=where)
        _check_every_row_once(folder, sources, database.url, [row["id"] for row in rows])
