"""Identifiers: one spelling of each value, values that identify nobody, and the keyed hash of the rest."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

import ibis

from journeys.config.identifiers import PROFILE_TYPES

BLOCKED = (
    r"[0\- \t\n\r\v\f.]*",
    r"null|none|nil|nan|n/?a|undefined|unknown|anonymous|void|empty|default|guest|test|user|admin|true|false|\(not set\)|\[object object\]",
    r"(test|tester|no-?reply|donotreply|do-not-reply|none|null|noemail|no-email|example|nobody|unknown|dummy)@.*",
    r"abc123|123456?7?8?9?0?|x+|-1|1{4,}|9{4,}",
    r"\d(\.\d+)?e\+\d+",  # a long number after a spreadsheet: its last digits are gone, and many look alike
)
"""Regular expressions (of the whole normalised value) of what systems write where they know nobody."""

_SHORTEST_PHONE = 6


def normalise(identifier_type: str, value: str, profile_types: Sequence[str] = PROFILE_TYPES) -> str | None:
    """Return the one spelling of an identifier's value, or None where it cannot be one of its type.

    E-mail addresses, names and what else describes a person are trimmed and in lower case; phone numbers keep their digits and a leading `+`
    (for which `00` is another spelling); anything else is trimmed.

    >>> normalise("phone", "0049 (0)30 / 123-456")
    '+4930123456'
    >>> normalise("email", " Someone@Example.ORG ")
    'someone@example.org'
    """
    trimmed = value.strip(_SPACES)
    if identifier_type == "email":
        address = trimmed.lower()
        return address if re.fullmatch(_ADDRESS, address) else None
    if identifier_type == "phone":
        number = re.sub(r"^\+(.*?)\(0\)", r"+\1", re.sub(r"^00", "+", trimmed))
        digits = re.sub(r"[^0-9]", "", number)
        if len(digits) < _SHORTEST_PHONE:
            return None
        return ("+" if number.startswith("+") else "") + digits
    return (trimmed.lower() if identifier_type in profile_types else trimmed) or None


def identifier_id(key: bytes, identifier_type: str, value: str) -> str | None:
    """Return the id under which the lake knows an identifier, or None where the value cannot be one.

    It is a nested keyed hash, SHA-256 of key and SHA-256 of key, type and normalised value: without
    the key, a value cannot be tried out against the lake.
    """
    normalised = normalise(identifier_type, value)
    if normalised is None:
        return None
    secret = key.hex()
    inner = hashlib.sha256(f"{secret}:{identifier_type}:{normalised}".encode()).hexdigest()
    return hashlib.sha256(f"{secret}:{inner}".encode()).hexdigest()[:32]


def is_blocked(value: str, blocked_values: Iterable[str]) -> bool:
    """Return whether a normalised value identifies nobody; `blocked_values` are patterns with `*`."""
    return re.fullmatch(_blocked(list(blocked_values)), value.lower()) is not None


def identify(
    pairs: ibis.Table, *, key: bytes, blocked_values: Sequence[str], profile_types: Sequence[str] = PROFILE_TYPES
) -> ibis.Table:
    """Return `pairs` (columns type and value, beside others) with the normalised value and identifier_id.

    Rows whose value cannot be of its type, or is blocked, are left out.
    """
    value = pairs["value"].strip()
    number = value.re_replace(r"^00", "+").re_replace(r"^\+(.*?)\(0\)", r"+\1")
    digits = number.re_replace(r"[^0-9]", "")
    phone = (digits.length() >= _SHORTEST_PHONE).ifelse(
        number.startswith("+").ifelse("+", "").concat(digits), ibis.null("string")
    )
    address = value.lower()
    email = address.re_search(f"^(?:{_ADDRESS})$").ifelse(address, ibis.null("string"))
    spelled = pairs.mutate(
        value=ibis.cases(
            (pairs["type"] == "email", email),
            (pairs["type"] == "phone", phone),
            (pairs["type"].isin(list(profile_types)), value.lower().nullif("")),
            else_=value.nullif(""),
        )
    )
    kept = spelled.filter(
        spelled["value"].notnull() & ~spelled["value"].lower().re_search(f"^(?:{_blocked(blocked_values)})$")
    )
    # The key comes as data, not as a literal: the text of a query may end up in an error message.
    keyed = kept.cross_join(ibis.memtable({"secret": [key.hex()]}))
    return keyed.mutate(identifier_id=keyed_hash(keyed.secret, keyed["type"], keyed["value"])).drop("secret")


_SPACES = " \t\n\r\v\f"
# Spelled out, since `\s` is not the same to Python and to the engine.
_ADDRESS = r"[^ \t\n\r\v\f@]+@[^ \t\n\r\v\f@]+\.[^ \t\n\r\v\f@]+"


def keyed_hash(secret: Any, kind: Any, value: Any) -> Any:
    """Return the expression of `identifier_id`; all three are columns or literals, `value` is normalised."""
    inner = secret.concat(":", kind, ":", value).hexdigest("sha256")
    return secret.concat(":", inner).hexdigest("sha256").substr(0, 32)


def _blocked(blocked_values: Sequence[str]) -> str:
    given = [".*".join(re.escape(part) for part in pattern.strip().lower().split("*")) for pattern in blocked_values]
    return "|".join(f"(?:{pattern})" for pattern in (*BLOCKED, *given))
