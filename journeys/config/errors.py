"""Errors that help: what is wrong, where, and what to do, in one sentence each."""

import difflib
from collections.abc import Iterable


class DesireLinesError(Exception):
    """A run cannot go on, for a reason that a person can mend.

    Its text is shown as it is: it says what is wrong, where, and what to do.
    """


class ConfigError(DesireLinesError):
    """`journey.yaml` says something that cannot be meant."""


class DataError(DesireLinesError):
    """The data do not allow what was asked."""


class UnsupportedTableError(DesireLinesError):
    """A file holds a table of its vendor of which nothing is read."""


class DestinationError(DesireLinesError):
    """A destination could not be reached or refused what it was sent."""


_SHORTEST_PART = 3


def nearest(name: str, known: Iterable[str], *, most: int = 3) -> str:
    """Return a clause naming the known names nearest to `name`, for the end of an error sentence.

    >>> nearest("catalgo", ["catalog", "cart"])
    'did you mean catalog?'
    >>> nearest("Home", ["Page Viewed: Home", "Page Viewed: Blog"])
    'did you mean Page Viewed: Home?'
    >>> nearest("zzz", ["catalog", "cart"])
    'known: cart, catalog'
    """
    names = sorted(set(known))
    by_lower = {other.lower(): other for other in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=most, cutoff=0.6)
    close = close or [other for other in by_lower if len(name) >= _SHORTEST_PART and name.lower() in other][:most]
    if close:
        return f"did you mean {' or '.join(by_lower[match] for match in close)}?"
    shown = ", ".join(names[:12])
    return f"known: {shown}{', ...' if len(names) > 12 else ''}" if names else "nothing is known by that name"
