"""Zendesk's tickets."""

import json
from collections import defaultdict
from typing import Any

import pytest

from simulator.calendar_time import SECOND, month_of
from simulator.zendesk import make_tickets, zendesk_lines
from tests.simulator.businesses import business


@pytest.fixture(scope="module")
def tickets() -> list[dict[str, Any]]:
    one = business(2000, 12)
    lines = zendesk_lines(one.people, make_tickets(one.lives, seed=one.seed), end=one.end, seed=one.seed)
    return [json.loads(line.text) for line in lines]


def test_a_ticket_comes_once_a_month_in_which_it_changed(tickets: list[dict[str, Any]]) -> None:
    """An export lists a ticket as it stands at the month's end, and again when it changes later."""
    months = defaultdict(list)
    for ticket in tickets:
        months[ticket["id"]].append(month_of(ticket["generated_timestamp"] * SECOND))
    assert all(len(set(found)) == len(found) for found in months.values())
    assert any(len(found) > 1 for found in months.values())


def test_only_solved_tickets_have_a_solution_and_a_rating(tickets: list[dict[str, Any]]) -> None:
    """An open ticket says nothing of what comes later."""
    for ticket in tickets:
        is_solved = ticket["status"] == "solved"
        assert (ticket["metric_set"]["solved_at"] is not None) == is_solved
        assert ticket["created_at"] <= ticket["updated_at"]
        if not is_solved:
            assert ticket["satisfaction_rating"]["score"] == "unoffered"
    scores = {ticket["satisfaction_rating"]["score"] for ticket in tickets}
    assert scores == {"unoffered", "offered", "good", "bad"}


def test_a_ticket_names_its_requester(tickets: list[dict[str, Any]]) -> None:
    """Requesters carry the id and address by which the other vendors know them."""
    people = business(2000, 12).people
    known = dict(zip(people.user_id, people.email, strict=True))
    assert all(known[ticket["requester"]["external_id"]] == ticket["requester"]["email"] for ticket in tickets)
