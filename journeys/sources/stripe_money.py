"""Stripe's money: amounts in the smallest unit of their currency."""

from typing import Any

import ibis

ZERO_DECIMAL_CURRENCIES = (
    *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
    *("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"),
)
"""Currencies whose smallest unit is the currency itself (Stripe: "Zero-decimal currencies")."""

THREE_DECIMAL_CURRENCIES = ("BHD", "JOD", "KWD", "OMR", "TND")


def units_in_one(currency: Any) -> Any:
    """Return how many of Stripe's units make one of the currency, whose code may be in either case."""
    code = currency.upper()
    return ibis.cases(
        (code.isin(ZERO_DECIMAL_CURRENCIES), 1.0), (code.isin(THREE_DECIMAL_CURRENCIES), 1000.0), else_=100.0
    )
