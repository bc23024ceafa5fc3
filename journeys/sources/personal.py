"""Personal data in what vendors send: the keys that name it and the patterns that give it away."""

import re
from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.datatypes as dt

_PERSONAL_WORDS = (
    r"e[-_]?mail|e[-_]?mail[-_]?address|customer[-_]?email|user[-_]?email|phone|phone[-_]?number|mobile|mobile[-_]?number|"
    r"telephone|fax|first[-_]?name|last[-_]?name|full[-_]?name|middle[-_]?name|user[-_]?name|display[-_]?name|nick[-_]?name|"
    r"surname|given[-_]?name|family[-_]?name|address|street|street[-_]?address|zip|zip[-_]?code|post[-_]?code|postal[-_]?code|"
    r"shipping[-_]?address|billing[-_]?address|ip|ip[-_]?address|birth[-_]?day|birth[-_]?date|date[-_]?of[-_]?birth|dob|ssn|iban|"
    r"tax[-_]?id|passport|avatar|photo|password|token|device[-_]?id|user[-_]?id|anonymous[-_]?id|latitude|longitude"
)
_PERSONAL_KEY = rf"(?i)^\$?({_PERSONAL_WORDS}|user|customer|person|contact|recipient|sender|traits)$"
_NESTED_KEY = rf'(?i)"\$?({_PERSONAL_WORDS})"\s*:'
_NAME_KEY = r"(?i)^(name|title)$"

EMAIL = r"(?i)[a-z0-9._%+'\-]+(@|%40)[a-z0-9\-]+(\.[a-z0-9\-]+)+"
PHONE = r"(\+|%2B)\(?\d[\d\s().\-/]{6,}\d"
_QUOTED_PHONE = r'"0\d{8,13}"'


@ibis.udf.scalar.builtin(name="json_keys", signature=((dt.string,), dt.Array(dt.string)))
def keys_of(document):  # type: ignore[no-untyped-def]
    """Return the keys of a JSON object."""


@ibis.udf.scalar.builtin(name="json_extract", signature=((dt.string, dt.string), dt.json))
def _values(document, path):  # type: ignore[no-untyped-def]
    """Return the JSON texts at a path with a star."""


@ibis.udf.scalar.builtin(name="json_extract_string", signature=((dt.string, dt.string), dt.json))
def _texts(document, path):  # type: ignore[no-untyped-def]
    """Return the values at a path with a star as plain texts."""


_LIST = dt.Array(dt.string)
_ENTRIES = dt.Array(dt.Struct({"key": dt.string, "value": dt.string, "text": dt.string}))


@ibis.udf.scalar.builtin(name="list_zip", signature=((_LIST, _LIST, _LIST), _LIST))
def _zipped(keys, values, texts):  # type: ignore[no-untyped-def]
    """Return structs of the lists' elements, whose fields have no names until they are cast."""


@ibis.udf.scalar.builtin(name="json_extract_string", signature=((dt.string, dt.string), dt.string))
def json_text(document, pointer):  # type: ignore[no-untyped-def]
    """Return the value at a path or pointer of a JSON document as plain text."""


@ibis.udf.scalar.builtin(name="to_json", signature=((dt.string,), dt.string))
def _quoted(text):  # type: ignore[no-untyped-def]
    """Return a text as a JSON string."""


def mask_identifiers(text: Any) -> Any:
    """Return `text` with e-mail addresses and international phone numbers replaced by what they are."""
    # Patterns are slow, and few texts have a sign that every match has.
    may_match = [text.contains(sign) for sign in ("@", "%40", "+", "%2B")]
    return ibis.or_(*may_match).ifelse(text.re_replace(EMAIL, "[email]").re_replace(PHONE, "[phone]"), text)


def impersonal_object(document: Any) -> Any:
    """Return a JSON object (as text) without the entries that are personal, or null where nothing is left.

    An entry is personal by its key, or by a personal key inside it. E-mail addresses and phone numbers
    in what remains are masked.
    """
    kept = _entries(document)
    body = kept.map(lambda entry: _quoted(entry.key).concat(":", entry["value"])).join(",")
    return ibis.literal("{").concat(_masked(body.nullif("")), "}")


def impersonal_columns(values: Mapping[str, Any]) -> Any:
    """Return columns (name to value) as a JSON object: what `impersonal_object` returns of one with these entries."""
    if any(value.type().is_json() for value in values.values()):
        return impersonal_object(ibis.struct(dict(values)).cast("json").cast("string"))
    # Here the keys are known beforehand, and nothing is inside a value.
    kept = {key: value for key, value in values.items() if not re.search(_PERSONAL_KEY, key)}
    if not kept:
        return ibis.null("string")
    return _masked(ibis.struct(kept).cast("json").cast("string"))


def _masked(body: Any) -> Any:
    return mask_identifiers(body).re_replace(_QUOTED_PHONE, '"[phone]"')


def attributes_of(document: Any, valid_from: Any) -> Any:
    """Return the entries of a JSON object as attributes valid from an instant: scalars that are not personal."""
    entries = _entries(document).filter(lambda entry: ~entry.key.re_search(_NAME_KEY))
    pairs = entries.map(
        lambda entry: ibis.struct(
            {"attribute": mask_identifiers(entry.key), "value": entry.text, "valid_from": valid_from}
        )
    )
    return pairs.filter(lambda pair: pair["value"].notnull() & ~pair["value"].re_search(r"^\s*[\[{]"))


def _entries(document: Any) -> Any:
    """Return the entries of a JSON object that are not personal: key, value (as JSON) and text."""
    # Zipped, since to fetch the values one by one reads the document as often.
    # And cast, since DuckDB gives a list of JSON, but plain JSON where it knows beforehand that there is none.
    values, texts = _values(document, "$.*").cast(_LIST), _texts(document, "$.*").cast(_LIST)
    entries = _zipped(keys_of(document), values, texts).cast(_ENTRIES)
    return entries.filter(
        lambda entry: ~entry.key.re_search(_PERSONAL_KEY) & ~entry["value"].re_search(_NESTED_KEY).fill_null(False)
    )
