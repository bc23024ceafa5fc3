"""The files that a business leaves behind."""

import csv
import gzip
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.levels import LEVELS
from simulator.write import FILES, write_business

END = datetime(2026, 7, 1, tzinfo=UTC)


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_one_file_a_vendor_and_month(tmp_path: Path) -> None:
    """Seven vendors, six months: forty-two files, and the counts are their lines."""
    counts = write_business(tmp_path, customers=600, months=6, end=END, seed=1)
    months = [f"2026-{month:02d}" for month in range(1, 7)]
    expected = {f"{vendor}/{name.format(month=month)}" for vendor, name in FILES.items() for month in months}
    assert set(_digests(tmp_path)) == expected
    assert counts["files"] == 42
    assert counts["duplicates"] > 0
    assert 0 < counts["broken"] < 0.005 * counts["segment"]
    lines = sum(len(gzip.decompress(path.read_bytes()).splitlines()) for path in tmp_path.glob("segment/*"))
    assert lines == counts["segment"]
    assert sum(len(path.read_text().splitlines()) for path in tmp_path.glob("stripe/*")) == counts["stripe"]
    assert sum(len(path.read_text().splitlines()) for path in tmp_path.glob("zendesk/*")) == counts["zendesk"]
    assert sum(len(path.read_text().splitlines()) - 1 for path in tmp_path.glob("crm/*")) == counts["crm"]


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    """Two runs of one seed agree in every byte; another seed gives another business."""
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_business(tmp_path / name, customers=80, months=4, end=END, seed=seed)
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")
    assert _digests(tmp_path / "a") != _digests(tmp_path / "c")


def test_late_rows_lie_in_a_later_month_s_file(tmp_path: Path) -> None:
    """Some events of one month are delivered in the next month's file."""
    write_business(tmp_path, customers=300, months=4, end=END, seed=1)
    late = 0
    for path in sorted(tmp_path.glob("segment/*")):
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            if line.endswith("}"):
                late += json.loads(line)["timestamp"][:7] < path.name[:7]
    assert late > 10


def test_a_folder_with_another_business_is_refused(tmp_path: Path) -> None:
    """Two businesses in one folder would look like one; the sentence names a file of the other."""
    write_business(tmp_path, customers=50, months=4, end=END, seed=1)
    with pytest.raises(ValueError, match=r"segment holds 2026-03\.jsonl\.gz, which is not of this business"):
        write_business(tmp_path, customers=50, months=2, end=END, seed=1)


@pytest.mark.parametrize(("customers", "months"), [(0, 4), (10, 0)])
def test_a_business_needs_people_and_time(tmp_path: Path, customers: int, months: int) -> None:
    """Nobody, or no time, is no business; nothing is written."""
    with pytest.raises(ValueError, match="at least one customer and one month"):
        write_business(tmp_path / "new", customers=customers, months=months, end=END, seed=1)
    assert not (tmp_path / "new").exists()


def test_a_tiny_business_is_written(tmp_path: Path) -> None:
    """One person in one month is enough to write something."""
    assert write_business(tmp_path, customers=1, months=1, end=END, seed=1)["segment"] >= 1


def test_a_large_business_comes_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part has files of its own, and no person of one is a person of the other."""
    monkeypatch.setattr("simulator.business.PART", 60)
    done: list[int] = []
    write_business(tmp_path, customers=150, months=2, end=END, seed=1, on_part=done.append)
    assert done == [60, 120, 150]
    names = {path.name for path in (tmp_path / "crm").glob("*.csv")}
    assert names == {f"2026-{month:02d}-{part:02d}.csv" for month in (5, 6) for part in range(3)}
    rows = [row for path in (tmp_path / "crm").glob("*.csv") for row in csv.DictReader(path.open())]
    ids = {row["crm_id"] for row in rows}
    assert len({(row["crm_id"], row["user_id"], row["email"]) for row in rows}) == len(ids)


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_is_written(tmp_path: Path, level: str) -> None:
    """A clean business has no copies and nothing broken; a hostile one has more of both than a realistic one."""
    counts = write_business(tmp_path, customers=200, months=4, end=END, seed=1, level=LEVELS[level])
    assert (counts["duplicates"] == 0) == (level in {"null", "clean"})
    assert counts["segment"] > 1000
