"""Masking: free text without the e-mail addresses, phone numbers and long numbers that give a person away."""

from typing import Any

from journeys.sources.personal import mask_identifiers

_PATTERNS = (
    (r"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,4})?\b", "[account]"),
    (r"\b(\d{4}[ -]){2,4}\d{1,4}\b", "[number]"),
    (r"\b00\d[\d\s().\-/]{6,}\d", "[phone]"),
    (r"\(?\b0\d{1,5}\)?[\s\-/.]{0,3}\d[\d\s\-/.]{4,}\d", "[phone]"),
    (r"\(?\b\d{3}\)?[\s.\-]\d{3}[\s.\-]\d{4}\b", "[phone]"),
    (r"\d{6,}", "[number]"),
)


def mask_text(text: Any) -> Any:
    """Return a text (an Ibis string) with what identifies a person replaced by its kind in brackets."""
    masked = mask_identifiers(text)
    for pattern, kind in _PATTERNS:
        masked = masked.re_replace(pattern, kind)
    return masked
