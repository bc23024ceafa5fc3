"""The same business without one of its causes."""

from dataclasses import fields
from datetime import UTC, datetime

import numpy as np
import pytest

from simulator.business import Size, people_and_lives
from simulator.causes import Causes, draw_causes
from simulator.levels import LEVELS
from simulator.lives import Lives
from simulator.twins import Twin, tally_of, twins

SIZE = Size(1500, 6, datetime(2026, 7, 1, tzinfo=UTC))


def _lives(causes: Causes) -> Lives:
    return people_and_lives(SIZE, 0, SIZE.customers, part_seed=3, causes=causes)[1]


def test_whom_a_cause_does_not_touch_lives_the_same_life() -> None:
    """Without a friction, only people of its group live otherwise, in every field and week."""
    causes = draw_causes(3)
    friction = causes.frictions[0]
    people, lives = people_and_lives(SIZE, 0, SIZE.customers, part_seed=3, causes=causes)
    other = _lives(causes.without(friction.name))
    outside = ~people.is_in(friction.split, friction.group)
    for field in fields(Lives):
        assert (getattr(lives, field.name)[outside] == getattr(other, field.name)[outside]).all(), field.name
    assert (lives.joins != other.joins).any()


@pytest.fixture(scope="module")
def made() -> dict[str, Twin]:
    return {twin.name: twin for twin in twins(SIZE, seed=3, level=LEVELS["clean"])}


def test_causes_do_what_they_were_planted_for(made: dict[str, Twin]) -> None:
    """Friction keeps people from joining and makes more stop at its step; what helps brings people, what harms loses them."""
    for friction in draw_causes(3).frictions:
        twin = made[friction.name]
        assert twin.at_step is not None
        assert twin.at_step > 0
        assert twin.joined < 0 if friction.kind == "abandon" else twin.joined == 0
    for name in ("touches.pricing_viewed", "touches.trial_started", "touches.sample_opened"):
        assert made[name].joined > 0
        assert made[name].amount > 0
    assert made["touches.form_failed"].joined < 0
    assert made["kept_by.ticket_opened"].left > 0
    assert made["kept_by.review_meeting_held"].left < 0
    assert made["pushes.social"].exposed > 100


def test_habits_change_nobody_s_outcome(made: dict[str, Twin]) -> None:
    """Whoever opens another page after the prices joins and leaves as before."""
    habits = [twin for name, twin in made.items() if name.startswith("habit.")]
    assert len(habits) == 3
    assert all(twin.joined == twin.left == 0 for twin in habits)


def test_parts_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tally of a business in parts is the sum of its parts, and counts everybody once."""
    monkeypatch.setattr("simulator.business.PART", 400)
    whole, exposed = tally_of(SIZE, seed=3, causes=draw_causes(3))
    assert exposed["region=north"] + exposed["region=east"] + exposed["region=south"] + exposed["region=west"] == 1500
    assert 0 < whole.joined < 1500
    assert np.isfinite(whole.amount)
