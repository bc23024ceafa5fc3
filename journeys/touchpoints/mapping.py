"""Mapping: a vendor's event names to touchpoints, channels and categories, by the ordered rules of `journey.yaml`."""

import re
from collections.abc import Iterable, Sequence

import ibis
import pandas as pd

from journeys.config.sources import Source, TouchpointRule

_NAMES_SHOWN = 5


def matches(pattern: str, name: str) -> bool:
    """Return whether a name matches a pattern with `*` (anything) and `?` (one character), case and all.

    >>> matches("Page Viewed: *", "Page Viewed: Pricing")
    True
    """
    return _compiled(pattern).fullmatch(name) is not None


def map_events(names: Iterable[str], source: Source) -> pd.DataFrame:
    """Return one row per event name: event, touchpoint, channel, category, is_matched.

    The first rule whose pattern matches decides; what it leaves out is the event's own name and the
    source's channel and category. `channel` is null where no rule sets it, so that a record's own
    channel comes before the source's.
    """
    compiled = [(_compiled(rule.event), rule) for rule in source.touchpoints]
    rows = []
    for name in names:
        rule = next((rule for pattern, rule in compiled if pattern.fullmatch(name)), None)
        chosen = rule or TouchpointRule(event="*")
        rows.append(
            (name, chosen.touchpoint or name, chosen.channel, chosen.category or source.category, rule is not None)
        )
    columns = ["event", "touchpoint", "channel", "category", "is_matched"]
    return pd.DataFrame(rows, columns=columns).astype({"is_matched": bool, **dict.fromkeys(columns[:4], "string")})


def as_table(mapping: pd.DataFrame) -> ibis.Table:
    """Return a mapping as an Ibis table with fixed types, also where it is empty."""
    schema = {
        "event": "string",
        "touchpoint": "string",
        "channel": "string",
        "category": "string",
        "is_matched": "boolean",
    }
    return ibis.memtable(mapping.astype(object).where(mapping.notna(), None), schema=schema)


def unmatched_note(source_name: str, source: Source, counts: Sequence[tuple[str, int]]) -> str | None:
    """Return a sentence on the event names that no rule matches, most rows first, or None.

    A source without rules keeps its vendor's names on purpose and gets no note.
    """
    if not source.touchpoints or not counts:
        return None
    shown = ", ".join(f"{name} ({rows} rows)" for name, rows in counts[:_NAMES_SHOWN])
    more = f" and {len(counts) - _NAMES_SHOWN} more" if len(counts) > _NAMES_SHOWN else ""
    what = (
        "1 event name matches no rule and keeps"
        if len(counts) == 1
        else f"{len(counts)} event names match no rule and keep"
    )
    return f"sources.{source_name}: {what} the vendor's name: {shown}{more}."


def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.compile("".join(parts), re.DOTALL)
