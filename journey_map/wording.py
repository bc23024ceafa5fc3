"""Numbers in words: how the page writes counts, shares, times and amounts."""

from datetime import datetime
from zoneinfo import ZoneInfo

from journey_map.document import CreditShare, Estimate, Rate

NOT_ENOUGH = "not enough data"
FEW = "<10"
_THIN = "\u202f"
_FIXED = "\u00a0"
_MILLION = f"{_FIXED}million"


def say_count(count: float | None) -> str:
    """Return a count with its thousands apart.

    >>> say_count(5540), say_count(None)
    ('5,540', '<10')
    """
    return FEW if count is None else f"{round(count):,}"


def say_share(share: float | None, *, digits: int = 1) -> str:
    """Return a share in percent.

    >>> say_share(None)
    'not enough data'
    """
    return NOT_ENOUGH if share is None else f"{100 * share:.{digits}f}{_THIN}%"


def say_rate(rate: Rate | None) -> str:
    """Return a rate, or the bound below which it lies, or that there is not enough data."""
    if rate is None:
        return NOT_ENOUGH
    if rate.at_most is not None:
        return f"under {say_share(rate.at_most)}"
    return say_share(rate.value)


def say_interval(rate: Rate | Estimate | CreditShare | None, *, digits: int = 1) -> str:
    """Return the bounds of a rate in percent, or nothing."""
    if rate is None or rate.low is None or rate.high is None:
        return ""
    return f"{100 * rate.low:.{digits}f}\u2013{100 * rate.high:.{digits}f}{_THIN}%"


def say_range(estimate: Estimate) -> str:
    """Return the bounds of a number, or nothing."""
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = say_amount(estimate.low), say_amount(estimate.high)
    if low.endswith(_MILLION) and high.endswith(_MILLION):
        low = low.removesuffix(_MILLION)
    return f"{low}\u2013{high}"


def say_signed(value: float) -> str:
    """Return a value between -1 and 1 with its sign.

    >>> say_signed(0.25), say_signed(-0.5), say_signed(-0.001)
    ('+0.25', '\u22120.50', '0.00')
    """
    text = f"{value:+.2f}"
    return "0.00" if text in {"+0.00", "-0.00"} else text.replace("-", "\u2212")


def say_signed_range(estimate: Estimate) -> str:
    """Return the bounds of such a value, or nothing."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{say_signed(estimate.low)} to {say_signed(estimate.high)}"


def say_points(difference: float) -> str:
    """Return a difference of rates in points of a hundred, with its sign.

    >>> say_points(0.0314), say_points(-0.2), say_points(0.0)
    ('+3.1', '\u221220.0', '0.0')
    """
    text = f"{100 * difference:+.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", "\u2212")


def say_points_range(estimate: Estimate) -> str:
    """Return the bounds of such a difference, or nothing."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"{say_points(estimate.low)} to {say_points(estimate.high)}"


def say_of(rate: Rate | None) -> str:
    """Return numerator and denominator."""
    return "" if rate is None else f"{say_count(rate.count)} of {say_count(rate.total)}"


def say_amount(amount: float | None) -> str:
    r"""Return an amount rounded to what it can bear: three leading digits above a thousand.

    >>> say_amount(19_088_581.0), say_amount(433.4), say_amount(None)
    ('19.1\xa0million', '433', 'not enough data')
    """
    if amount is None:
        return NOT_ENOUGH
    if abs(amount) >= 999_500:
        millions = amount / 1e6
        return f"{millions:,.{2 if millions < 10 else 1 if millions < 100 else 0}f}{_MILLION}"
    digits = len(str(int(abs(amount))))
    return f"{round(amount, min(0, 3 - digits)):,.0f}"


def say_hours(hours: float | None) -> str:
    r"""Return a span of time in the unit that reads best.

    >>> say_hours(0.01), say_hours(0.5), say_hours(30.0), say_hours(240.0), say_hours(None)
    ('36\xa0s', '30\xa0min', '30\xa0h', '10\xa0days', 'not enough data')
    """
    if hours is None:
        return NOT_ENOUGH
    seconds = hours * 3600
    if seconds < 1:
        return f"under 1{_FIXED}s"
    for limit, size, unit in ((90, 1, "s"), (5400, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{_short(seconds / size)}{_FIXED}{unit}"
    return f"{_short(hours / 24)}{_FIXED}days"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"


def say_instant(instant: datetime | None, time_zone: str) -> str:
    """Return an instant on the business's clock."""
    if instant is None:
        return NOT_ENOUGH
    local = instant.astimezone(ZoneInfo(time_zone))
    return f"{local.day} {local:%B %Y, %H:%M} ({time_zone})"


def shorten(text: str, most: int) -> str:
    """Return `text`, cut in the middle with an ellipsis where it is longer than `most` signs.

    >>> shorten("W_Nabellen offertes:COMPLETE", 12)
    'W_Nab\u2026PLETE'
    """
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    return f"{text[:half]}\u2026{text[-half:]}"


def say_name(name: str) -> str:
    """Return a name of ours as words; the two ends of a path by what they are.

    >>> say_name("path_start"), say_name("at_risk"), say_name("path_end")
    ('start', 'at risk', 'end')
    """
    return {"path_start": "start", "path_end": "end"}.get(name, name.replace("_", " "))
