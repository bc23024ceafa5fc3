"""Zip archives as one stream of lines."""

import gzip
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from journeys.config.errors import DataError
from journeys.sources import archives
from journeys.sources.archives import open_archive
from tests.journeys.sources.drawn import read, source_of


def _zip(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def _of_unknown_method(path: Path) -> None:
    """Let the archive say that its first member is compressed by a method that nobody has defined."""
    content = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        start = content.index(signature) + place
        content[start : start + 2] = (77).to_bytes(2, "little")
    path.write_bytes(content)


def _content(path: Path) -> bytes:
    with open_archive(path) as stream:
        return stream.read()


def test_members_follow_one_another(tmp_path: Path) -> None:
    """Members come by name, unpacked where they are gzipped; each ends its last line, and what is no export is left out."""
    members = {
        "app/b.json.gz": gzip.compress(b"3\n"),
        "app/a.json": b"1\n2",
        "app/": b"",
        "app/.DS_Store": b"x",
        "__MACOSX/app/a.json": b"x",
        "../../outside.json": b"0\n",
    }
    path = _zip(tmp_path / "export.zip", members)
    assert _content(path) == b"0\n1\n2\n3\n"
    assert [found.name for found in tmp_path.iterdir()] == ["export.zip"]


def test_large_members_are_read_in_parts(tmp_path: Path) -> None:
    """Members longer than a buffer are whole."""
    lines = b"".join(b"%d\n" % number for number in range(200_000))
    assert _content(_zip(tmp_path / "export.zip", {"a": lines, "b": lines})) == lines * 2


def test_a_bomb_does_not_go_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to far more than an export does is refused while it is read."""
    monkeypatch.setattr(archives, "SMALLEST_SUSPECT_BYTES", 2**20)
    path = _zip(tmp_path / "export.zip", {"a.json": b"0" * 2**23})
    assert path.stat().st_size * archives.LARGEST_RATIO < 2**23
    with pytest.raises(DataError, match=r"^export\.zip unpacks to far more than an export does; fetch it again\.$"):
        _content(path)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda path: path.write_bytes(b"PK no archive"), "export.zip is cut off or damaged; fetch it again."),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "export.zip is cut off or damaged; fetch it again."),
        (_of_unknown_method, "export.zip is compressed in a way that cannot be read; zip it anew with Deflate."),
        (lambda path: _zip(path, {}), "export.zip holds no files; export it again or remove it."),
        (
            lambda path: _zip(path, {"a.gz": gzip.compress(b"1\n" * 99)[:-9]}),
            "export.zip is cut off or damaged; fetch it again.",
        ),
        (lambda path: _zip(path, {"a.gz": b"plain"}), "export.zip is cut off or damaged; fetch it again."),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, spoil: Any, sentence: str) -> None:
    """An archive that is damaged, empty or of an unknown compression is one sentence."""
    path = _zip(tmp_path / "export.zip", {"a.json": b"1\n" * 100})
    spoil(path)
    with pytest.raises(DataError) as raised:
        _content(path)
    assert str(raised.value) == sentence


def test_an_export_of_amplitude(connection: Any, tmp_path: Path) -> None:
    """The export API's archive of hourly gzipped lines is read as one file of events."""
    hours = [
        b'{"uuid":"e1","event_type":"login","event_time":"2026-02-01 10:00:00.000000","user_id":"u1"}\n',
        b'{"uuid":"e2","event_type":"play","event_time":"2026-02-01 11:00:00.000000","user_id":"u1"}',
    ]
    members = {f"123/123_2026-02-01_{hour}#1.json.gz": gzip.compress(line) for hour, line in enumerate(hours, 10)}
    records = read(connection, _zip(tmp_path / "export.zip", members), source_of("amplitude"))
    assert [(record["line"], record["event"]) for record in records] == [(1, "login"), (2, "play")]


def test_an_export_of_mixpanel(connection: Any, tmp_path: Path) -> None:
    """The raw export keeps what it knows of an event in one object."""
    path = tmp_path / "export.jsonl"
    path.write_text(
        '{"event":"play","properties":{"time":1769940000,"distinct_id":"x1","$insert_id":"i1","$user_id":"u1"}}\n'
    )
    (record,) = read(connection, path, source_of("mixpanel"))
    assert (record["event"], f"{record['event_at']:%Y-%m-%d %H}") == ("play", "2026-02-01 10")
    assert {pair["type"]: pair["value"] for pair in record["identifiers"]} == {
        "user_id": "u1",
        "mixpanel_distinct_id": "x1",
    }
    assert record["source_record_id"] == "event:play:x1:1769940000:i1:play"
