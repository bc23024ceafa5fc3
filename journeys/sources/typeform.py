"""Typeform: responses as the API gives them, and the payloads of its webhook."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ibis

from journeys.config.sources import Source
from journeys.sources.elements import elements, texts_of, value_of
from journeys.sources.record import Reading
from journeys.sources.vendor_tables import Cell, Telling, Text, VendorTable, read_vendor_table

_SCALES = ("opinion_scale", "nps", "rating")
_FIRST_YEAR_OF_ALL = "0001-"


def read_typeform(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return responses as records: a form that was opened and, once it was sent, its text and score.

    The score is the first answer on a scale. An e-mail address or a phone number that was asked for says
    who answered, and is no text.
    """
    return read_vendor_table(connection, path, source, "Typeform", TABLES, table="response")


def _response(cell: Cell) -> list[Telling]:
    def either(name: str) -> Text:
        return cell(name, f"form_response.{name}")

    key = cell("token", "form_response.token", "response_id")
    landed_at, sent_at = either("landed_at"), either("submitted_at")
    answers = elements(either("answers"))
    who = {
        "user_id": cell(
            *(f"{place}hidden.{name}" for place in ("", "form_response.") for name in ("user_id", "customer_id"))
        ),
        "email": ibis.coalesce(either("hidden.email"), _first(answers, "email")),
        "phone": _first(answers, "phone_number"),
    }
    about = {"form": either("form_id"), "choices": _choices(answers)}
    scale = answers.filter(lambda answer: value_of(answer, "field.type").isin(_SCALES))
    is_sent = sent_at.notnull() & ~sent_at.startswith(_FIRST_YEAR_OF_ALL)
    return [
        Telling(
            key,
            ibis.coalesce(landed_at, sent_at),
            event="survey_started",
            identifiers=who,
            properties={"form": either("form_id")},
        ),
        Telling(
            key,
            sent_at,
            event="survey_answered",
            identifiers=who,
            score=_first(scale, "number"),
            text=texts_of(answers, "text"),
            properties=about,
            where=is_sent,
        ),
    ]


def _first(answers: Any, name: str) -> Text:
    return answers.map(lambda answer: value_of(answer, name)).filter(lambda value: value.notnull())[0]


def _choices(answers: Any) -> Text:
    labels = answers.map(lambda answer: value_of(answer, "choice.label")).filter(lambda label: label.notnull())
    return labels.join("; ").nullif("")


TABLES: Mapping[str, VendorTable] = {"response": _response}
"""What a line tells."""
