"""Reviews as Trustpilot and G2 give them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table


def read_reviews(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return reviews as records: stars and what was written, of the order or person that the review names."""
    return read_vendor_table(connection, path, source, "reviews", TABLES)


def _review(cell: Cell) -> list[Telling]:
    key = cell("id", "review_id")
    at = cell("createdat", "created_at", "submitted_at", "attributes.submitted_at")
    return [
        Telling(
            key,
            at,
            event="review_written",
            known_at=cell("updatedat", "updated_at", "attributes.updated_at", "createdat", "created_at"),
            identifiers={
                "user_id": cell("referenceid", "reference_id", "customer_id"),
                "email": cell("referralemail", "email", "attributes.email"),
                "review_author_id": cell("consumer.id", "user_id", "attributes.user_id"),
            },
            score=cell("stars", "star_rating", "rating", "attributes.star_rating"),
            text=cell("text", "comment", "attributes.comment_answers", "title", "attributes.title"),
            properties={"language": cell("language"), "title": cell("title", "attributes.title")},
        )
    ]


TABLES: Mapping[str, VendorTable] = {"review": _review, "reviews": _review}
"""The table that is read, by the names under which loaders land it."""
