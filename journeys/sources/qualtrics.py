"""Qualtrics: responses, their answers, contacts and what was sent to them, as a loader lands them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from journeys.config.sources import Source
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import SINCE_EVER, Cell, Telling, VendorTable, read_vendor_table, words


def read_qualtrics(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of Qualtrics' tables as records; an answer finds its respondent by its response."""
    return read_vendor_table(connection, path, source, "Qualtrics", TABLES)


def _response(cell: Cell) -> list[Telling]:
    key = cell("id", "response_id")
    who = {"qualtrics_response_id": key, "email": cell("recipient_email"), "user_id": cell("external_data_reference")}
    finished = cell("finished").lower().isin(("1", "true"))
    about = {"survey": cell("survey_id"), "channel": cell("distribution_channel"), "progress": cell("progress")}
    return [
        Telling(
            key,
            cell("start_date", "end_date", "recorded_date"),
            event="survey_started",
            known_at=cell("recorded_date"),
            identifiers=who,
            properties=about,
        ),
        Telling(
            key,
            cell("end_date", "recorded_date"),
            event="survey_finished",
            known_at=cell("recorded_date"),
            identifiers=who,
            properties=about,
            where=finished,
        ),
    ]


def _embedded(cell: Cell) -> list[Telling]:
    key, response = cell("key"), cell("response_id")
    return [
        Telling(
            words(response, ":", key, ":", cell("import_id").fill_null("")),
            SINCE_EVER,
            identifiers={
                "qualtrics_response_id": response,
                "user_id": key.lower()
                .isin(("user_id", "userid", "customer_id", "customerid"))
                .ifelse(cell("value"), None),
            },
        )
    ]


def _contact(cell: Cell) -> list[Telling]:
    key, since = cell("id", "contact_id"), cell("last_modified", "creation_date")
    who = {
        "qualtrics_contact_id": key,
        "email": cell("email"),
        "phone": cell("phone"),
        "user_id": cell("ext_ref", "external_data_reference"),
    }
    said = {"language": cell("language"), "is_unsubscribed": cell("directory_unsubscribed", "unsubscribed")}
    return [Telling(words(key, ":", since), since, identifiers=who, attributes=said)]


def _sent(cell: Cell) -> list[Telling]:
    key = words(cell("distribution_id"), ":", cell("contact_id"))
    who = {"qualtrics_contact_id": cell("contact_id"), "qualtrics_response_id": cell("response_id")}
    sent_at, opened_at = cell("sent_at"), cell("opened_at")
    return [
        Telling(key, sent_at, event="survey_sent", identifiers=who, properties={"status": cell("status")}),
        Telling(key, opened_at, event="survey_opened", identifiers=who, where=opened_at.notnull()),
    ]


TABLES: Mapping[str, VendorTable] = {
    "survey_response": _response,
    "survey_embedded_data": _embedded,
    "directory_contact": _contact,
    "core_contact": _contact,
    "distribution_contact": _sent,
}
"""Tables that are read, by the names under which loaders land them."""
