"""Lists and objects inside a cell."""

from typing import Any

import pytest

from journeys.sources.elements import elements, value_of
from tests.journeys.sources.drawn import evaluate


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[{"a":1},"b"]', ['{"a":1}', '"b"']),
        ("[]", []),
        ("{}", []),
        ("", []),
        (None, []),
        ("not JSON", []),
    ],
)
def test_elements(connection: Any, text: str | None, found: list[str]) -> None:
    """A list has its elements in order; what is no list has none."""
    assert evaluate(connection, [text], elements) == [found]


def test_elements_below(connection: Any) -> None:
    """The elements of lists inside lists come one after the other."""
    text = '[{"parts":[1,2]},{"parts":[3]},{}]'
    assert evaluate(connection, [text], lambda given: elements(given, "$[*].parts[*]")) == [["1", "2", "3"]]


@pytest.mark.parametrize(
    ("name", "value"), [("a", "1"), ("b.c", "x"), ("b.d", None), ("b.$e", "2"), ("n", None), ("l", '["y"]')]
)
def test_value_of(connection: Any, name: str, value: str | None) -> None:
    """A key's value is text, also inside an object; what is absent or stands for nothing is null."""
    text = '{"a":1,"b":{"c":"x","$e":2},"n":"N/A","l":["y"]}'
    assert evaluate(connection, [text], lambda given: value_of(given, name)) == [value]


@pytest.mark.parametrize("text", ["not JSON", "{broken", "", "7", None])
def test_value_of_what_is_no_object(connection: Any, text: str | None) -> None:
    """What is no object has no values, whatever it is."""
    assert evaluate(connection, [text], lambda given: value_of(given, "a")) == [None]
