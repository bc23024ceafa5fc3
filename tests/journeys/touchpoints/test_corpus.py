"""Hundreds of bad files through the real loader: nothing crashes, nothing is lost, and no value is wrong."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.config.errors import DataError
from journeys.lake.workspace import Workspace
from journeys.touchpoints.load import load_touchpoints
from tests.journeys.made_up import rows_of, workspace_in
from tests.journeys.sources.corpus import FIRST, Case, by_fault, make_corpus, table

TABLE = {
    "vendor": "tabular",
    "columns": {"record_id": "id", "event": "what", "event_at": "at", "amount": "paid", "text": "note"},
    "identifiers": {"user_id": "who"},
    "max_reject_share": 1.0,
}
SOURCES = {
    "csv": TABLE | {"files": "csv/*"},
    "lines": TABLE | {"files": "lines/*"},
    "columns": TABLE | {"files": "columns/*"},
}
NOW = FIRST + timedelta(days=400)


def _loaded(folder: Path, files: dict[str, bytes]) -> tuple[Workspace, list[str]]:
    """Load files of the three sources, and return the lake and the sentences on what could not be loaded."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    there = {name: source for name, source in SOURCES.items() if any(file.startswith(f"{name}/") for file in files)}
    workspace = workspace_in(folder, now=NOW, sources=there)
    try:
        load_touchpoints(workspace)
    except DataError as error:
        return workspace, str(error).splitlines()
    return workspace, []


def _counts(workspace: Workspace) -> dict[str, dict[str, Any]]:
    return {row["file"]: row for row in rows_of(workspace, "loads")}


def _reconciles(row: dict[str, Any]) -> bool:
    parts = ("loaded", "duplicate", "quarantined")
    return row["count_rows_read"] == sum(row[f"count_rows_{part}"] for part in parts)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Case], Workspace, list[str]]:
    cases = make_corpus()
    workspace, sentences = _loaded(tmp_path_factory.mktemp("corpus"), {case.name: case.content for case in cases})
    return cases, workspace, sentences


def test_every_row_is_accounted_for(corpus: tuple[list[Case], Workspace, list[str]], capsys: Any) -> None:
    """Of each file as many rows are loaded, duplicates or in quarantine as were written, or one sentence names it."""
    cases, workspace, sentences = corpus
    assert len(cases) >= 500
    counts = _counts(workspace)
    rows = []
    for fault, files in by_fault(cases):
        found = [counts[case.name] for case in files if case.name in counts]
        rows.append(
            (
                fault,
                len(files),
                *(
                    sum(row[f"count_rows_{part}"] for row in found)
                    for part in ("read", "loaded", "duplicate", "quarantined")
                ),
                len(files) - len(found),
            )
        )
    with capsys.disabled():  # the counts are for people to read
        print(f"\n{'fault':24}{'files':>7}{'read':>7}{'loaded':>8}{'dup.':>6}{'quar.':>7}{'refused':>9}")  # noqa: T201 - for people
        for row in [*rows, ("all", *(sum(row[place] for row in rows) for place in range(1, 7)))]:
            print(f"{row[0]:24}{row[1]:>7}{row[2]:>7}{row[3]:>8}{row[4]:>6}{row[5]:>7}{row[6]:>9}")  # noqa: T201 - for people
    for case in cases:
        if case.name in counts:
            assert _reconciles(counts[case.name]), case.name
            assert counts[case.name]["count_rows_read"] == case.count_rows, case.name
        else:
            assert any(Path(case.name).name in sentence for sentence in sentences), case.name


def test_whole_files_are_refused_only_where_they_must(corpus: tuple[list[Case], Workspace, list[str]]) -> None:
    """A file of which anything can be read is read; one of which nothing can is refused."""
    cases, workspace, _ = corpus
    counts = _counts(workspace)
    wrong = [case.name for case in cases if (case.name in counts) != (case.count_rows is not None)]
    assert wrong == []


def test_good_rows_are_loaded_as_they_are(corpus: tuple[list[Case], Workspace, list[str]]) -> None:
    """Every good row is there with its instant and amount, and no bad row is."""
    cases, workspace, _ = corpus
    found = {row["source_record_id"]: row for row in rows_of(workspace, "touchpoints")}
    good = {row.id: (case, row) for case in cases for row in case.good}
    missing = [(case.fault, row.id) for name, (case, row) in good.items() if name not in found]
    assert missing == []
    wrong = [
        (case.name, row, found[name]["event_at"], found[name]["amount"])
        for name, (case, row) in good.items()
        if found[name]["event_at"] != row.at
        or (found[name]["amount"] is None) != (row.paid is None)
        or (row.paid is not None and abs(found[name]["amount"] - row.paid) > 1e-9)
    ]
    assert wrong == []
    # Beside them only what has no amount but NaN, and the row whose quote is never closed.
    assert {name[0] for name in set(found) - set(good)} == {"j", "z"}


def test_reasons_are_sentences(corpus: tuple[list[Case], Workspace, list[str]]) -> None:
    """What is in quarantine says why, without what stood in the row; what was refused says what to do."""
    _, workspace, sentences = corpus
    for row in rows_of(workspace, "quarantine"):
        assert row["reason"].endswith("."), row["reason"]
        assert row["line"] >= 1
    for sentence in sentences:
        assert sentence.endswith(".") or "; known: " in sentence or "; did you mean " in sentence, sentence
        assert "Traceback" not in sentence


@settings(max_examples=40, deadline=None)
@given(
    content=st.binary(max_size=400),
    ending=st.sampled_from(["csv/a.csv", "csv/a.csv.gz", "lines/a.jsonl", "columns/a.parquet"]),
)
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str) -> None:
    """Whatever stands in a file, it is accounted for or refused with a sentence."""
    workspace, sentences = _loaded(tmp_path_factory.mktemp("bytes"), {ending: content})
    counts = _counts(workspace)
    assert all(_reconciles(row) for row in counts.values())
    assert counts or sentences


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, min_size=6, max_size=6), min_size=1, max_size=6),
    separator=st.sampled_from([",", ";", "\t"]),
    damage=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=4),
    encoding=st.sampled_from(["utf-8", "utf-16", "latin-1"]),
)
def test_any_table_damaged(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    separator: str,
    damage: list[tuple[int, int]],
    encoding: str,
) -> None:
    """A table of any cells, with bytes changed anywhere, is accounted for or refused with a sentence."""
    content = bytearray(table(rows, separator).encode(encoding, "replace"))
    for position, byte in damage:
        content[position % len(content)] = byte
    workspace, sentences = _loaded(tmp_path_factory.mktemp("damaged"), {"csv/a.csv": bytes(content)})
    counts = _counts(workspace)
    assert all(_reconciles(row) for row in counts.values())
    assert counts or sentences
