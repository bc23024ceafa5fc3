"""The file destination: whole folders, checksums, and nothing twice."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from journeys.config.errors import DestinationError
from journeys.lake.tables import TABLES
from scoring.activation import file as file_destination
from scoring.activation.file import FileSender
from scoring.activation.ledger import Delivery, Ledger
from scoring.activation.payloads import wanted_rows
from scoring.activation.plan import plan
from scoring.activation.shipment import Shipment

SNAPSHOT = datetime(2026, 3, 1, tzinfo=UTC)
KEY = "20260301T000000Z"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield found
    found.close()


def listed(names: str, value: float = 0.5) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "customer_id": name,
                "target": "churn",
                "snapshot_at": pd.Timestamp(SNAPSHOT),
                "value": value,
                "percentile": 0.9,
                "tier": "high",
                "stage": "use",
                "value_at_risk_amount": -12.5,
                "reasons": '[{"sentence": "No touchpoint for 12 days"}]',
                "owner": "=cmd|' /C calc'!A0",
                "suggested_action": None,
                "score_basis": "model",
                "rank": rank,
                "snapshot_key": KEY,
                "identifier_id": f"id-{name}",
                "identifier_type": "email",
                "identifier": f"{name}@example.com",
            }
            for rank, name in enumerate(names, 1)
        ]
    )


def shipment(rows: pd.DataFrame, ledger: Ledger, held_out: str = "") -> Shipment:
    known = ledger.deliveries("crm", tables=["at_risk"])
    return Shipment(
        project="drawn",
        destination="crm",
        snapshot_at=SNAPSHOT,
        snapshot_key=KEY,
        run_id="run-1",
        made_at=SNAPSHOT,
        plan=plan(wanted_rows("at_risk", rows, currency="EUR"), known, destination="crm", snapshot_key=KEY, run_id="r"),
        tables={"at_risk": rows},
        identifiers={},
        held_out=frozenset(held_out),
        model_versions={"churn": "7"},
    )


def files(folder: Path) -> dict[str, float]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_manifest_verifies(tmp_path: Path, ledger: Ledger) -> None:
    """A push is one folder whose manifest gives each file's bytes, checksum and rows, and `_SUCCESS`."""
    receipt = FileSender(tmp_path / "out").push(shipment(listed("abc"), ledger), ledger)
    (folder,) = (tmp_path / "out" / "crm").iterdir()
    assert folder.name.startswith(f"{KEY}-")
    assert {path.name for path in folder.iterdir()} == {"at_risk.csv", "at_risk.parquet", "manifest.json", "_SUCCESS"}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {entry["name"]: entry["rows"] for entry in manifest["files"]} == {"at_risk.csv": 3, "at_risk.parquet": 3}
    for entry in manifest["files"]:
        content = (folder / entry["name"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert manifest["model_versions"] == {"churn": "7"}
    assert (manifest["run_id"], manifest["snapshot_key"]) == ("run-1", KEY)
    assert receipt.count_delivered == 3
    assert [Path(path).name for path in receipt.paths] == ["at_risk.csv", "at_risk.parquet", "manifest.json"]


def test_parquet_is_exact_and_csv_is_safe(tmp_path: Path, ledger: Ledger) -> None:
    """Parquet has the table's own columns and bytes; in the CSV the same cell is no formula, numbers are numbers."""
    receipt = FileSender(tmp_path / "out").push(shipment(listed("a", value=2 / 3), ledger), ledger)
    exact = pq.read_table(receipt.paths[1])
    assert exact["value"].to_pylist() == [2 / 3]
    assert exact.schema.names == [*TABLES["at_risk"].schema.names, "identifier_type", "identifier"]
    assert exact["owner"].to_pylist() == ["=cmd|' /C calc'!A0"]
    shown = pd.read_csv(receipt.paths[0])
    assert list(shown.columns[:2]) == ["identifier_type", "identifier"]
    assert shown.owner[0] == "'=cmd|' /C calc'!A0"
    assert shown.value_at_risk_amount[0] == -12.5
    assert shown.value[0] == 0.667
    assert shown.unit[0] == "probability"
    assert shown.reason_1[0] == "No touchpoint for 12 days"


def test_points_are_not_taken_for_probabilities(tmp_path: Path, ledger: Ledger) -> None:
    """A row that a rule ranked says so beside its value."""
    rows = listed("a").assign(score_basis="rule")
    receipt = FileSender(tmp_path / "out").push(shipment(rows, ledger), ledger)
    assert pd.read_csv(receipt.paths[0]).unit.tolist() == ["points by rule, no probability"]


def test_second_push_writes_nothing(tmp_path: Path, ledger: Ledger) -> None:
    """The same content is written once, even where the reader has taken the folder away."""
    sender = FileSender(tmp_path / "out")
    sender.push(shipment(listed("abc"), ledger), ledger)
    before = files(tmp_path / "out")
    again = sender.push(shipment(listed("abc"), ledger), ledger)
    assert files(tmp_path / "out") == before
    (folder,) = (tmp_path / "out" / "crm").iterdir()
    assert (again.paths, again.notes) == ((), (f"Destination crm has nothing new; what it was given last is {folder}",))
    folder.rename(tmp_path / "taken")
    sender.push(shipment(listed("abc"), ledger), ledger)
    assert list((tmp_path / "out" / "crm").iterdir()) == []


def test_changed_content_is_another_folder(tmp_path: Path, ledger: Ledger) -> None:
    """Each content of a snapshot has its own folder, and coming back to an earlier one is told again."""
    sender = FileSender(tmp_path / "out")
    for value in (0.5, 0.6, 0.5):
        sender.push(shipment(listed("abc", value), ledger), ledger)
    assert len(list((tmp_path / "out" / "crm").iterdir())) == 3
    assert {row.state for row in ledger.deliveries("crm", tables=["at_risk"])} == {"delivered"}


def test_held_out_never_leave(tmp_path: Path, ledger: Ledger) -> None:
    """The writer refuses held-out customers whatever it is given, in every byte of every file."""
    FileSender(tmp_path / "out").push(shipment(listed("abc"), ledger, held_out="b"), ledger)
    (folder,) = (tmp_path / "out" / "crm").iterdir()
    assert pq.read_table(folder / "at_risk.parquet")["customer_id"].to_pylist() == ["a", "c"]
    assert not [path for path in folder.iterdir() if b"b@example.com" in path.read_bytes()]
    assert {row.customer_id for row in ledger.deliveries("crm", tables=["at_risk"])} == {"a", "c"}


def test_empty_lists_are_told_too(tmp_path: Path, ledger: Ledger) -> None:
    """A list on which nobody stands is a file with its header."""
    receipt = FileSender(tmp_path / "out").push(shipment(listed("a").iloc[:0], ledger), ledger)
    assert pd.read_csv(receipt.paths[0]).empty
    assert pq.read_table(receipt.paths[1]).num_rows == 0


@pytest.mark.parametrize("step", ["write_people_csv", "_exact", "after"])
def test_killed_anywhere_leaves_no_half_folder(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Killed while writing or before marking, no folder without `_SUCCESS` shows, and the next push completes it."""

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    put = ledger.put

    def die_when_marking(rows: Iterable[Delivery]) -> None:
        rows = list(rows)
        if rows[0].state == "delivered":
            raise KeyboardInterrupt
        put(rows)

    sender = FileSender(tmp_path / "out")
    with monkeypatch.context() as patch:
        if step == "after":
            patch.setattr(ledger, "put", die_when_marking)
        else:
            patch.setattr(file_destination, step, die)
        with pytest.raises(KeyboardInterrupt):
            sender.push(shipment(listed("abc"), ledger), ledger)
    shown = [path for path in (tmp_path / "out" / "crm").iterdir() if not path.name.startswith(".")]
    assert len(shown) == (1 if step == "after" else 0)
    before = files(shown[0]) if shown else {}
    sender.push(shipment(listed("abc"), ledger), ledger)
    (folder,) = (tmp_path / "out" / "crm").iterdir()
    assert (folder / "_SUCCESS").exists()
    assert not before or files(folder) == before
    assert {row.state for row in ledger.deliveries("crm", tables=["at_risk", "pushes"])} == {"delivered"}


def test_unwritable_folder_is_one_sentence(tmp_path: Path, ledger: Ledger) -> None:
    """A folder that cannot be written says where and what to do; the rows stay for the next push."""
    (tmp_path / "out").write_text("a file is in the way")
    with pytest.raises(DestinationError, match=r"^Cannot write to .*out .*make the folder writable.*\.$"):
        FileSender(tmp_path / "out").push(shipment(listed("a"), ledger), ledger)
    assert {row.state for row in ledger.deliveries("crm", tables=["at_risk"])} == {"pending"}


def test_shipment_shows_no_personal_data() -> None:
    """The identifiers of a shipment stay out of its printed form."""
    made = Shipment(
        project="drawn",
        destination="crm",
        snapshot_at=SNAPSHOT,
        snapshot_key=KEY,
        run_id="run-1",
        made_at=SNAPSHOT,
        plan=plan([], [], destination="crm", snapshot_key=KEY, run_id="r"),
        tables={"at_risk": listed("a")},
        identifiers={"id-a": ("email", "a@example.com")},
        held_out=frozenset(),
        model_versions={},
    )
    assert "example.com" not in repr(made)
    assert replace(made, run_id="run-2").identifiers == made.identifiers
