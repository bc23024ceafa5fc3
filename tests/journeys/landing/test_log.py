"""The landing log: blocks that appear whole, once, with the mark that they come with."""

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from journeys.config.errors import DataError
from journeys.landing.log import LandingLog, one_at_a_time
from tests.journeys.killed import KilledError
from tests.journeys.landing.desk import NOW


def _log(folder: Path, *, hours: float = 0, question: str = "all") -> LandingLog:
    now = NOW + timedelta(hours=hours)
    return LandingLog(folder / "landed", folder / "home" / "rows.json", question=question, now=now, suffix=".txt")


def _land(log: LandingLog, rows: Sequence[str], mark: int | None) -> None:
    log.land(len(rows), lambda path: path.write_text("".join(f"{row}\n" for row in rows)) and None, _count, mark)  # type: ignore[func-returns-value]


def _count(path: Path) -> int:
    return len(path.read_text().splitlines())


def _landed(folder: Path) -> list[str]:
    return [row for path in sorted((folder / "landed").iterdir()) for row in path.read_text().splitlines()]


def test_blocks_come_in_order_with_their_mark(tmp_path: Path) -> None:
    """Names sort as the blocks came, over runs, and the next run knows the last mark."""
    log = _log(tmp_path)
    _land(log, ["a", "b"], 2)
    _land(log, ["c"], 3)
    assert (log.count_landed, log.count_files, log.mark) == (3, 2, 3)
    later = _log(tmp_path, hours=1)
    assert later.mark == 3
    _land(later, ["d"], 4)
    assert _landed(tmp_path) == ["a", "b", "c", "d"]


def test_a_block_that_is_there_lands_once(tmp_path: Path) -> None:
    """A run that was begun anew lands only what is new; the mark moves on."""
    _land(_log(tmp_path), ["a", "b"], 2)
    again = _log(tmp_path, hours=1)
    _land(again, ["a", "b"], 3)
    assert (again.count_landed, _landed(tmp_path), _log(tmp_path, hours=2).mark) == (0, ["a", "b"], 3)


def test_without_rows_only_the_mark_moves(tmp_path: Path) -> None:
    """Nothing appears for nothing."""
    _land(_log(tmp_path), [], 7)
    assert (_landed(tmp_path), _log(tmp_path).mark) == ([], 7)


def test_rows_that_are_not_there_land_nothing(tmp_path: Path) -> None:
    """A file counts as landed once it holds every row that was extracted; the next run asks from where it was."""
    log = _log(tmp_path)
    _land(log, ["a"], 1)
    with pytest.raises(DataError, match="2 rows were extracted and 1 written; nothing of them was landed"):
        log.land(2, lambda path: path.write_text("b\n") and None, _count, 2)  # type: ignore[func-returns-value]
    assert (_landed(tmp_path), _log(tmp_path).mark) == (["a"], 1)


@pytest.mark.parametrize("is_first", [True, False], ids=["first run", "later run"])
@pytest.mark.parametrize(
    ("killed", "landed", "mark"),
    [
        ("before the progress", [], None),
        ("between progress and name", ["b", "c"], 3),
        ("after the name", ["b", "c"], 3),
    ],
)
def test_whoever_is_killed_is_completed_or_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: str, landed: list[str], mark: int | None, is_first: bool
) -> None:
    """In whichever run: what was decided appears, and what was not leaves nothing behind."""
    before = [] if is_first else ["a"]
    if not is_first:
        _land(_log(tmp_path), ["a"], 1)
    with monkeypatch.context() as patched:
        log = _log(tmp_path, hours=1)

        def kill(*_arguments: object) -> None:
            raise KilledError

        if killed == "before the progress":
            patched.setattr(LandingLog, "_keep", kill)
        elif killed == "between progress and name":
            patched.setattr(Path, "rename", kill)
        else:
            patched.setattr("journeys.landing.log._sync_folder", lambda path: kill() if path.name == "landed" else None)
        with pytest.raises(KilledError):
            _land(log, ["b", "c"], 3)
    again = _log(tmp_path, hours=2)
    assert (_landed(tmp_path), again.mark) == ([*before, *landed], mark or (None if is_first else 1))
    _land(again, ["d"], 4)
    assert _landed(tmp_path)[-1] == "d"


def test_a_leftover_is_never_taken_for_a_block(tmp_path: Path) -> None:
    """Half a file under the name of a block that was decided is removed: its content is not the block's."""
    log = _log(tmp_path)
    _land(log, ["a", "b"], 2)
    progress = json.loads((tmp_path / "home" / "rows.json").read_text())
    (tmp_path / "landed" / progress["part"]).write_text("half")
    _log(tmp_path)
    assert _landed(tmp_path) == ["a", "b"]
    assert hashlib.sha256(b"a\nb\n").hexdigest()[:16] in progress["file"]


def test_another_question_begins_anew(tmp_path: Path) -> None:
    """How far one query came says nothing about another."""
    _land(_log(tmp_path), ["a"], 1)
    assert _log(tmp_path, question="others").mark is None


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """The second is told, and may come when the first has ended."""
    with one_at_a_time(tmp_path, "sources.desk"):
        second = one_at_a_time(tmp_path, "sources.desk")
        with pytest.raises(DataError, match=r"sources\.desk is being extracted by another process"):
            second.__enter__()
    with one_at_a_time(tmp_path, "sources.desk"):
        pass
