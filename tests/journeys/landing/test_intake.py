import json
import os
import random
import resource
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.config.errors import DataError
from journeys.config.sources import Source
from journeys.landing import intake
from journeys.landing.intake import LandingFolder, message_lines

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _source(vendor: str, **columns: Any) -> Source:
    own = {"columns": {"event": "what", "event_at": "at", "record_id": "id"} | columns, "identifiers": {"user_id": "u"}}
    return Source.model_validate({"vendor": vendor, "files": "app/*.jsonl"} | (own if vendor == "tabular" else {}))


def _items(body: str | bytes, source: Source, message_id: str | None = "m1") -> list[Any]:
    lines = message_lines(body if isinstance(body, bytes) else body.encode(), source, message_id)
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize(
    ("vendor", "body", "expected"),
    [
        ("stripe", '{\n "id": "evt_1",\r\n "data": {}}', [{"id": "evt_1", "data": {}}]),
        ("stripe", '{"batch": [1]}', [{"batch": [1]}]),
        ("segment", '{"batch": [{"type": "track"}, {"type": "page"}], "sentAt": "x"}', [{"type": "track"}, {"type": "page"}]),
        ("segment", '{"batch": "no list"}', [{"batch": "no list"}]),
        ("segment", '[{"type": "track"}, 1]', [{"type": "track"}, 1]),
        ("segment", "[]", []),
        ("tabular", '{"what": "buy"}', [{"what": "buy", "id": "m1"}]),
        ("tabular", '{"what": "buy", "id": null}', [{"what": "buy", "id": "m1"}]),
        ("tabular", '{"what": "buy", "id": 0}', [{"what": "buy", "id": 0}]),
        ("tabular", '[{"what": "buy"}, "x", {"id": "r1"}]', [{"what": "buy", "id": "m1:0"}, "x", {"id": "r1"}]),
        ("tabular", b'\xef\xbb\xbf{"id": "\xc3\xa9"}', [{"id": "é"}]),
        ("tabular", '{"id": "\\ud800"}', [{"id": "?"}]),
    ],
)  # fmt: skip
def test_lines_of_messages(vendor: str, body: str | bytes, expected: list[Any]) -> None:
    """An object is a line, an item of a list is a line; an own event without an id gets its message's."""
    assert _items(body, _source(vendor)) == expected


def test_ids_inside_objects() -> None:
    """An id may stand inside an object; where it is missing, the message's is written under the whole name."""
    source = _source("tabular", record_id="data.id")
    assert _items('{"data": {"id": "r1"}}', source) == [{"data": {"id": "r1"}}]
    assert _items('{"data": 1}', source) == [{"data": 1, "data.id": "m1"}]
    assert _items('{"data": 1}', source, None) == [{"data": 1}]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The message is not valid JSON; send one object, or a list of objects."),
        (b"{", "The message is not valid JSON; send one object, or a list of objects."),
        (b'{"a": NaN}', "The message is not valid JSON; send one object, or a list of objects."),
        (b'{"a": 1e999}', "The message is not valid JSON; send one object, or a list of objects."),
        (b"[" * 100_000, "The message is not valid JSON; send one object, or a list of objects."),
        (b'"\xff"', "The message is not valid JSON; send one object, or a list of objects."),
        (b'"ann@example.org"', "The message is JSON but no object; send an object, or a list of objects."),
        (b"1", "The message is JSON but no object; send an object, or a list of objects."),
    ],
)
def test_bodies_that_are_refused(body: bytes, sentence: str) -> None:
    """What is no JSON object and no list is refused with a sentence that repeats nothing of it."""
    with pytest.raises(DataError) as raised:
        message_lines(body, _source("segment"), None)
    assert str(raised.value) == sentence


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), _VALUES, max_size=4), max_size=4), st.sampled_from([None, 1]))
def test_nothing_of_a_message_changes(items: list[Any], indent: int | None) -> None:
    """A list's items are its lines, whatever is in them and however it was written."""
    assert _items(json.dumps(items, indent=indent), _source("stripe")) == items


def _landed(folder: Path) -> list[str]:
    return [
        line for path in sorted(folder.glob("*.jsonl")) if path.name[0] != "." for line in path.read_text().splitlines()
    ]


def test_files_appear_whole(tmp_path: Path) -> None:
    """A file in progress is hidden, and of no name that a pattern matches; finished, it is read."""
    folder = LandingFolder(tmp_path / "new" / "app", finish_after=MINUTE)
    folder.land([b"1\n", b"2\n"], NOW)
    folder.land([b"3\n"], NOW + MINUTE / 2)
    (part,) = (tmp_path / "new" / "app").iterdir()
    assert (part.name, part.read_bytes()) == (".20260301T020000.000000Z-0.jsonl.part", b"1\n2\n3\n")
    folder.finish_due(NOW + MINUTE * 0.99)
    assert _landed(tmp_path / "new" / "app") == []
    folder.finish_due(NOW + MINUTE)
    assert [path.name for path in (tmp_path / "new" / "app").iterdir()] == ["20260301T020000.000000Z-0.jsonl"]
    folder.land([b"4\n"], NOW)  # at the very same instant: no file is written over
    folder.close()
    assert _landed(tmp_path / "new" / "app") == ["1", "2", "3", "4"]


@pytest.mark.parametrize(("limit", "value"), [("MOST_MESSAGES", 2), ("MOST_BYTES", 4)])
def test_full_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """A file that is full by lines or bytes is finished before the next message."""
    monkeypatch.setattr(intake, limit, value)
    folder = LandingFolder(tmp_path, finish_after=MINUTE)
    for number in range(5):
        folder.land([f"{number}\n".encode()], NOW)
    assert [path.read_text() for path in sorted(tmp_path.glob("*Z-?.jsonl"))] == ["0\n1\n", "2\n3\n"]
    folder.close()
    assert _landed(tmp_path) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("left", "expected"), [(b"", []), (b"1\n2\n", ["1", "2"]), (b"1\n2", ["1"]), (b"12", []), (b"1\n\xff", ["1"])]
)
def test_what_a_killed_process_left(tmp_path: Path, left: bytes, expected: list[str]) -> None:
    """It is finished on start; a last line without its end was never answered, and is dropped."""
    (tmp_path / ".20260301T010000.000000Z-0.jsonl.part").write_bytes(left)
    LandingFolder(tmp_path, finish_after=MINUTE).close()
    assert _landed(tmp_path) == expected
    assert list(tmp_path.glob(".*")) == []


def _land_until_killed(folder: Path, fatal: int, said: int) -> None:
    """Land four lines in this process, which ends before line `fatal` of the module; write what was landed to `said`."""
    left = fatal

    def trace(frame: Any, event: str, _argument: Any) -> Any:
        nonlocal left
        if frame.f_code.co_filename != intake.__file__:
            return None
        if event == "line":
            left -= 1
            if left < 0:
                os._exit(1)
        return trace

    sys.settrace(trace)
    landing = LandingFolder(folder, finish_after=MINUTE)
    for number in range(4):
        landing.land([f"{number}\n".encode()], NOW + MINUTE * 0.4 * number)
        os.write(said, f"{number}\n".encode())
        landing.finish_due(NOW + MINUTE * 0.4 * number)
    landing.close()
    sys.settrace(None)
    os._exit(0)


def test_killed_at_any_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the process ends, the next one has all that was landed, once, and no half of a line."""
    monkeypatch.setattr(intake, "MOST_MESSAGES", 2)
    status, fatal = 1, 0
    while status:
        folder = tmp_path / str(fatal)
        folder.mkdir()
        (folder / ".20260228T000000.000000Z-0.jsonl.part").write_bytes(b"left\nhal")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _land_until_killed(folder, fatal, writing)
        os.close(writing)
        with os.fdopen(reading) as stream:
            said = stream.read().split()
        status = os.waitpid(child, 0)[1]
        before = set(folder.glob("*Z-?.jsonl"))
        LandingFolder(folder, finish_after=MINUTE).close()
        landed = _landed(folder)
        assert before <= set(folder.glob("*Z-?.jsonl"))
        # What was written and not answered may be there as well: the one line that the process was killed with.
        assert landed[: len(said) + 1] == ["left", *said]
        assert landed[len(said) + 1 :] in ([], [str(len(said))])
        fatal += 1
    assert landed == ["left", *"0123"]
    assert fatal > 100


def test_one_process_a_folder(tmp_path: Path) -> None:
    """A second one is refused, and touches nothing; after the first has ended it may land."""
    first = LandingFolder(tmp_path, finish_after=MINUTE)
    first.land([b"1\n"], NOW)
    with pytest.raises(DataError, match=r"are landed in .* already; end the other intake"):
        LandingFolder(tmp_path, finish_after=MINUTE)
    assert _landed(tmp_path) == []
    first.close()
    LandingFolder(tmp_path, finish_after=MINUTE).close()
    assert _landed(tmp_path) == ["1"]


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    """Where a file is in the way, one sentence says which."""
    (tmp_path / "app").write_text("")
    with pytest.raises(DataError, match=r"Messages cannot be landed in .*app .*; make the folder writable"):
        LandingFolder(tmp_path / "app", finish_after=MINUTE)


def test_a_full_disk(tmp_path: Path) -> None:
    """What was said to be landed is there, once; what was not has left no half of a line; afterwards all goes on.

    The kernel refuses to let a file grow beyond a limit: a real error, after a part of the message was written.
    """
    folder = LandingFolder(tmp_path, finish_after=MINUTE)
    rng = random.Random(3)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    said, refused = [], 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        for number in range(60):
            line = str(number).ljust(rng.randint(3, 90), ".")
            try:
                folder.land([f"{line}\n".encode()], NOW + timedelta(seconds=number))
                said.append(line)
            except OSError:
                refused += 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert refused >= 2
    folder.land([b"after\n"], NOW)
    folder.close()
    assert sorted(_landed(tmp_path)) == sorted([*said, "after"])


def test_nothing_is_said_before_it_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk does not confirm, landing fails; the next file is another one, and no line is torn."""
    folder = LandingFolder(tmp_path, finish_after=MINUTE)
    folder.land([b"1\n"], NOW)
    durable = os.fsync

    def failing(_file: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output error"):
        folder.land([b"2\n"], NOW)
    with pytest.raises(OSError, match="Input/output error"):
        folder.finish_due(NOW)
    monkeypatch.setattr(os, "fsync", durable)
    folder.land([b"3\n"], NOW)
    folder.finish_due(NOW + MINUTE)
    assert [path.read_text() for path in sorted(tmp_path.glob("*Z-?.jsonl"))] == ["1\n2\n", "3\n"]
    folder.close()
