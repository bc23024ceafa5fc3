"""The examples as their pages tell: one command over the real data, and the figures that the pages promise."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from desirelines.cli import app
from desirelines.doors import Settings, open_workspace
from journeys.lake.workspace import Workspace

ROOT = Path(__file__).parents[2]


class Finished:
    """An example that was run: what the command printed, and where everything is."""

    def __init__(self, name: str, home: Path) -> None:
        data = ROOT / "../shared/data" / name
        if not data.is_dir():
            pytest.skip(f"the data of {name} are not in ../shared/data")
        self.settings = Settings(ROOT / "examples" / name, data, home)
        options = ["--project", str(self.settings.project), "--data", str(data), "--home", str(home), "--json"]
        result = CliRunner().invoke(app, [*options, "run"])
        assert result.exit_code == 0, result.output
        self.reports = {report["step"]: report for report in json.loads(result.stdout)["reports"]}
        self.home = home

    def rows(self, table: str) -> list[dict[str, Any]]:
        return self.workspace().lake.read(table).to_pylist()

    def workspace(self) -> Workspace:
        return open_workspace(self.settings, "look")

    def delivered(self, name: str) -> list[dict[str, Any]]:
        (path,) = self.home.glob(f"delivered/crm_files/*/{name}.parquet")
        assert (path.parent / "_SUCCESS").exists()
        return pq.read_table(path).to_pylist()


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return Finished("loan_applications", tmp_path_factory.mktemp("loans"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return Finished("simple_shop", tmp_path_factory.mktemp("shop"))


def test_every_row_of_the_loan_applications_is_accounted_for(loans: Finished) -> None:
    """177,516 rows = loaded + duplicates + quarantined."""
    counts = loans.reports["ingest"]["counts"]
    assert counts["rows_read"] == 177_516
    assert counts["rows_loaded"] + counts["rows_duplicate"] + counts["rows_quarantined"] == 177_516


def test_loan_applications_end_as_the_bank_says(loans: Finished) -> None:
    """8,766 journeys: accepted 1,560, cancelled 2,003, declined 5,196, open 7."""
    journeys = loans.rows("journeys")
    assert len(journeys) == 8_766
    outcomes = [row["outcome"] or ("open" if row["is_open"] else "none") for row in journeys]
    assert {name: outcomes.count(name) for name in set(outcomes)} == {
        "accepted": 1_560,
        "cancelled": 2_003,
        "declined": 5_196,
        "open": 7,
    }


def test_loan_applications_have_lists_from_champions(loans: Finished) -> None:
    """At the example's snapshot both lists have rows, scored by models that passed their gates, and were delivered."""
    for table in ("at_risk", "hot_leads"):
        listed = loans.rows(table)
        assert listed
        assert {row["score_basis"] for row in listed} == {"model"}
        held_out = {row["unit_id"] for row in loans.rows("assignments") if row["arm"] == "holdout"}
        expected = [row["customer_id"] for row in listed if row["customer_id"] not in held_out]
        assert sorted(row["customer_id"] for row in loans.delivered(table)) == sorted(expected)
    assert loans.delivered("decisions")


def test_a_snapshot_of_the_loan_applications_knows_nothing_later(loans: Finished) -> None:
    """Whoever is scored had neither been accepted, cancelled nor declined by the snapshot."""
    scored = {row["customer_id"] for row in loans.rows("scores")}
    snapshot = loans.rows("scores")[0]["snapshot_at"]
    decided = {
        row["customer_id"] for row in loans.rows("journeys") if row["outcome_at"] and row["outcome_at"] <= snapshot
    }
    assert scored
    assert scored & decided == set()


def test_a_second_run_of_the_loan_applications_sends_nothing(loans: Finished) -> None:
    """Pushing the same snapshot again changes and delivers nothing."""
    settings = loans.settings
    options = ["--project", str(settings.project), "--data", str(settings.data), "--home", str(settings.home), "--json"]
    result = CliRunner().invoke(app, [*options, "push"])
    assert result.exit_code == 0, result.output
    (report,) = json.loads(result.stdout)["reports"]
    assert {name: count for name, count in report["counts"].items() if count} == {
        "crm_files_unchanged": loans.reports["push"]["counts"]["crm_files_add"]
    }
    assert report["paths"] == []


def test_visits_of_the_shop(shop: Finished) -> None:
    """A pause of half an hour gives 6,454 sessions, with so many that contain each step; 653 users convert."""
    steps = shop.rows("journey_steps")
    assert len({row["session_id"] for row in steps}) == 6_454
    assert len(shop.rows("journeys")) == 6_454
    seen = {
        name: len({row["session_id"] for row in steps if row["touchpoint"] == name})
        for name in ("main", "catalog", "cart", "delivery_choice", "payment_choice", "payment_done")
    }
    assert seen == {
        "main": 4_338,
        "catalog": 5_540,
        "cart": 2_457,
        "delivery_choice": 1_610,
        "payment_choice": 1_079,
        "payment_done": 706,
    }
    assert len({row["customer_id"] for row in steps if row["touchpoint"] == "payment_done"}) == 653


def test_where_visits_of_the_shop_are_abandoned(shop: Finished) -> None:
    """Catalogue to cart loses 55.6 % and stands first."""
    points = sorted(shop.rows("insight_friction_points"), key=lambda row: row["rank"])
    assert points[0]["touchpoint"] == "catalog"
    assert json.loads(points[0]["evidence"])["next_step"] == "cart"
    catalog = next(row for row in shop.rows("insight_steps") if row["step"] == "catalog")
    assert round(1 - catalog["conversion_rate"], 3) == 0.556
    assert round(points[0]["drop_off_rate"], 3) == 0.556
    assert [row["rank"] for row in points] == list(range(1, len(points) + 1))
    assert len(points) <= 5


def test_the_shop_has_hot_leads(shop: Finished) -> None:
    """Without a champion a rule ranks them, says so, and gives no probability."""
    leads = shop.rows("hot_leads")
    assert leads
    if {row["score_basis"] for row in leads} == {"rule"}:
        assert all(row["value_at_risk_amount"] is None for row in leads)
        assert any("no champion" in note for note in shop.reports["score"]["notes"])
    assert shop.delivered("hot_leads")
