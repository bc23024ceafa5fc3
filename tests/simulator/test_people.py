"""The people of the business."""

import re

from tests.simulator.businesses import business


def test_personal_data_are_reserved_for_examples() -> None:
    """Addresses lie in example domains, phone numbers among those kept for fiction."""
    people = business().people
    assert all(re.fullmatch(r"[a-z0-9.]+@([a-z0-9]+\.)?example\.(com|org|net)", email) for email in people.email)
    assert all(re.fullmatch(r"\+1-\d{3}-555-01\d{2}", phone) for phone in people.phone)


def test_people_differ_in_every_identifier_of_their_own() -> None:
    """No two people share a user id, CRM id, Stripe id, e-mail address or phone number."""
    people = business().people
    for values in (people.user_id, people.crm_id, people.stripe_id, people.email, people.phone):
        assert len(set(values)) == len(people)


def test_a_few_devices_are_shared_by_two_people() -> None:
    """Shared devices exist, and are few."""
    devices = [device for owned in business(2000, 2).people.devices for device in owned]
    shared = len(devices) - len(set(devices))
    assert 0 < shared < 0.06 * len(devices)
