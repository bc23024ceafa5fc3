"""What may be published: no count below ten customers, and no rate that would give one away."""

import math
from typing import Any

from journey_map.document import Estimate, Rate

SMALLEST_CELL = 10
_WIDEST_BOUND = 0.5  # "under 83 %" says nothing


def publish_count(count: float, customers: float | None = None) -> int | None:
    """Return `count`, or None where it, or the customers behind it, are between one and nine."""
    behind = count if customers is None else min(count, customers)
    return None if 0 < behind < SMALLEST_CELL else int(count)


def publish_number(value: Any) -> float | None:
    """Return a number, or None where it is not known."""
    return None if value is None or math.isnan(value) else float(value)


def publish_rate(count: float, total: float, rate: tuple[Any, Any, Any], customers: float | None = None) -> Rate:
    """Return a rate whose numerator may be published, else only the bound below which it lies.

    Args:
        count: the numerator.
        total: the denominator.
        rate: value, low and high as computed; nulls where there was not enough data.
        customers: customers behind the denominator, where its unit is another.
    """
    shown_count, shown_total = publish_count(count), publish_count(total, customers)
    if shown_count is None or shown_total is None:
        if shown_total is None:
            return Rate(None, None, None, None, None)
        bound = SMALLEST_CELL / shown_total
        return Rate(None, shown_total, None, None, None, bound if bound <= _WIDEST_BOUND else None)
    value, low, high = (publish_number(part) for part in rate)
    return Rate(shown_count, shown_total, value, low, high)


def publish_estimate(parts: tuple[Any, Any, Any], customers: float) -> Estimate:
    """Return an estimate, or nothing where it rests on one to nine customers."""
    if publish_count(customers) is None:
        return Estimate(None, None, None)
    return Estimate(*(publish_number(part) for part in parts))
