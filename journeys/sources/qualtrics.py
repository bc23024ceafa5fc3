"""Qualtrics: responses, their answers, contacts and what was sent to them, as a loader or Qualtrics itself writes them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import ibis

from journeys.config.errors import DataError
from journeys.config.sources import Source
from journeys.sources.headers import Header, Layout, read_header
from journeys.sources.lines import kind_of
from journeys.sources.record import PREVIEW, SINCE_EVER, Reading
from journeys.sources.table_names import plain_name
from journeys.sources.values import number
from journeys.sources.vendor_tables import Cell, Telling, VendorTable, read_vendor_table, words

_LAYOUT = Layout(count_rows=3)
_TRIED_OUT = ("1", "2", "9", "17", "survey preview", "survey test", "spam preview", "offline survey preview")


def read_qualtrics(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return one of Qualtrics' tables, or its own export with three header rows, as records.

    An answer finds its respondent by its response. Answers with which somebody tried a survey out are
    refused with that reason, and are no fault.
    """
    header = _own_header(path)
    if header is None:
        return read_vendor_table(connection, path, source, "Qualtrics", TABLES)
    scores, open_answers = _questions(header)
    tables = {"survey_response": _response(scores, open_answers)}
    in_zone = source.model_copy(update={"time_zone": _zone(path.name, header) or source.time_zone})
    return read_vendor_table(
        connection, path, in_zone, "Qualtrics", tables, table="survey_response", layout=_LAYOUT, zone=None
    )


def _own_header(path: Path) -> Header | None:
    """Return the header of Qualtrics' own export: ids, questions and where each is imported from; else None."""
    if kind_of(path) not in {".csv", ".tsv", ".txt"}:
        return None
    try:
        header = read_header(path, _LAYOUT)
    except DataError:
        return None  # too short for three rows; whatever is wrong with it is told when it is read
    return header if header.rows[2] and _imported(header.rows[2][0]).get("ImportId") else None


def _imported(cell: str) -> dict[str, Any]:
    try:
        said = json.loads(cell)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _zone(file: str, header: Header) -> str | None:
    """Return the zone of the export's times, which the third row says of its columns."""
    named = (_imported(cell).get("timeZone") for cell in header.rows[2])
    zone = next((str(zone) for zone in named if zone), None)
    zone = "UTC" if zone == "Z" else zone
    if zone is not None and zone not in available_timezones():
        raise DataError(f"{file} says that its times are of the zone '{zone}', which is unknown; export it in UTC.")
    return zone


def _questions(header: Header) -> tuple[list[str], list[str]]:
    """Return the columns of ratings, which have a group of promoters beside them, and those of written answers."""
    names, sources = header.names, [str(_imported(cell).get("ImportId", "")) for cell in header.rows[2]]
    scores = [name for name in names if f"{name}_NPS_GROUP" in names]
    written = [
        name for name, place in zip(names, sources, strict=False) if place.startswith("QID") and place.endswith("_TEXT")
    ]
    return [plain_name(name) for name in scores], [plain_name(name) for name in written]


def _response(scores: Sequence[str] = (), open_answers: Sequence[str] = ()) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        key, end_at = cell("id", "response_id", "responseid"), cell("end_date", "enddate")
        recorded_at = cell("recorded_date", "recordeddate")
        who = {
            "qualtrics_response_id": key,
            "email": cell("recipient_email", "recipientemail"),
            "user_id": cell(
                *("external_data_reference", "externalreference", "externaldatareference"),
                *("user_id", "userid", "customer_id", "customerid"),
            ),
        }
        about = {
            "survey": cell("survey_id"),
            "channel": cell("distribution_channel", "distributionchannel"),
            "progress": cell("progress"),
        }
        ratings = [number(cell(column)) for column in scores]
        written = ibis.array([cell(column) for column in open_answers]) if open_answers else None
        return [
            Telling(
                key,
                ibis.coalesce(cell("start_date", "startdate"), end_at, recorded_at),
                event="survey_started",
                known_at=recorded_at,
                identifiers=who,
                properties=about,
                problems=[
                    (
                        cell("status").lower().isin(_TRIED_OUT).fill_null(False),
                        PREVIEW,
                        "The answer was given while the survey was tried out.",
                    )
                ],
            ),
            Telling(
                key,
                ibis.coalesce(end_at, recorded_at),
                event="survey_finished",
                known_at=recorded_at,
                identifiers=who,
                properties=about,
                score=ibis.coalesce(*ratings).cast("string") if ratings else None,
                text=written.filter(lambda text: text.notnull()).join("\n").nullif("") if written is not None else None,
                where=cell("finished").lower().isin(("1", "true")),
            ),
        ]

    return told


def _answer(cell: Cell) -> list[Telling]:
    response, text, value = cell("response_id"), cell("text"), cell("value")
    places = ("question_id", "sub_question_key", "question_option_key", "loop_id")
    key = words(response, *(part for place in places for part in (":", cell(place).fill_null(""))))
    # A number that stands for the text of a choice is its code; one that stands for itself was given as such.
    is_own_number = (text.isnull() | (text == value)) & cell("question_option_key").isnull()
    return [
        Telling(
            cell("_fivetran_id").fill_null(key),
            # The table has no time of its own: when the loader found it is never before it was given.
            cell("_fivetran_synced", "_airbyte_extracted_at", "recorded_date"),
            event="question_answered",
            identifiers={"qualtrics_response_id": response},
            score=is_own_number.ifelse(value, None),
            text=is_own_number.ifelse(None, text),
            properties={"question": cell("question_id"), "part": cell("sub_question_text")},
        )
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
    "survey_response": _response(),
    "question_response": _answer,
    "survey_embedded_data": _embedded,
    "directory_contact": _contact,
    "core_contact": _contact,
    "distribution_contact": _sent,
}
"""Tables that are read, by the names under which loaders land them."""
