"""Delighted: survey responses, as the API gives them or a loader lands them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words


def read_delighted(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return survey responses as records: a score, often with a comment; an answer that is mended is another one."""
    return read_vendor_table(connection, path, source, "Delighted", TABLES)


def _response(cell: Cell) -> list[Telling]:
    key, updated_at = cell("id"), cell("updated_at", "created_at")
    person = cell("person.id", "person_id", "person")
    who = {
        # An expanded person is an object; its id stands inside it.
        "delighted_person_id": person.startswith("{").ifelse(None, person),
        "email": cell("person.email", "person_email", "email"),
        "user_id": cell("person_properties.user_id", "person_properties.customer_id"),
    }
    return [
        Telling(
            words(key, ":", updated_at),
            cell("created_at"),
            event="survey_answered",
            known_at=updated_at,
            identifiers=who,
            score=cell("score"),
            text=cell("comment"),
            properties={"survey": cell("survey_type"), "question": cell("person_properties.question_product_name")},
        )
    ]


TABLES: Mapping[str, VendorTable] = {"survey_response": _response, "survey_responses": _response, "response": _response}
"""Tables that are read, by the names under which loaders land them."""
