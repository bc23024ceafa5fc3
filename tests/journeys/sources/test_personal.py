import json

import ibis
import pytest

from journeys.sources.personal import attributes_of, impersonal_object, mask_identifiers
from tests.journeys.sources.drawn import evaluate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to Ann.B+x@mail.example.org, please", "write to [email], please"),
        ("?mail=ann%40example.org&x=1", "?mail=[email]&x=1"),
        ("call +49 (30) 123-456 now", "call [phone] now"),
        ("tel=%2B4930123456", "tel=[phone]"),
        ("order 4711 of 2026-03-01 at 5+3", "order 4711 of 2026-03-01 at 5+3"),
        ("ann@home", "ann@home"),
        (None, None),
    ],
)
def test_mask_identifiers(connection, text, expected):
    """E-mail addresses and international phone numbers become what they are; other numbers stay."""
    assert evaluate(connection, [text], mask_identifiers) == [expected]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"plan": "pro", "seats": 3, "is_new": True}, {"plan": "pro", "seats": 3, "is_new": True}),
        *[
            ({key: "x", "plan": "pro"}, {"plan": "pro"})
            for key in (
                *("email", "Email", "e-mail", "user_email", "phone", "phoneNumber", "first_name", "lastName"),
                *(
                    "username",
                    "address",
                    "zip",
                    "postal_code",
                    "ip",
                    "birthday",
                    "iban",
                    "password",
                    "$email",
                    "traits",
                ),
            )
        ],
        ({"shop": {"email": "x"}, "plan": "pro"}, {"plan": "pro"}),
        ({"shop": {"deep": [{"last_name": "x"}]}, "plan": "pro"}, {"plan": "pro"}),
        ({"shop": {"city": "x"}}, {"shop": {"city": "x"}}),
        ({"note": "of ann@example.org"}, {"note": "of [email]"}),
        ({"list": ["+4930123456", "ok"]}, {"list": ["[phone]", "ok"]}),
        ({"ann@example.org": 1}, {"[email]": 1}),
        ({"number": "030123456"}, {"number": "[phone]"}),
        ({"a/b~c": 1, 'quo"te': 2}, {"a/b~c": 1, 'quo"te': 2}),
        ({"email": "x"}, None),
        ({}, None),
    ],
)
def test_impersonal_object(connection, document, expected):
    """What is personal by its key, or by a key inside it, is left out; what gives a person away is masked."""
    (found,) = evaluate(connection, [json.dumps(document)], impersonal_object)
    assert (None if found is None else json.loads(found)) == expected


def test_no_object_has_no_entries(connection):
    """Where there is no object there is nothing."""
    assert evaluate(connection, [None], impersonal_object) == [None]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"plan": "pro", "seats": 3, "is_new": True}, {"plan": "pro", "seats": "3", "is_new": "true"}),
        ({"email": "x", "firstName": "x", "name": "x", "title": "x", "plan": "pro"}, {"plan": "pro"}),
        ({"plan": None, "company": {"id": 1}, "tags": ["a"], "note": " {x"}, {}),
        ({"a/b~c": "x"}, {"a/b~c": "x"}),
        ({"ann@example.org": "x"}, {"[email]": "x"}),
    ],
)
def test_attributes_of(connection, document, expected):
    """Scalars that are not personal are attributes; names of people, objects, lists and nothing are none."""

    def entries(text):
        return attributes_of(text, ibis.literal("2026-03-01T00:00:00Z").cast("timestamp('UTC')"))

    (found,) = evaluate(connection, [json.dumps(document)], entries)
    assert {entry["attribute"]: entry["value"] for entry in found} == expected
    assert all(entry["valid_from"].year == 2026 for entry in found)
