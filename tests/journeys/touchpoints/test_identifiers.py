import string

import ibis
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from journeys.touchpoints.identifiers import identifier_id, identify, is_blocked, normalise

KEY = b"key"
BLOCKED = ["*@shop.example", "demo-*", "a.b"]


SPELLINGS = [
    ("email", " Ann.B@Example.ORG ", "ann.b@example.org"),
    ("email", "ann@home", None),
    ("email", "ann b@example.org", None),
    ("email", "a@b@example.org", None),
    ("email", "", None),
    ("phone", "+49 (0)30 / 123-456", "+4930123456"),
    ("phone", "0049 30 123456", "+4930123456"),
    ("phone", "030 123456", "030123456"),
    ("phone", "12345", None),
    ("phone", "ext.", None),
    ("user_id", "  U1 ", "U1"),
    ("user_id", " \t", None),
    ("loyalty_card", "a b", "a b"),
    ("family_name", "  Müller-LÜDENSCHEIDT ", "müller-lüdenscheidt"),
    ("street", " ", None),
]


@pytest.mark.parametrize(("kind", "value", "expected"), SPELLINGS)
def test_normalise(kind, value, expected):
    """Each type has one spelling of a value, and values that cannot be one."""
    assert normalise(kind, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(value, True) for value in ("0", "000-000", "null", "N/A", "Undefined", "(not set)", "test", "ADMIN")],
        *[
            (value, True)
            for value in ("test@mail.example", "noreply@x.example", "abc123", "123456", "xxx", "-1", "9999")
        ],
        *[(value, True) for value in ("any@shop.example", "Demo-7", "a.b", "")],
        *[(value, False) for value in ("u1", "ann@mail.example", "tester1", "demo", "axb", "contest", "99", "1234")],
    ],
)
def test_values_that_identify_nobody(value, expected):
    """What systems write where they know nobody is blocked, and what the project adds, with stars."""
    assert is_blocked(value, BLOCKED) is expected


def test_ids_are_keyed_hashes():
    """One person has one id whatever the spelling; another key, type or value gives another."""
    first = identifier_id(KEY, "email", "Ann@example.org ")
    assert first == identifier_id(KEY, "email", "ann@example.org")
    assert first is not None
    assert len(bytes.fromhex(first)) == 16
    others = {
        identifier_id(b"other", "email", "ann@example.org"),
        identifier_id(KEY, "user_id", "ann@example.org"),
        identifier_id(KEY, "email", "bo@example.org"),
    }
    assert len(others | {first}) == 4
    assert identifier_id(KEY, "email", "nobody") is None


_LETTERS = (
    string.ascii_letters + string.digits + " \t\n\r\v\f@.+-()/*_xX0019ÄäßÉ\u00a0\u2003\u0130\u03a3\ufb01\U0001f600"
)
_VALUES = st.one_of(
    st.text(_LETTERS, max_size=12),
    st.from_regex(r"[ 0+(]{0,4}[0-9 ()/.\-]{0,12}", fullmatch=True),
    st.from_regex(r"\s?[A-Za-z.ÄÉ]{1,5}@[A-Za-z]{1,5}\.[a-z]{2}\s?", fullmatch=True),
    st.sampled_from(["test", "NULL", "0-0", "Demo-9", "a@SHOP.example", "xxx", "123456", "a.b", "noreply@a.b"]),
)


@settings(max_examples=25, deadline=None)
@example([(kind, value) for kind, value, _ in SPELLINGS])
@given(st.lists(st.tuples(st.sampled_from(["email", "phone", "user_id", "card"]), _VALUES), min_size=1, max_size=40))
def test_the_engine_spells_as_python_does(engine, drawn):
    """Values, blocks and ids of the set-based code are those of the plain functions."""
    expected = []
    for place, (kind, value) in enumerate(drawn):
        spelled = normalise(kind, value)
        if spelled is not None and not is_blocked(spelled, BLOCKED):
            expected.append((place, kind, spelled, identifier_id(KEY, kind, value)))
    table = pa.table({"place": list(range(len(drawn))), "type": [k for k, _ in drawn], "value": [v for _, v in drawn]})
    found = identify(ibis.memtable(table), key=KEY, blocked_values=BLOCKED).order_by("place")
    rows = engine.to_pyarrow(found.select("place", "type", "value", "identifier_id")).to_pylist()
    assert [tuple(row.values()) for row in rows] == expected
