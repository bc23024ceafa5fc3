"""Avro files: their kinds of values, and those that are damaged."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from journeys.config.errors import DataError
from journeys.sources.avro import avro_schema, read_avro
from journeys.sources.columns import read_columns
from tests.journeys.sources.drawn import avro_file

AT = datetime(2026, 2, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("string", "a", "a"),
        (["null", "long"], 2**53 + 1, str(2**53 + 1)),
        (["null", "double"], None, None),
        ("boolean", True, "true"),
        ({"type": "long", "logicalType": "timestamp-millis"}, AT, "2026-02-01 10:00:00+00"),
        ({"type": "int", "logicalType": "date"}, date(2026, 2, 1), "2026-02-01"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}, Decimal("12.50"), "12.50"),
        ({"type": "enum", "name": "size", "symbols": ["S", "L"]}, "L", "L"),
        ({"type": "map", "values": "int"}, {"a": 1}, '{"a":1}'),
        ("null", None, None),
    ],
    ids=["text", "number", "nothing", "flag", "instant", "date", "decimal", "enum", "map", "null"],
)
def test_kinds_of_values(connection: Any, tmp_path: Path, kind: Any, value: Any, text: str | None) -> None:
    """Each kind of value comes out as the text that says it."""
    path = avro_file(tmp_path / "f.avro", {"cell": kind}, {"cell": value})
    (row,) = read_columns(connection, path, {"cell": "x"}).to_pyarrow().to_pylist()
    assert (row["column_0"], row["line"]) == (text, 1)


def test_blocks_in_order(connection: Any, tmp_path: Path) -> None:
    """A file of many blocks, deflated, has all of its rows in their order."""
    path = avro_file(
        tmp_path / "f.avro", {"id": "long"}, *({"id": number} for number in range(50_000)), codec="deflate"
    )
    assert len(list(read_avro(path))) > 1
    found = read_columns(connection, path, {"id": "x"}).order_by("line").to_pyarrow()
    assert found["column_0"].to_pylist() == [str(number) for number in range(50_000)]


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_a_file_cut_off(tmp_path: Path, share: float) -> None:
    """A file that broke off, in its header or later, is one sentence."""
    path = avro_file(tmp_path / "f.avro", {"id": "long"}, *({"id": number} for number in range(50_000)))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(DataError, match=r"^f\.avro is cut off or (damaged|no Avro file).*; fetch it again\.$"):
        list(read_avro(path))


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"id": ["string", "long"]}, "f.avro mixes kinds of values in 'id'; export it with one kind a column."),
        (
            {"id": {"type": "record", "name": "node", "fields": [{"name": "next", "type": ["null", "node"]}]}},
            "f.avro nests 'next' in itself; export it without that.",
        ),
        (
            {"id": {"type": "string", "logicalType": "uuid"}},
            "f.avro holds UUIDs as a type of their own in 'id'; export them as text.",
        ),
    ],
)
def test_columns_that_are_not_read(tmp_path: Path, columns: dict[str, Any], sentence: str) -> None:
    """A column that no table can hold is one sentence."""
    path = avro_file(tmp_path / "f.avro", columns)
    with pytest.raises(DataError) as raised:
        avro_schema(path)
    assert str(raised.value) == sentence


def test_not_avro_and_not_readable(connection: Any, tmp_path: Path) -> None:
    """What is no Avro file, or is compressed with what cannot be read, or has no rows, is one sentence."""
    path = tmp_path / "f.avro"
    path.write_bytes(b"something else, and not short")
    with pytest.raises(DataError, match="no Avro file"):
        avro_schema(path)
    avro_file(path, {"id": "long"})
    with pytest.raises(DataError, match="has columns and no rows"):
        read_columns(connection, path, {"id": "x"})
    path.write_bytes(path.read_bytes().replace(b"\x08null", b"\x0csnappy"))
    with pytest.raises(DataError, match="is compressed with snappy; export it uncompressed or with deflate"):
        avro_schema(path)


def test_names_used_again(tmp_path: Path) -> None:
    """A type that has a name is known by it in later columns."""
    place = {"type": "record", "name": "place", "fields": [{"name": "city", "type": "string"}]}
    path = avro_file(
        tmp_path / "f.avro", {"home": place, "work": "place"}, {"home": {"city": "a"}, "work": {"city": "b"}}
    )
    schema = avro_schema(path)
    assert schema.field("home").type == schema.field("work").type == pa.struct([("city", pa.string())])
    (block,) = read_avro(path)
    assert block["work"].to_pylist() == [{"city": "b"}]


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_damaged_files(tmp_path: Path, codec: str) -> None:
    """Whatever a damaged byte decodes to, a file is read or is one sentence."""
    columns = {"id": "string", "count": ["null", "long"], "at": {"type": "long", "logicalType": "timestamp-millis"}}
    rows = [{"id": f"e{number}", "count": number, "at": 1769940000000 + number} for number in range(50)]
    path = avro_file(tmp_path / "f.avro", columns, *rows, codec=codec)
    content = path.read_bytes()
    sentences = []
    for place in range(4, len(content), 3):
        damaged = bytearray(content)
        damaged[place] ^= 0x55
        path.write_bytes(bytes(damaged))
        try:
            list(read_avro(path))
        except DataError as error:
            sentences.append(str(error))
    assert len(sentences) > 20
    assert all(sentence.startswith("f.avro ") for sentence in sentences)
