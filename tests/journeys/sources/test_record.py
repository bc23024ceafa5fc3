import ibis
import pytest

from journeys.sources.record import RECORD, conform, identifiers


def test_conform(connection):
    """A table gets the shape of a record: absent columns null, others cast, foreign ones left out."""
    table = ibis.memtable({"foreign": ["x"], "score": [1], "line": [7]})
    conformed = conform(table)
    assert conformed.schema() == RECORD
    (row,) = connection.to_pyarrow(conformed).to_pylist()
    assert {name: value for name, value in row.items() if value is not None} == {"line": 7, "score": 1.0}


@pytest.mark.parametrize(
    ("user", "email", "expected"),
    [
        ("u", "e", [("user_id", "u"), ("email", "e")]),
        (None, "e", [("email", "e")]),
        (None, None, []),
    ],
)
def test_identifiers(connection, user, email, expected):
    """Identifiers keep their order; those without a value are left out."""
    table = ibis.memtable({"user": [user], "email": [email]}, schema={"user": "string", "email": "string"})
    found = table.select(found=identifiers(user_id=table.user, email=table.email))
    (row,) = connection.to_pyarrow(found).to_pylist()
    assert [(pair["type"], pair["value"]) for pair in row["found"]] == expected
