"""A stream of bytes in any encoding as UTF-8, in which a mark stands for what is no text."""

import codecs
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MARK = "\ufdd0"
"""Stands where bytes are no text; Unicode keeps it for such uses, so that no text holds it."""

codecs.register_error("desirelines.mark", lambda error: (MARK, getattr(error, "end")))  # noqa: B009 - of one kind only


class AsUtf8:
    """A file to read from, as `pyarrow` reads it.

    Args:
        stream: bytes.
        encoding: what they are encoded in.
    """

    closed = False

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("desirelines.mark")
        self._waiting = b""
        self._is_over = False

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes of UTF-8 (all that are left, if negative), none at the end."""
        while not self._is_over and (size < 0 or len(self._waiting) < size):
            block = self._stream.read(size if size > 0 else -1)
            self._is_over = not block
            self._waiting += self._decoder.decode(block, final=self._is_over).encode()
        size = len(self._waiting) if size < 0 else size
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return given

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that it goes forward only."""
        return False

    def writable(self) -> bool:
        """Return that it cannot be written."""
        return False

    def close(self) -> None:
        """Do nothing: whoever opened the stream closes it."""


def without_marks(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return texts with the usual sign for what is no text instead of marks, and whether each had none."""
    *_, data = texts.buffers()
    if data is None or not np.any(np.frombuffer(data, np.uint8) == MARK.encode()[0]):
        return texts, pa.array(np.ones(len(texts), bool))  # most texts; to search each of them is slow
    has_mark = pc.match_substring(texts, MARK)
    if not pc.any(has_mark).as_py():
        return texts, pc.invert(has_mark)
    return pc.replace_substring(texts, MARK, "\ufffd"), pc.invert(has_mark)
