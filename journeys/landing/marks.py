"""Marks: how far a source was read, as it writes that itself, and which of two is later."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from journeys.config.errors import DataError

Mark = datetime | date | int | float | str | Decimal

_WRITTEN: dict[str, tuple[type, Any]] = {
    "datetime": (datetime, datetime.fromisoformat),
    "date": (date, date.fromisoformat),
    "decimal": (Decimal, Decimal),
}


def written(mark: Mark | None) -> Any:
    """Return a mark in the types of JSON, from which `read` makes it again."""
    for name, (kind, _) in _WRITTEN.items():
        if isinstance(mark, kind):
            return {name: mark.isoformat() if isinstance(mark, date) else str(mark)}
    return mark


def read(value: Any) -> Mark | None:
    """Return the mark that was written.

    >>> read(written(datetime(2026, 3, 1, tzinfo=UTC)))
    datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    if isinstance(value, dict):
        ((name, text),) = value.items()
        made: Mark = _WRITTEN[name][1](text)
        return made
    return value  # type: ignore[no-any-return]


def instant_of(mark: Any) -> datetime | None:
    """Return the instant that a mark says, None where it is a number or other text; without a zone it is taken as UTC."""
    if isinstance(mark, str) and "-" in mark:
        try:
            mark = datetime.fromisoformat(mark)
        except ValueError:
            return None
    if isinstance(mark, datetime):
        return mark.replace(tzinfo=mark.tzinfo or UTC)
    return datetime(mark.year, mark.month, mark.day, tzinfo=UTC) if isinstance(mark, date) else None


def latest(marks: Iterable[Any], *, until: datetime) -> Any:
    """Return the latest of the marks as it was written, None where there is none.

    A mark later than `until` does not count: after one record from the year 2099, nothing newer would ever be asked for.

    Raises:
        DataError: when some are numbers, some times and some other text, so that none is the latest.

    >>> latest(["2026-03-01T00:00:00Z", "2026-03-01T00:00:00.5Z"], until=datetime(2026, 4, 1, tzinfo=UTC))
    '2026-03-01T00:00:00.5Z'
    """
    places: dict[str, tuple[Any, Any]] = {}
    for mark in marks:
        kind, place = _place(mark)
        if kind == "time" and place > until:
            continue
        if kind not in places or place > places[kind][0]:
            places[kind] = (place, mark)
    if len(places) > 1:
        raise DataError(f"its values are of several kinds ({', '.join(sorted(places))}), so that none is the latest")
    return next((mark for _, mark in places.values()), None)


def _place(mark: Any) -> tuple[str, Any]:
    at = instant_of(mark)
    if at is not None:
        return "time", at
    if isinstance(mark, str):
        return "text", mark
    if isinstance(mark, int | float | Decimal) and not isinstance(mark, bool):
        return "number", mark
    raise DataError(f"a value is of type {type(mark).__name__}, by which nothing can be ordered")
