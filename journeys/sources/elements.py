"""Lists and objects inside a cell, as JSON text: their elements and values."""

from typing import Any, TypeAlias

import ibis
import ibis.expr.datatypes as dt

from journeys.sources.values import present

Text: TypeAlias = Any
"""An Ibis string expression (Ibis ships no types)."""


@ibis.udf.scalar.builtin(name="json_extract", signature=((dt.json, dt.string), dt.json))
def _extract_all(document, path):  # type: ignore[no-untyped-def]
    """Return the JSON texts at a path with a star."""


@ibis.udf.scalar.builtin(name="json_extract_string", signature=((dt.json, dt.string), dt.string))
def _text_at(document, path):  # type: ignore[no-untyped-def]
    """Return the value at a path of a JSON document as plain text."""


def elements(items: Text, path: str = "$[*]") -> Any:
    """Return the elements of a JSON list as JSON texts, in their order; `path` says where in the document they are.

    What is no JSON has none.
    """
    found = _extract_all(items.try_cast("json"), path)
    # DuckDB gives a list of JSON, but plain JSON where it knows beforehand that there is none.
    return found.cast(dt.Array(dt.string)).fill_null(ibis.literal([], dt.Array(dt.string)))


def value_of(document: Text, name: str) -> Text:
    """Return the value of a key of a JSON object as text, null where there is none or what is given is no JSON.

    `a.b` is the key `b` inside the key `a`.
    """
    return present(_text_at(document.try_cast("json"), "$." + ".".join(f'"{key}"' for key in name.split("."))))


def texts_of(items: Any, name: str) -> Text:
    """Return the values of a key of JSON objects, a line each, or null where none has one."""
    return items.map(lambda item: value_of(item, name)).filter(lambda text: text.notnull()).join("\n").nullif("")
