"""A corpus of bad files: what vendors, spreadsheets and wires do to exports, many times over, from one seed.

Each file knows how many rows it holds and which of them are good, apart from whatever the product counts.
"""

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
HEADER = ("id", "what", "at", "who", "paid", "note")
COPIES = 12
"""Files of each fault, in different separators, compressions and sizes."""


@dataclass(frozen=True)
class Row:
    """One row as it should be understood."""

    id: str
    at: datetime
    who: str
    paid: float | None
    note: str = ""

    def cells(self) -> list[str]:
        """Return the row's cells in the order of the header."""
        return [
            self.id,
            "bought",
            self.at.isoformat(),
            self.who,
            "" if self.paid is None else str(self.paid),
            self.note,
        ]


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        fault: what is wrong with it.
        name: its name, whose beginning says which source reads it.
        content: its bytes.
        count_rows: rows that it holds; None where the file can only be refused as a whole.
        good: rows that have to be loaded as they are.
    """

    fault: str
    name: str
    content: bytes
    count_rows: int | None
    good: tuple[Row, ...] = ()


@dataclass
class _Maker:
    rng: random.Random
    number: int = 0
    cases: list[Case] = field(default_factory=list)

    def rows(self, count: int = 0) -> list[Row]:
        made = []
        for _ in range(count or self.rng.randint(2, 6)):
            self.number += 1
            at = FIRST + timedelta(minutes=37 * self.number, milliseconds=self.number % 1000)
            paid = None if self.number % 3 == 0 else round(self.rng.uniform(1, 900), 2)
            made.append(Row(f"r{self.number}", at, f"u{self.number % 40}", paid, f"note {self.number}"))
        return made

    def add(self, fault: str, kind: str, content: bytes, count_rows: int | None, good: list[Row] | None = None) -> None:
        packed = self.rng.choice(["", "", ".gz", ".zst"])
        if packed == ".gz":
            content = gzip.compress(content, mtime=0)
        elif packed == ".zst":
            buffer = pa.BufferOutputStream()
            with pa.CompressedOutputStream(buffer, "zstd") as stream:
                stream.write(content)
            content = buffer.getvalue().to_pybytes()
        self.raw(fault, f"{kind}{packed}", content, count_rows, good)

    def raw(self, fault: str, kind: str, content: bytes, count_rows: int | None, good: list[Row] | None = None) -> None:
        name = (
            f"{kind.split('.', maxsplit=1)[0]}/{fault.replace(' ', '_')}_{len(self.cases):04d}.{kind.split('.', 1)[1]}"
        )
        self.cases.append(Case(fault, name, content, count_rows, tuple(good or ())))


def cell(text: str, separator: str) -> str:
    """Return a cell as CSV writes it."""
    return '"' + text.replace('"', '""') + '"' if any(one in text for one in f'{separator}"\r\n') else text


def table(rows: list[list[str]], separator: str = ",", end: str = "\n", header: tuple[str, ...] = HEADER) -> str:
    """Return a table as CSV."""
    lines = [separator.join(cell(text, separator) for text in row) for row in [list(header), *rows]]
    return end.join([*lines, ""])


def make_corpus(seed: int = 20261125) -> list[Case]:
    """Return the files of the corpus."""
    maker = _Maker(random.Random(seed))
    for _ in range(COPIES):
        for fault in (*_TEXT_FAULTS, *_CELL_FAULTS, *_WHOLE_FAULTS, *_JSON_FAULTS, *_PARQUET_FAULTS, *_PACKED_FAULTS):
            fault(maker)
    return maker.cases


def _separator(maker: _Maker) -> str:
    return maker.rng.choice([",", ";", "\t", "|"])


def _plain(encoding: str, fault: str, mark: bytes = b"", end: str = "\n") -> Callable[[_Maker], None]:
    def make(maker: _Maker) -> None:
        rows = maker.rows()
        text = table([row.cells() for row in rows], _separator(maker), end)
        maker.add(fault, "csv.csv", mark + text.encode(encoding), len(rows), rows)

    return make


def _mixed_ends(maker: _Maker) -> None:
    rows = maker.rows(6)
    text = table([row.cells() for row in rows])
    lines = text.split("\n")
    maker.add(
        "mixed line ends",
        "csv.csv",
        "".join(x + ("\r\n" if n % 2 else "\n") for n, x in enumerate(lines[:-1])).encode(),
        6,
        rows,
    )


def _embedded(maker: _Maker) -> None:
    rows = [Row(r.id, r.at, r.who, r.paid, 'two\nlines, "quoted"') for r in maker.rows()]
    maker.add(
        "embedded newlines", "csv.csv", table([r.cells() for r in rows], _separator(maker)).encode(), len(rows), rows
    )


def _latin(maker: _Maker) -> None:
    rows = maker.rows(4)
    text = table([row.cells() for row in rows]).encode()
    bad = f"x{maker.number},bought,2026-01-05T09:00:00Z,u1,1,caf".encode() + b"\xe9\n"
    maker.add("latin bytes", "csv.csv", text + bad, 5, rows)


_TEXT_FAULTS = (
    _plain("utf-8", "byte-order mark", b"\xef\xbb\xbf"),
    _plain("utf-16-le", "utf-16 little", b"\xff\xfe"),
    _plain("utf-16-be", "utf-16 big", b"\xfe\xff"),
    _plain("utf-8", "carriage returns", end="\r\n"),
    _mixed_ends,
    _embedded,
    _latin,
)


def _with_bad_rows(fault: str, *bad: list[str], is_counted: bool = True) -> Callable[[_Maker], None]:
    """Return a maker of files in which rows of these cells stand among good ones."""

    def make(maker: _Maker) -> None:
        rows = maker.rows()
        cells = [row.cells() for row in rows]
        for position, row in enumerate(bad):
            filled = [value.replace("#", f"b{maker.number}{position}") for value in row]
            cells.insert(maker.rng.randint(0, len(cells)), filled)
        count = len(rows) + (len(bad) if is_counted else 0)
        maker.add(fault, "csv.csv", table(cells, _separator(maker)).encode(), count, rows)

    return make


def _amounts(fault: str, write: Callable[[float], str]) -> Callable[[_Maker], None]:
    """Return a maker of files whose amounts are written otherwise, and mean the same."""

    def make(maker: _Maker) -> None:
        rows = [Row(r.id, r.at, r.who, round((r.paid or 5) * 10, 2), r.note) for r in maker.rows()]
        cells = [[*row.cells()[:4], write(row.paid or 0), row.note] for row in rows]
        maker.add(fault, "csv.csv", table(cells, ";").encode(), len(rows), rows)

    return make


def _times(fault: str, write: Callable[[datetime], str]) -> Callable[[_Maker], None]:
    def make(maker: _Maker) -> None:
        rows = [Row(r.id, r.at.replace(microsecond=0), r.who, r.paid, r.note) for r in maker.rows()]
        cells = [[row.id, "bought", write(row.at), *row.cells()[3:]] for row in rows]
        maker.add(fault, "csv.csv", table(cells, _separator(maker)).encode(), len(rows), rows)

    return make


GOOD_AT = "2026-01-05T09:00:00Z"
_CELL_FAULTS = (
    _with_bad_rows("header in the middle", list(HEADER)),
    _with_bad_rows("totals row", ["Total", "", "", "", "912.5", ""]),
    _with_bad_rows("spreadsheet dates", ["#", "bought", "46027.5", "u1", "1", ""]),
    _with_bad_rows(
        "ambiguous dates", ["#", "bought", "03/04/2026", "u1", "1", ""], ["#", "bought", "3/4/26 10:00", "u1", "1", ""]
    ),
    _with_bad_rows(
        "no such day",
        ["#", "bought", "2026-02-30T10:00:00Z", "u1", "1", ""],
        ["#", "bought", "2026-13-01", "u1", "1", ""],
    ),
    _with_bad_rows("local times", ["#", "bought", "2026-03-01 10:00:00", "u1", "1", ""]),
    _with_bad_rows(
        "nobody",
        *(
            ["#", "bought", GOOD_AT, name, "1", ""]
            for name in ("NULL", "N/A", "-", "None", "nan", "(not set)", "0", "")
        ),
    ),
    _with_bad_rows(
        "no amount",
        *(["#", "bought", GOOD_AT, "u1", text, ""] for text in ("twelve", "1.2.3", "12-", "1,234", "Infinity")),
    ),
    _with_bad_rows("future", ["#", "bought", "2199-01-01T00:00:00Z", "u1", "1", ""]),
    _with_bad_rows(
        "before 1970",
        ["#", "bought", "0001-01-01T00:00:00Z", "u1", "1", ""],
        ["#", "bought", "1969-12-31T00:00:00Z", "u1", "1", ""],
    ),
    _with_bad_rows("ids as floats", ["#", "bought", GOOD_AT, "1.2345678901234568e+18", "1", ""]),
    _with_bad_rows("no event", ["#", "", GOOD_AT, "u1", "1", ""]),
    _with_bad_rows("ragged rows", ["#", "bought", GOOD_AT], ["#", "bought", GOOD_AT, "u1", "1", "", "more", "cells"]),
    _amounts("decimal comma", lambda paid: f"{paid:.2f}".replace(".", ",")),
    _times("epoch seconds", lambda at: str(int(at.timestamp()))),
    _times("epoch milliseconds", lambda at: str(int(at.timestamp()) * 1000)),
    _times("epoch microseconds", lambda at: str(int(at.timestamp()) * 1_000_000)),
    _times("offsets", lambda at: at.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+02:00").tzinfo).isoformat()),
    _times("short offsets", lambda at: at.strftime("%Y-%m-%d %H:%M:%S+0000")),
    _times("named utc", lambda at: at.strftime("%Y-%m-%d %H:%M:%S UTC")),
)


def _refused(fault: str, kind: str, content: bytes) -> Callable[[_Maker], None]:
    """Return a maker of files that hold nothing to read; the number makes each another file."""

    def make(maker: _Maker) -> None:
        maker.raw(fault, kind, content, None)

    return make


def _blank_lines(maker: _Maker) -> None:
    rows = maker.rows(4)
    text = table([row.cells() for row in rows]).replace("\n", "\n\n")
    maker.add("blank lines", "csv.csv", text.encode(), 4, rows)


def _twice(maker: _Maker) -> None:
    rows = maker.rows(3)
    again = [[row.id, "bought", (row.at + timedelta(hours=1)).isoformat(), *row.cells()[3:]] for row in rows]
    maker.add("same key twice", "csv.csv", table([*(row.cells() for row in rows), *again]).encode(), 6, rows)


def _odd_text(maker: _Maker) -> None:
    notes = (
        "\U0001f600 fine",
        "\u05e9\u05dc\u05d5\u05dd",
        "x" * 200_000,
        "a\tb",
        "'; DROP TABLE touchpoints; --",
        "=1+1",
    )
    rows = [Row(r.id, r.at, r.who, r.paid, note) for r, note in zip(maker.rows(6), notes, strict=True)]
    maker.add("odd text", "csv.csv", table([r.cells() for r in rows]).encode(), 6, rows)


def _same_header_twice(maker: _Maker) -> None:
    rows = maker.rows()
    text = table([[*row.cells(), "1", "2"] for row in rows], header=(*HEADER, "extra", "extra"))
    maker.add("unused header twice", "csv.csv", text.encode(), len(rows), rows)


def _used_header_twice(maker: _Maker) -> None:
    rows = maker.rows()
    text = table([[*row.cells(), "u9"] for row in rows], header=(*HEADER, "who"))
    maker.raw("used header twice", "csv.csv", text.encode(), None)


def _preamble(maker: _Maker) -> None:
    text = "Report: sales\nMade: today\n\n" + table([row.cells() for row in maker.rows()])
    maker.raw("preamble", "csv.csv", text.encode(), None)


def _unbalanced(maker: _Maker) -> None:
    rows = maker.rows(3)
    lines = table([row.cells() for row in rows]).splitlines()
    lines.append(f'z{maker.number},bought,{GOOD_AT},u1,1,"never closed')
    maker.raw("unbalanced quote", "csv.csv", "\n".join([*lines, ""]).encode(), 4, rows)


_WHOLE_FAULTS = (
    _refused("empty", "csv.csv", b""),
    _refused("header only", "csv.csv", b"id,what,at,who,paid,note\n"),
    _refused("blank", "csv.csv", b"\n\n \n"),
    _refused("random bytes", "csv.csv", bytes(range(256)) * 3),
    _blank_lines,
    _twice,
    _odd_text,
    _same_header_twice,
    _used_header_twice,
    _preamble,
    _unbalanced,
)


def _objects(rows: list[Row]) -> list[str]:
    names = dict(zip(HEADER, HEADER, strict=True))
    return [
        json.dumps({name: value for name, value in zip(names, row.cells(), strict=True) if value != ""}) for row in rows
    ]


def _lines(fault: str, *bad: str) -> Callable[[_Maker], None]:
    def make(maker: _Maker) -> None:
        rows = maker.rows()
        lines = _objects(rows)
        for text in bad:
            lines.insert(maker.rng.randint(0, len(lines)), text)
        maker.add(fault, "lines.jsonl", "\n".join([*lines, ""]).encode(), len(lines), rows)

    return make


def _json_of(**more: Any) -> str:
    return json.dumps({"id": "j", "what": "bought", "at": GOOD_AT, "who": "u1", **more})


_JSON_FAULTS = (
    _lines("cut off", '{"id": "r1", "what": "bou'),
    _lines("no objects", "[1, 2]", "7", '"text"', "null", "true"),
    _lines("two objects a line", _json_of() + _json_of()),
    _lines("not a number", '{"id":"j","what":"bought","at":"2026-01-05T09:00:00Z","who":"u1","paid":NaN}'),
    _lines("deep", "[" * 3000 + "]" * 3000, '{"a":' * 3000 + "1" + "}" * 3000),
    _lines("wrong kinds", _json_of(at={"a": 1}), _json_of(at=[GOOD_AT]), _json_of(at=True)),
    _lines(
        "nobody in objects",
        '{"id": "j", "what": "bought", "at": "2026-01-05T09:00:00Z"}',
        _json_of(who=None),
        _json_of(who=""),
    ),
    _lines("nothing but words", "Internal Server Error", "<html>", "}{"),
)


def _parquet(rows: list[Row], **columns: pa.Array) -> bytes:
    made = {
        "id": pa.array([row.id for row in rows], pa.string()),
        "what": pa.array(["bought"] * len(rows), pa.string()).dictionary_encode(),
        "at": pa.array([row.at for row in rows], pa.timestamp("us", tz="UTC")),
        "who": pa.array([row.who for row in rows], pa.string()),
        "paid": pa.array([row.paid for row in rows], pa.float64()),
        "note": pa.array([row.note for row in rows], pa.string()),
        **columns,
    }
    buffer = io.BytesIO()
    pq.write_table(pa.table(made), buffer)
    return buffer.getvalue()


def _kinds_of_parquet(fault: str, columns: Callable[[list[Row]], dict[str, pa.Array]]) -> Callable[[_Maker], None]:
    def make(maker: _Maker) -> None:
        rows = maker.rows()
        maker.raw(fault, "columns.parquet", _parquet(rows, **columns(rows)), len(rows), rows)

    return make


def _cut_parquet(maker: _Maker) -> None:
    content = _parquet(maker.rows())
    maker.raw("cut parquet", "columns.parquet", content[: maker.rng.randint(1, len(content) - 1)], None)


_PARQUET_FAULTS = (
    _kinds_of_parquet("nanoseconds", lambda rows: {"at": pa.array([r.at for r in rows], pa.timestamp("ns", tz="UTC"))}),
    _kinds_of_parquet("decimals", lambda rows: {"paid": pa.array([r.paid for r in rows]).cast(pa.decimal128(12, 2))}),
    _kinds_of_parquet(
        "milliseconds", lambda rows: {"at": pa.array([r.at for r in rows], pa.timestamp("ms", tz="Asia/Tokyo"))}
    ),
    _cut_parquet,
    lambda maker: maker.raw("no rows", "columns.parquet", _parquet([]), None),
)


def _packed(name: str, content: bytes, members: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            archive.writestr(name if members == 1 else f"{number}_{name}", content)
    return buffer.getvalue()


def _of_rows(fault: str, kind: str, pack: Callable[[bytes], bytes], *, is_whole: bool) -> Callable[[_Maker], None]:
    def make(maker: _Maker) -> None:
        rows = maker.rows(6)
        content = pack(table([row.cells() for row in rows]).encode())
        maker.raw(fault, kind, content, 6 if is_whole else None, rows if is_whole else None)

    return make


def _members(content: bytes) -> bytes:
    half = content.index(b"\n", len(content) // 2) + 1
    return gzip.compress(content[:half], mtime=0) + gzip.compress(content[half:], mtime=0)


def _garbled(content: bytes) -> bytes:
    packed = bytearray(gzip.compress(content, mtime=0))
    packed[len(packed) // 2] ^= 0xFF
    return bytes(packed)


_PACKED_FAULTS = (
    _of_rows("gzip members", "csv.csv.gz", _members, is_whole=True),
    _of_rows("gzip cut off", "csv.csv.gz", lambda content: gzip.compress(content, mtime=0)[:-12], is_whole=False),
    _of_rows("gzip damaged", "csv.csv.gz", _garbled, is_whole=False),
    _of_rows("no gzip", "csv.csv.gz", lambda content: content, is_whole=False),
    _of_rows("no zstd", "csv.csv.zst", lambda content: content, is_whole=False),
    _of_rows("zip", "csv.csv.zip", lambda content: _packed("a.csv", content), is_whole=True),
    _of_rows("zip with a path", "csv.csv.zip", lambda content: _packed("../../a.csv", content), is_whole=True),
    _of_rows("zip cut off", "csv.csv.zip", lambda content: _packed("a.csv", content)[:-30], is_whole=False),
    _of_rows("no zip", "csv.csv.zip", lambda content: content, is_whole=False),
)


def by_fault(cases: list[Case]) -> Iterator[tuple[str, list[Case]]]:
    """Yield each fault with its files."""
    for fault in dict.fromkeys(case.fault for case in cases):
        yield fault, [case for case in cases if case.fault == fault]
