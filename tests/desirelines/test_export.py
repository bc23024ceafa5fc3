"""Tables of the lake as files."""

import csv
import json
import stat
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from desirelines.export import export_table
from journeys.config.errors import DataError
from tests.desirelines.places import NOW, add_touchpoints, add_vault, workspace_in


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_a_table_is_written_in_the_order_of_its_key(tmp_path: Path, ending: str) -> None:
    """Each format holds the same rows and columns, sorted, and nothing unfinished stays."""
    workspace = workspace_in(tmp_path / "shop")
    add_touchpoints(workspace, [NOW - timedelta(hours=hours) for hours in range(3)])
    folder = tmp_path / "it's here"
    path = folder / f"touchpoints.{ending}"
    report = export_table(workspace, "touchpoints", path)
    assert report.counts == {"rows": 3}
    assert report.paths == (str(path),)
    assert [file.name for file in folder.iterdir()] == [path.name]
    if ending == "parquet":
        rows = pq.read_table(path).to_pylist()
    elif ending == "csv":
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
    else:
        rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["touchpoint_id"] for row in rows] == ["t0", "t1", "t2"]
    assert {row["touchpoint"] for row in rows} == {'visit, "quoted"'}
    assert list(rows[0]) == workspace.lake.table("touchpoints").schema.names
    if ending != "parquet":
        assert rows[2]["known_at"] == "2026-03-01T02:00:00.000000Z"


def test_the_vault_goes_to_a_file_of_its_owner(tmp_path: Path) -> None:
    """Personal data are readable by the owner only, and the report says what the file holds."""
    workspace = workspace_in(tmp_path / "shop")
    add_vault(workspace)
    path = tmp_path / "vault.csv"
    report = export_table(workspace, "identifier_vault", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "holds personal data" in report.notes[0]


def test_an_unwritable_file_is_one_sentence(tmp_path: Path) -> None:
    """The reason and what to do."""
    workspace = workspace_in(tmp_path / "shop")
    add_touchpoints(workspace, [NOW])
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="choose another file with --to"):
        export_table(workspace, "touchpoints", tmp_path / "file" / "x.csv")
