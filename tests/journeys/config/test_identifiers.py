import pytest

from journeys.config.identifiers import DEFAULT_TYPES, IdentifierType, Identities


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("user_id", DEFAULT_TYPES["user_id"]),
        ("email", IdentifierType(priority=1, limit=2)),
        ("loyalty_card", IdentifierType(priority=2)),
        ("fax", IdentifierType(priority=9, limit=5)),
    ],
)
def test_type_of(name: str, expected: IdentifierType) -> None:
    """The project's rules of a type come first, then the built-in ones; unknown types are weakest."""
    types = {"email": IdentifierType(priority=1, limit=2), "loyalty_card": IdentifierType(priority=2)}
    assert Identities(types=types).type_of(name) == expected


def test_built_in_order() -> None:
    """A login is stronger than an address, an address stronger than a device, a cookie the weakest of persons."""
    aside = {name for name, kind in DEFAULT_TYPES.items() if kind.is_reference or kind.is_account or kind.is_profile}
    persons = {name: kind for name, kind in DEFAULT_TYPES.items() if name not in aside}
    order = sorted(persons, key=lambda name: persons[name].priority)
    contacts = [f"{vendor}_contact_id" for vendor in ("hubspot", "salesforce", "intercom")]
    assert order == ["user_id", "crm_id", *contacts, "email", "phone", "device_id", "anonymous_id"]
    assert [name for name, kind in DEFAULT_TYPES.items() if kind.is_unique] == ["user_id", "crm_id", *contacts]
    weakest = persons["anonymous_id"].priority
    assert all(kind.priority > weakest for kind in DEFAULT_TYPES.values() if kind.is_reference)


def test_profile_types() -> None:
    """What describes a person is built in, and a project may add to it or think otherwise."""
    own = {"middle_name": IdentifierType(priority=1, is_profile=True), "postcode": IdentifierType(priority=5)}
    assert Identities().profile_types == ["given_name", "family_name", "birth_date", "postcode", "city", "street"]
    assert Identities(types=own).profile_types == [
        "given_name",
        "family_name",
        "birth_date",
        "city",
        "street",
        "middle_name",
    ]
