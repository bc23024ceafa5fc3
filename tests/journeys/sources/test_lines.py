import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from journeys.config.errors import DataError
from journeys.sources.lines import decode, field, open_file, read_documents, read_lines
from tests.journeys.sources.drawn import cut_off

GOOD = b'{"a": 1}\n{"a": 2}\n'


def _write(path: Path, content: bytes | None) -> Path:
    if content is not None:
        path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", ["f.jsonl", "f.jsonl.gz", "f.jsonl.zst"])
def test_open_file(tmp_path, name):
    """A file is read the same whether compressed or not."""
    path = tmp_path / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(GOOD))
    elif name.endswith(".zst"):
        path.write_bytes(pa.Codec("zstd").compress(GOOD, asbytes=True))
    else:
        path.write_bytes(GOOD)
    with open_file(path) as stream:
        assert stream.read() == GOOD


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("f.jsonl", b"", "f.jsonl is empty; export it again or remove it."),
        ("f.jsonl", None, "f.jsonl cannot be read (No such file or directory); check its rights."),
        ("f.gz", gzip.compress(b""), "f.gz has no rows; export it again or remove it."),
        ("f.jsonl", b"\n \n", "f.jsonl has no rows; export it again or remove it."),
        ("f.gz", GOOD, "f.gz is cut off or damaged (Not a gzipped file (b'{\"')); fetch it again."),
        ("f.zst", GOOD, "f.zst is cut off or damaged; fetch it again."),
    ],
)
def test_files_that_cannot_be_read(connection, tmp_path, name, content, sentence):
    """A file that is missing, empty or no such compression is one sentence with its name."""
    with pytest.raises(DataError) as raised:
        read_lines(connection, _write(tmp_path / name, content))
    assert str(raised.value) == sentence


@pytest.mark.parametrize("content", [GOOD, GOOD * 5000], ids=["short", "long"])
def test_a_file_cut_off(connection, tmp_path, content):
    """A download that broke off is refused whole, wherever it broke."""
    with pytest.raises(DataError, match=r"^f\.jsonl\.gz is cut off or damaged \(.*\); fetch it again\.$"):
        read_lines(connection, cut_off(tmp_path / "f.jsonl.gz", content))


def test_lines_have_their_numbers(connection, tmp_path):
    """Blank lines are no rows but count; ends of lines and a mark at the beginning do not matter."""
    path = _write(tmp_path / "f.jsonl", b"\xef\xbb\xbfa\r\n\n  \nb \nc\xff")
    assert read_lines(connection, path).order_by("line").to_pyarrow().to_pylist() == [
        {"line": 1, "raw": "a", "is_text": True},
        {"line": 4, "raw": "b", "is_text": True},
        {"line": 5, "raw": "c\ufffd", "is_text": False},
    ]


def test_decode():
    """Bytes that are no UTF-8 are marked and still shown; the replacement character itself is text."""
    texts, valid = decode(pa.array([b"a", b"\xff", "\ufffd".encode()], pa.binary()))
    assert texts.to_pylist() == ["a", "\ufffd", "\ufffd"]
    assert valid.to_pylist() == [True, False, True]


@pytest.mark.parametrize(
    ("line", "rule", "reason"),
    [
        (b'{"a": {"b": "x"}}', None, None),
        (b'{"a": {"b": "x"', "broken_json", "The line is not valid JSON; it may be cut off."),
        (b"a,b", "broken_json", "The line is not valid JSON; it may be cut off."),
        (b"[1]", "not_an_object", "The line is JSON but no object; each line must be one record."),
        (b"null", "not_an_object", "The line is JSON but no object; each line must be one record."),
        (b'{"a": "\xff"}', "not_utf8", "The line is not UTF-8 text; export it as UTF-8."),
    ],
)
def test_broken_lines_are_refused_alone(connection, tmp_path, line, rule, reason):
    """A line that is no JSON object has its rule and reason; the lines beside it are read."""
    path = _write(tmp_path / "f.jsonl", b'{"a": {"b": "1"}}\n' + line + b'\n{"a": {"b": "3"}}\n')
    documents = read_documents(connection, path, {"a": {"b": "VARCHAR"}})
    found = documents.select("line", "problem_rule", "problem_reason", b=field(documents.document, "a.b"))
    first, middle, last = found.order_by("line").to_pyarrow().to_pylist()
    assert (middle["problem_rule"], middle["problem_reason"]) == (rule, reason)
    assert middle["b"] == ("x" if rule is None else None)
    assert [(row["line"], row["problem_rule"], row["b"]) for row in (first, last)] == [(1, None, "1"), (3, None, "3")]


@pytest.mark.parametrize(
    ("line", "b", "c"),
    [
        ('{"a": {"b": 7}, "c": {"d": [1]}}', "7", '{"d":[1]}'),
        ('{"a": {"b": 9007199254740993}}', "9007199254740993", None),
        ('{"a": "text", "c": "x"}', None, "x"),
        ('{"a": null}', None, None),
        ('{"b": 1}', None, None),
    ],
)
def test_shapes_bend(connection, tmp_path, line, b, c):
    """What is absent or of another kind is null; numbers keep their digits, objects stay JSON text."""
    path = _write(tmp_path / "f.jsonl", line.encode())
    documents = read_documents(connection, path, {"a": {"b": "VARCHAR"}, "c": "VARCHAR"})
    found = documents.select(b=field(documents.document, "a.b"), c=field(documents.document, "c"))
    assert found.to_pyarrow().to_pylist() == [{"b": b, "c": c}]
