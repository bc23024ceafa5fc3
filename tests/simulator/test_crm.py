"""The CRM's rows."""

import csv

from simulator.crm import COLUMNS, crm_lines
from simulator.visits import signed_up_at
from tests.simulator.businesses import business


def _rows() -> list[dict[str, str]]:
    one = business()
    lines = crm_lines(one.people, one.lives, one.visits, end=one.end, seed=one.seed)
    return [dict(zip(COLUMNS, row, strict=True)) for row in csv.reader(line.text for line in lines)]


def test_the_crm_knows_those_who_signed_up_and_nobody_else() -> None:
    """One customer a sign-up."""
    one = business()
    signed_up = (signed_up_at(one.people, one.visits) < one.end).sum()
    assert len({row["crm_id"] for row in _rows()}) == signed_up < len(one.people)


def test_a_contract_has_a_value_and_a_renewal_date() -> None:
    """Subscribers have both, others neither; a row is known after the change it tells of."""
    for row in _rows():
        assert (row["plan"] != "none") == bool(row["renewal_date"])
        assert row["valid_from"] < row["updated_at"]
        if row["renewal_date"]:
            assert int(row["contract_value"]) > 0
            assert row["renewal_date"] >= row["valid_from"][:10]
