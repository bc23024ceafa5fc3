"""Lines of JSON that say what the records say."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.landing.json_lines import count_lines, field_of, write_lines

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.text(), _VALUES, max_size=4), max_size=5))
def test_a_line_is_the_record(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    """Nulls, names, nesting, long numbers and line ends inside texts included; the same records give the same bytes."""
    first, second = tmp_path / "a", tmp_path / "b"
    write_lines(first, records)
    write_lines(second, records)
    lines = gzip.decompress(first.read_bytes()).split(b"\n")[:-1]
    assert [json.loads(line) for line in lines] == records
    assert count_lines(first) == len(records)
    assert first.read_bytes() == second.read_bytes()


def test_half_a_surrogate_pair_stays(tmp_path: Path) -> None:
    """UTF-8 has no bytes for it; JSON has."""
    write_lines(tmp_path / "a", [{"name": "\ud83d"}])
    assert gzip.decompress((tmp_path / "a").read_bytes()) == b'{"name":"\\ud83d"}\n'


@pytest.mark.parametrize(
    ("record", "path", "value"),
    [
        ({"a": 1}, "a", 1),
        ({"a": {"b": 2}}, "a.b", 2),
        ({"a.b": 3}, "a.b", 3),
        ({"a": 1}, "a.b", None),
        ({}, "a", None),
        ("text", "a", None),
    ],
)
def test_field_of(record: Any, path: str, value: Any) -> None:
    """A field, also one inside another, None where there is none."""
    assert field_of(record, path) == value
