"""Bytes of any encoding as UTF-8."""

import codecs
import io

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.sources.as_utf8 import MARK, AsUtf8, without_marks


@settings(max_examples=200, deadline=None)
@given(
    content=st.binary(max_size=60),
    sizes=st.lists(st.integers(1, 7), min_size=1),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_any_bytes_in_any_pieces(content: bytes, sizes: list[int], encoding: str) -> None:
    """In whatever pieces it is read, never more than asked for, and the same as at once."""
    content = codecs.BOM_UTF16 + content if encoding == "utf-16" else content
    stream = AsUtf8(io.BytesIO(content), encoding)
    pieces = []
    for turn in range(1_000):
        size = sizes[turn % len(sizes)]
        piece = stream.read(size)
        assert len(piece) <= size
        if not piece:
            break
        pieces.append(piece)
    whole = b"".join(pieces)
    assert whole == AsUtf8(io.BytesIO(content), encoding).read()
    assert whole.decode("utf-8").replace(MARK, "\ufffd") == content.decode(encoding, "replace") or encoding != "utf-8"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "latin-1"])
def test_text_stays(encoding: str) -> None:
    """Text that is what it says it is comes through."""
    text = "Grüße; naïve\n" * 50
    assert AsUtf8(io.BytesIO(text.encode(encoding)), encoding).read().decode() == text


def test_marks() -> None:
    """Bytes that are no text are marked where they stand."""
    read = AsUtf8(io.BytesIO(b"caf\xe9\nok\n"), "utf-8").read().decode().splitlines()
    texts, is_text = without_marks(pa.array(read))
    assert texts.to_pylist() == ["caf\ufffd", "ok"]
    assert is_text.to_pylist() == [False, True]
