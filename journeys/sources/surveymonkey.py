"""SurveyMonkey: responses as the API gives them, and the CSV file of its user interface with two header rows."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from journeys.config.sources import Source
from journeys.sources.elements import elements, texts_of, value_of
from journeys.sources.headers import Layout, read_header
from journeys.sources.record import Reading
from journeys.sources.table_names import is_table, plain_name
from journeys.sources.values import number
from journeys.sources.vendor_tables import Cell, Telling, Text, VendorTable, read_vendor_table, words

_ANSWERS = "$[*].questions[*].answers[*]"
_OPEN = r"open-ended|other \(please|comment"
_ASKS_FOR_A_SCORE = r"recommend|rate|rating|satisf"
_FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


@ibis.udf.scalar.builtin(name="try_strptime", signature=((dt.string, dt.Array(dt.string)), dt.timestamp))
def _parsed(text, formats):  # type: ignore[no-untyped-def]
    """Return the time that a text writes in the first of several formats that fits, or null."""


def read_surveymonkey(connection: Any, path: Path, name: str, source: Source) -> Reading:
    """Return responses as records: one that was begun, and when it was completed its text and score.

    The score is the first rating: the number that was chosen or, of the API, the weight that the survey gives
    to the choice. Times of the user interface's file are in the zone of the account, which the file does
    not say: without the source's `time_zone` they are refused.
    """
    if not is_table(path):
        return read_vendor_table(connection, path, source, "SurveyMonkey", TABLES, table="response")
    scores, open_answers = _questions(read_header(path, _LAYOUT).rows)
    tables = {"response": _row(scores, open_answers)}
    return read_vendor_table(
        connection, path, source, "SurveyMonkey", tables, table="response", layout=_LAYOUT, zone=None
    )


def _column_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a name for each column: its own, or of a question its place and what stands below the question."""
    questions, parts = rows
    below = [*parts, *[""] * (len(questions) - len(parts))]
    return [
        f"{place}: {part}" if part else name for place, (name, part) in enumerate(zip(questions, below, strict=True))
    ]


_LAYOUT = Layout(count_rows=2, names=_column_names)


def _questions(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """Return the columns of ratings and those of open answers; a question stands above the first of its columns."""
    scores, open_answers, question = [], [], ""
    for column, asked, part in zip(_column_names(rows), *rows, strict=True):
        question = asked or question
        if re.search(_OPEN, part, re.IGNORECASE):
            open_answers.append(plain_name(column))
        elif part and re.search(_ASKS_FOR_A_SCORE, question, re.IGNORECASE):
            scores.append(plain_name(column))
    return scores, open_answers


def _response(cell: Cell) -> list[Telling]:
    answers = elements(cell("pages"), _ANSWERS)
    chosen = answers.map(
        lambda answer: ibis.coalesce(
            number(value_of(answer, "simple_text")), number(value_of(answer, "choice_metadata.weight"))
        )
    )
    given = cell("custom_value")
    is_address = given.contains("@")
    custom = {
        "user_id": ibis.coalesce(
            cell("custom_variables.user_id", "custom_variables.customer_id"), is_address.ifelse(None, given)
        ),
        "email": ibis.coalesce(
            cell("email_address", "custom_variables.email"),
            value_of(cell("metadata.contact.email"), "value"),
            is_address.ifelse(given, None),
        ),
        "surveymonkey_recipient_id": cell("recipient_id"),
    }
    return _told(
        cell("id"),
        cell("date_created"),
        cell("date_modified"),
        cell("response_status").lower() == "completed",
        custom,
        {"survey": cell("survey_id"), "collector": cell("collector_id"), "status": cell("response_status")},
        score=chosen.filter(lambda value: value.notnull())[0].cast("string"),
        text=texts_of(answers, "text"),
    )


def _row(scores: Sequence[str], open_answers: Sequence[str]) -> VendorTable:
    def told(cell: Cell) -> list[Telling]:
        ratings = [cell(column) for column in scores]
        said = ibis.array([cell(column) for column in open_answers]) if open_answers else None
        return _told(
            cell("respondent id"),
            _iso(cell("date created")),
            _iso(cell("date modified", "date created")),
            cell("respondent id").notnull(),
            {"email": cell("email address", "email"), "user_id": cell("custom data 1", "user_id", "customer_id")},
            {"collector": cell("collector id")},
            score=ibis.coalesce(*(number(rating) for rating in ratings)).cast("string") if ratings else None,
            text=said.filter(lambda text: text.notnull()).join("\n").nullif("") if said is not None else None,
        )

    return told


def _told(
    key: Text,
    begun_at: Text,
    changed_at: Text,
    is_completed: Any,
    who: Mapping[str, Text],
    about: Mapping[str, Text],
    *,
    score: Text | None,
    text: Text | None,
) -> list[Telling]:
    return [
        Telling(key, begun_at, event="survey_started", identifiers=who, properties=about),
        Telling(
            words(key, ":", changed_at),
            changed_at,
            event="survey_answered",
            identifiers=who,
            properties=about,
            score=score,
            text=text,
            where=is_completed,
        ),
    ]


def _iso(text: Text) -> Text:
    """Return a time as the user interface writes it (02/01/2026 03:05:00 PM) as ISO 8601 without a zone."""
    return _parsed(text, ibis.array(list(_FORMATS))).cast("string")


TABLES: Mapping[str, VendorTable] = {"response": _response}
"""What a line of the API's responses tells."""
