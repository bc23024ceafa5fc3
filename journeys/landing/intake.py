"""Messages that were sent to us, landed as lines of JSON in files that their source reads.

A message is durable before it is answered. A file in progress has a name that no pattern of a source with
`intake` matches; it gets its own name when it is whole, and what a killed process left is finished first.
"""

import fcntl
import json
import mmap
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from journeys.config.errors import DataError
from journeys.config.sources import EventColumns, Source

MOST_MESSAGES = 10_000
MOST_BYTES = 64 * 2**20
"""A file is finished when it holds so many lines or bytes, however young it is."""

_UNFINISHED = ".part"


def message_lines(body: bytes, source: Source, message_id: str | None) -> list[bytes]:
    """Return a message as lines of JSON: one for an object, one for each item of a list or of Segment's `batch`.

    Args:
        body: what was sent.
        source: whose message it is.
        message_id: the sender's id of the message. An event of a business's own that has no id gets this one, with
            its place after it where the message holds several, so that a message sent again is known again.

    Raises:
        DataError: when the body is no JSON object and no list; the sentence repeats nothing of it.
    """
    try:
        message = json.loads(body, parse_constant=_refuse_constant)
        batch = message.get("batch") if source.vendor == "segment" and isinstance(message, dict) else message
        items = batch if isinstance(batch, list) else [message]
        if not isinstance(batch, list) and not isinstance(message, dict):
            raise DataError("The message is JSON but no object; send an object, or a list of objects.")
        if isinstance(source.columns, EventColumns) and source.columns.record_id and message_id:
            ids = [message_id] if len(items) == 1 else [f"{message_id}:{place}" for place in range(len(items))]
            items = [_with_id(item, source.columns.record_id, key) for item, key in zip(items, ids, strict=True)]
        # A lone surrogate stands for no character; written as ? it costs one letter instead of the message.
        return [_line(item).encode(errors="replace") for item in items]
    except (ValueError, RecursionError):
        raise DataError("The message is not valid JSON; send one object, or a list of objects.") from None


def _with_id(item: Any, column: str, key: str) -> Any:
    if not isinstance(item, dict):
        return item  # refused with its reason when it is read
    there: Any = item
    for part in column.split("."):
        there = there.get(part) if isinstance(there, dict) else None
    is_there = any(value not in (None, "") for value in (item.get(column), there))
    return item if is_there else {**item, column: key}


def _line(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _refuse_constant(_name: str) -> Any:
    raise ValueError("no JSON")


class LandingFolder:
    """The folder of one source, into which messages are landed by one thread at a time.

    Args:
        folder: where the files go; made where it is not there.
        finish_after: how old a file becomes before it gets its own name and is read.

    Raises:
        DataError: when the folder cannot be written, or messages are being landed in it already.
    """

    def __init__(self, folder: Path, *, finish_after: timedelta) -> None:
        self._folder = folder
        self._finish_after = finish_after
        self._file: int | None = None
        self._started_at = datetime.min.replace(tzinfo=UTC)
        self._count_messages = self._count_bytes = 0
        try:
            _make_durable_folder(folder)
            self._folder_file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise DataError(_cannot_land(folder, error)) from error
        try:
            # Two that land here would finish each other's files. The lock ends with the process, however that ends.
            fcntl.flock(self._folder_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._finish_all()
        except BlockingIOError as error:
            os.close(self._folder_file)
            msg = f"Messages are landed in {folder} already; end the other intake, or give each source a folder of its own."
            raise DataError(msg) from error
        except OSError as error:
            os.close(self._folder_file)
            raise DataError(_cannot_land(folder, error)) from error

    def land(self, lines: Sequence[bytes], now: datetime) -> None:
        """Write lines; when it returns, they survive a power cut.

        Args:
            lines: whole lines, each with its end.
            now: the clock, which names the file.

        Raises:
            OSError: when they could not be made durable; they may be read all the same, and may be sent again.
        """
        if self._count_messages >= MOST_MESSAGES or self._count_bytes >= MOST_BYTES:
            self.finish()
        data = b"".join(lines)
        try:
            file = self._start_file(now) if self._file is None else self._file
            left = memoryview(data)
            while left:
                left = left[os.write(file, left) :]
            os.fsync(file)
        except OSError:
            # After a failure nobody knows what the disk holds: nothing is written behind it.
            self._leave_file()
            raise
        self._count_messages += len(lines)
        self._count_bytes += len(data)

    def finish_due(self, now: datetime) -> None:
        """Finish the file in progress when it is old enough, and what a failure left.

        Raises:
            OSError: when it cannot be finished now; nothing is lost, the next call tries again.
        """
        if self._file is None or now - self._started_at >= self._finish_after:
            self.finish()

    def finish(self) -> None:
        """Finish the file in progress, so that it is read.

        Raises:
            OSError: as `finish_due`.
        """
        self._leave_file()
        self._finish_all()

    def close(self) -> None:
        """Finish, and let others land here."""
        try:
            self.finish()
        finally:
            os.close(self._folder_file)

    def _start_file(self, now: datetime) -> int:
        stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"
        number = 0
        while (self._folder / f"{stamp}-{number}.jsonl").exists() or self._part(stamp, number).exists():
            number += 1
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file = file = os.open(self._part(stamp, number), flags, 0o640)
        self._started_at = now
        os.fsync(self._folder_file)  # else the file itself may be gone after a power cut
        return file

    def _part(self, stamp: str, number: int) -> Path:
        return self._folder / f".{stamp}-{number}.jsonl{_UNFINISHED}"

    def _leave_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = None
        self._count_messages = self._count_bytes = 0

    def _finish_all(self) -> None:
        parts = sorted(self._folder.glob(f".*{_UNFINISHED}"))
        for part in parts:
            _finish(part)
        if parts:
            os.fsync(self._folder_file)


def _finish(part: Path) -> None:
    """Give a file its own name, without a last line that was not written to its end, and so was never answered."""
    with part.open("r+b") as stream:
        size = os.fstat(stream.fileno()).st_size
        end = 0
        if size:
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
                end = content.rfind(b"\n") + 1
        if end < size:
            stream.truncate(end)
        os.fsync(stream.fileno())
    if end:
        part.rename(part.with_name(part.name.removeprefix(".").removesuffix(_UNFINISHED)))
    else:
        part.unlink()


def _make_durable_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_durable_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        above = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(above)
        finally:
            os.close(above)


def _cannot_land(folder: Path, error: OSError) -> str:
    return f"Messages cannot be landed in {folder} ({error.strerror or error}); make the folder writable."
