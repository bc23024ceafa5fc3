"""What a business knows and does not tell."""

import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

from simulator.levels import REALISTIC
from simulator.surveys import ARC
from simulator.truth import write_truth
from simulator.write import write_business

END = datetime(2026, 7, 1, tzinfo=UTC)


def test_the_truth_agrees_with_the_exports(tmp_path: Path) -> None:
    """Joinings and leavings of the truth are those that Stripe tells of, person by person."""
    arguments = {"customers": 400, "months": 8, "end": END, "seed": 2}
    write_business(tmp_path / "exports", **arguments)
    counts = write_truth(tmp_path / "truth", **arguments)
    people = [json.loads(line) for line in (tmp_path / "truth/people.jsonl").read_text().splitlines()]
    outcomes = list(csv.DictReader((tmp_path / "truth/outcomes.csv").open()))
    assert counts == {"people": 400, "weeks": counts["weeks"], "outcomes": len(outcomes)}
    customers = {person["stripe_customer"]: person["person"] for person in people}
    kinds = {"customer.subscription.created": "subscribed", "customer.subscription.deleted": "cancelled"}
    told = set()
    for path in (tmp_path / "exports/stripe").glob("*"):
        for event in map(json.loads, path.read_text().splitlines()):
            if event["type"] in kinds:
                told.add((customers[event["data"]["object"]["customer"]], kinds[event["type"]], event["created"]))
    known = {
        (int(row["person"]), row["outcome"], int(datetime.fromisoformat(row["outcome_at"]).timestamp()))
        for row in outcomes
    }
    assert told <= known
    # What happened in the last seconds before the end is delivered after it.
    assert len(known - told) <= 1
    with gzip.open(tmp_path / "truth/weeks.csv.gz", "rt") as file:
        weeks = list(csv.DictReader(file))
    assert len(weeks) == counts["weeks"]
    assert {row["state"] for row in weeks} == {"prospect", "trial", "subscriber", "former"}


def test_what_each_cause_did_is_written(tmp_path: Path) -> None:
    """With twins, every cause that does something has a line; what was felt is told for each stage, and every program is listed."""
    write_truth(tmp_path, customers=120, months=3, end=END, seed=2, has_twins=True)
    made = [json.loads(line) for line in (tmp_path / "causes.jsonl").read_text().splitlines()]
    assert [one["name"] for one in made] == REALISTIC.causes(2).names()
    arc = list(csv.DictReader((tmp_path / "arc.csv").open()))
    assert [row["stage"] for row in arc] == list(ARC)
    assert len((tmp_path / "bots.csv").read_text().splitlines()) == 1 + int(REALISTIC.bot_share * 120)
