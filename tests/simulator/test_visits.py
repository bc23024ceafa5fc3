"""Visits and product events."""

import numpy as np

from simulator.events import IN_PRODUCT, NAMES
from simulator.visits import signed_up_at
from simulator.weeks import SUBSCRIBER
from tests.simulator.businesses import business


def _codes(names: set[str]) -> list[int]:
    return [NAMES.index(name) for name in names]


def test_events_come_in_order_and_end_with_the_business() -> None:
    """Events are sorted by time and none is later than the end."""
    one = business()
    assert (np.diff(one.visits.at) >= 0).all()
    assert one.visits.at.max() < one.end


def test_only_those_who_signed_up_are_known() -> None:
    """A user id is there only from the sign-up on, and always where the product is used."""
    one = business()
    visits, signed_up = one.visits, signed_up_at(one.people, one.visits)
    assert (visits.at[visits.is_logged_in] >= signed_up[visits.person[visits.is_logged_in]]).all()
    in_product = np.isin(visits.code, _codes(IN_PRODUCT))
    assert visits.is_logged_in[in_product].all()


def test_each_device_is_tied_to_its_person_once() -> None:
    """The first known event of a person on a device is a login, and no other."""
    visits = business().visits
    known = {
        (person, device)
        for person, device, is_known in zip(
            visits.person.tolist(), visits.device.tolist(), visits.is_logged_in, strict=True
        )
        if is_known
    }
    assert visits.is_login.sum() == len(known)


def test_nobody_uses_the_product_after_leaving_or_before_joining() -> None:
    """Use of the product lies between joining and leaving."""
    one = business()
    lives, visits = one.lives, one.visits
    used = np.flatnonzero(np.isin(visits.code, _codes({"Dashboard Viewed", "Project Created"})))
    assert len(used)
    for index in used.tolist():
        person, at = visits.person[index], visits.at[index]
        week = int(np.searchsorted(lives.week_start[person], at, side="right")) - 1
        assert lives.state[person, week] == SUBSCRIBER
        assert at < lives.changed_at[person, week]


def test_a_device_belongs_to_its_person() -> None:
    """Every event's device is one of the person's."""
    one = business()
    sizes = np.array([len(devices) for devices in one.people.devices])
    assert (one.visits.device < sizes[one.visits.person]).all()
