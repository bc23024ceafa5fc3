"""Rows as text: their shape, and the columns that are wanted of them."""

import pyarrow as pa
import pytest

from journeys.config.errors import ConfigError, DataError
from journeys.sources.rows import check_columns, schema_of


def test_schema_of() -> None:
    """The wanted columns follow the fixed ones in their order, all of them text."""
    schema = schema_of({"what": "x", "id": "y"})
    assert schema.names == ["line", "raw", "problem_rule", "problem_reason", "column_0", "column_1"]
    assert schema.field("column_1").type == pa.string()


def test_check_columns() -> None:
    """What is absent is named with its setting, all at once; what is there several times is named too."""
    check_columns("f.csv", {"what": "x"}, ["id", "id", "what"])
    with pytest.raises(ConfigError) as raised:
        check_columns("f.csv", {"waht": "a.event", "what": "x", "idd": "a.id"}, ["id", "what"])
    assert str(raised.value) == (
        "a.event: f.csv has no column 'waht'; did you mean what?\na.id: f.csv has no column 'idd'; did you mean id?"
    )
    with pytest.raises(DataError, match=r"^f\.csv has 2 columns named 'id'; rename all but one\.$"):
        check_columns("f.csv", {"id": "x"}, ["id", "id"])
