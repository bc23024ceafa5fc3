"""The landing log of one resource: files that appear whole, and how far they come, kept together.

A block of rows is written beside its place under another name, counted, and only then named. Between
the two stands one small file, the *progress*: it says which block is about to appear, and how far the
source was read with it. Whoever is killed before it is written has landed nothing and is read again
from where he was; whoever is killed after it is completed by the next run. So a kill at any moment
loses and doubles nothing here.

Files are only ever added. A row may land again, since a source is asked for what is as new as the last
row seen, and an API may change while its pages are read. That costs nothing but space: the lake knows a
row by its source's own key (`source_record_id`) and counts the second as a duplicate. A block that is
there already, byte for byte, is not landed a second time.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from journeys.config.errors import DataError
from journeys.landing import marks
from journeys.landing.marks import Mark


class LandingLog:
    """What was landed of one resource.

    Args:
        folder: where its files appear, and nobody else's.
        progress_path: the file that keeps how far it was read.
        question: what is asked of the source; how far another question came means nothing for it.
        now: the run's instant, which the names of its files begin with, so that later files come later.
        suffix: the ending of its files.
    """

    def __init__(self, folder: Path, progress_path: Path, *, question: Any, now: datetime, suffix: str) -> None:
        self._folder = folder
        self._progress_path = progress_path
        self._question = hashlib.sha256(json.dumps(question, sort_keys=True, default=str).encode()).hexdigest()[:16]
        self._stamp = f"{now:%Y%m%dT%H%M%S%f}Z"
        self._suffix = suffix
        self._count = 0
        self.count_landed = 0
        self.count_files = 0
        folder.mkdir(parents=True, exist_ok=True)
        progress_path.parent.mkdir(parents=True, exist_ok=True)
        self._mark = self._recover()

    @property
    def mark(self) -> Mark | None:
        """How far the source was read; None where it never was."""
        return self._mark

    def land(
        self, count_rows: int, write: Callable[[Path], None], count: Callable[[Path], int], mark: Mark | None
    ) -> None:
        """Land a block of rows, and with it how far the source was read.

        Args:
            count_rows: rows that the source gave; without any, only the mark is kept.
            write: writes them to a path.
            count: counts the rows of the file at a path.
            mark: how far the source was read with them.

        Raises:
            DataError: when the file does not hold as many rows as the source gave; nothing is landed then.
        """
        if not count_rows:
            self._keep(mark, None, None)
            return
        self._count += 1
        part = self._folder / f".{self._stamp}-{self._count:06d}.part"
        write(part)
        counted = count(part)
        if counted != count_rows:
            part.unlink()
            raise DataError(
                f"{count_rows} rows were extracted and {counted} written; nothing of them was landed, please report this."
            )
        digest = _synced_digest(part)
        if any(self._folder.glob(f"*-{digest}{self._suffix}")):
            self._keep(mark, None, None)
            part.unlink()
            return
        name = f"{self._stamp}-{self._count:06d}-{digest}{self._suffix}"
        self._keep(mark, part.name, name)
        part.rename(self._folder / name)
        _sync_folder(self._folder)
        self.count_landed += count_rows
        self.count_files += 1

    def _recover(self) -> Mark | None:
        """Complete what a killed run had decided, remove what it had not, and return how far it came."""
        progress: dict[str, Any] = {}
        if self._progress_path.exists():
            progress = json.loads(self._progress_path.read_text(encoding="utf-8"))
        if progress.get("part"):
            part = self._folder / progress["part"]
            if part.exists() and f"-{_synced_digest(part)}{self._suffix}" in progress["file"]:
                part.rename(self._folder / progress["file"])
        for leftover in self._folder.glob(".*.part"):
            leftover.unlink()
        return marks.read(progress.get("mark")) if progress.get("question") == self._question else None

    def _keep(self, mark: Mark | None, part: str | None, name: str | None) -> None:
        progress = {"question": self._question, "mark": marks.written(mark), "part": part, "file": name}
        unfinished = self._progress_path.with_suffix(".unfinished")
        with unfinished.open("w", encoding="utf-8") as stream:
            json.dump(progress, stream)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(self._progress_path)
        _sync_folder(self._progress_path.parent)
        self._mark = mark


@contextmanager
def one_at_a_time(folder: Path, what: str) -> Iterator[None]:
    """Hold a source's folder of progress: two processes would each take the other's half for a killed run's.

    Raises:
        DataError: when another process holds it. A killed process holds nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataError(f"{what} is being extracted by another process; wait until it has ended.") from None
        yield


def _synced_digest(path: Path) -> str:
    with path.open("rb+") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()[:16]
        os.fsync(stream.fileno())
    return digest


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
