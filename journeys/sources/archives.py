"""Zip archives of exported lines, read member by member without unpacking anything to disk."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from journeys.config.errors import DataError

LARGEST_RATIO = 200
"""An export that unpacks to more than so many times its size is no export; lines of JSON reach thirty."""

SMALLEST_SUSPECT_BYTES = 64 * 2**20
"""What unpacks to less than this is read whatever its ratio."""


@contextmanager
def open_archive(path: Path) -> Iterator[BinaryIO]:
    """Open the files of a zip archive as one stream of bytes, in the order of their names.

    A member that ends in .gz is decompressed as well, as in the exports of Amplitude. Folders and the
    hidden files that some systems add are left out. Each member ends its last line.

    Raises:
        DataError: when the archive is damaged, empty, encrypted, compressed in a way that is not known, or
            unpacks to far more than any export does; also while it is read inside the `with`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if _is_export(info.filename)]
            if not members:
                raise DataError(f"{path.name} holds no files; export it again or remove it.")
            if any(info.flag_bits & 0x1 for info in members):
                raise DataError(f"{path.name} is encrypted; export it without a password.")
            limit = max(path.stat().st_size * LARGEST_RATIO, SMALLEST_SUSPECT_BYTES)
            members.sort(key=lambda info: info.filename)
            with io.BufferedReader(_Members(path.name, archive, members, limit)) as stream:
                yield cast(BinaryIO, stream)
    except (zipfile.BadZipFile, EOFError, gzip.BadGzipFile) as error:
        raise DataError(f"{path.name} is cut off or damaged; fetch it again.") from error
    except NotImplementedError as error:  # zipfile's own, for a way of compressing that it does not know
        raise DataError(f"{path.name} is compressed in a way that cannot be read; zip it anew with Deflate.") from error


def _is_export(name: str) -> bool:
    last = name.rsplit("/", 1)[-1]
    return bool(last) and not last.startswith(".") and not name.startswith("__MACOSX/")


class _Members(io.RawIOBase):
    """The contents of an archive's members, one after the other."""

    def __init__(self, name: str, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], limit: int) -> None:
        self._name = name
        self._archive = archive
        self._left = iter(members)
        self._current: io.BufferedIOBase | None = None
        self._budget = limit
        self._ends_line = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        while True:
            if self._current is None:
                following = next(self._left, None)
                if following is None:
                    return 0
                opened = self._archive.open(following)
                self._current = cast(
                    io.BufferedIOBase,
                    gzip.GzipFile(fileobj=opened) if following.filename.endswith(".gz") else opened,
                )
            data = self._current.read(len(buffer))
            if data:
                self._budget -= len(data)
                if self._budget < 0:
                    raise DataError(f"{self._name} unpacks to far more than an export does; fetch it again.")
                buffer[: len(data)] = data
                self._ends_line = data.endswith(b"\n")
                return len(data)
            self._current.close()
            self._current = None
            if not self._ends_line:
                self._ends_line = True
                buffer[:1] = b"\n"
                return 1
