"""Mentions in social media, as Brandwatch exports them: a CSV file whose header stands below a preamble."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.headers import Layout
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words

_LAYOUT = Layout(marks=("Date", "Url", "Author"))


def read_social(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return mentions as records, of their author on the site where they stand.

    Dates are in the zone of the query, which the file does not say: without the source's `time_zone` they
    are refused.
    """
    return read_vendor_table(connection, path, source, "social", TABLES, table="mention", layout=_LAYOUT, zone=None)


def _mention(cell: Cell) -> list[Telling]:
    author, site = cell("author"), cell("domain", "page type", "pagetype")
    at = cell("date")
    return [
        Telling(
            # The @ says that a person may stand in it, so that the key is kept as a keyed hash only.
            words(
                author.fill_null(""), "@", site.fill_null(""), ":", at, ":", cell("url", "resource id", "mention id")
            ),
            at,
            event="mention_written",
            known_at=cell("added"),
            identifiers={"social_author_id": words(site, ":", author)},
            channel=cell("page type", "pagetype", "content source name"),
            text=cell("full text", "snippet", "title"),
            properties={
                "query": cell("query name", "query id"),
                "sentiment": cell("sentiment"),
                "site": site,
                "language": cell("language"),
                "kind": cell("thread entry type", "content source"),
            },
        )
    ]


TABLES: Mapping[str, VendorTable] = {"mention": _mention}
"""What a row tells; a file may have any name."""
