"""The world of shared identifiers: what it holds, and that the product finds its way in it."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from benchmarks.shared_identifiers import run
from simulator.shared_identifiers import LOGINS_A_KIOSK, NOBODY, Size, write_shared_identifiers

SIZE = Size().scaled(3_000)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("world")
    write_shared_identifiers(folder / "exports", folder / "truth", size=SIZE, seed=5)
    files = {
        path.stem if "truth" not in path.parts else f"true_{path.stem}": path for path in folder.rglob("*.parquet")
    }
    return {name: pq.read_table(path).to_pandas() for name, path in files.items()}


def test_what_is_shared(world: dict[str, pd.DataFrame]) -> None:
    """Kiosks on which hundreds log in, computers of two, one telephone of many, and telephones of two."""
    logins = world["visits"].dropna(subset="email").groupby("cookie")["email"].nunique()
    assert (logins > LOGINS_A_KIOSK * 0.8).sum() == SIZE.kiosks
    share = (logins == 2).sum() / (logins.size - SIZE.kiosks)
    assert 0.012 < share < 0.028
    phones = world["contacts"]["phone"].value_counts()
    assert phones.iloc[0] == SIZE.junk_phone_people
    assert (phones == 2).sum() == SIZE.household_phones
    nobodys = world["true_identifiers"].query("person == @NOBODY", local_dict={"NOBODY": NOBODY})["type"].value_counts()
    assert nobodys.to_dict() == {"phone": SIZE.household_phones + 1, "anonymous_id": SIZE.kiosks}


def test_the_truth_is_of_the_same_visits(world: dict[str, pd.DataFrame]) -> None:
    """Every visit and identifier has its truth, once."""
    assert world["true_visits"]["visit_id"].is_unique
    assert set(world["true_visits"]["visit_id"]) == set(world["visits"]["visit_id"])
    assert not world["true_identifiers"].duplicated(["type", "value"]).any()
    told = set(world["visits"]["cookie"]) | set(world["contacts"]["phone"]) | set(world["contacts"]["email"])
    assert told <= set(world["true_identifiers"]["value"])


def test_the_same_seed_is_the_same_world(tmp_path: Path, world: dict[str, pd.DataFrame]) -> None:
    """Another run of the same seed writes the same bytes of visits."""
    write_shared_identifiers(tmp_path / "exports", tmp_path / "truth", size=SIZE, seed=5)
    again = pq.read_table(tmp_path / "exports" / "web" / "visits.parquet").to_pandas()
    pd.testing.assert_frame_equal(again, world["visits"])


def test_the_product_finds_its_way(tmp_path: Path) -> None:
    """Who is joined is one person, nearly all that can be known is joined, and nobody becomes a crowd."""
    scores = run(tmp_path, people=3_000, seed=2)
    assert scores["precision"] >= 0.985
    assert scores["f1_share"] >= 0.98
    assert scores["largest"] <= 50
    assert scores["visits given to the right person"] >= 0.995
    assert scores["visits without a name on shared computers, given to the right person"] >= 0.9
