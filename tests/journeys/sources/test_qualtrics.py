"""Qualtrics' tables, as drawn."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from journeys.config.errors import DataError
from tests.journeys.sources.drawn import check_told, identifiers_of, read, source_of, table

AT = "2026-02-01 10:00:00"
LATER = "2026-02-03 12:30:00.250000"


@pytest.mark.parametrize(
    ("name", "row", "expected"),
    [
        (
            "survey_response",
            {"id": "R_1", "recipient_email": "ann@example.org", "start_date": AT, "end_date": LATER, "finished": "1"},
            {
                event: ({"qualtrics_response_id": "R_1", "email": "ann@example.org"}, {})
                for event in ("survey_started", "survey_finished")
            },
        ),
        (
            "survey_embedded_data",
            {"response_id": "R_1", "key": "customer_id", "value": "u1"},
            {None: ({"qualtrics_response_id": "R_1", "user_id": "u1"}, {})},
        ),
        (
            "directory_contact",
            {"id": "CID_1", "email": "ann@example.org", "creation_date": AT, "language": "EN"},
            {None: ({"qualtrics_contact_id": "CID_1", "email": "ann@example.org"}, {"language": "EN"})},
        ),
        (
            "distribution_contact",
            {"distribution_id": "EMD_1", "contact_id": "CID_1", "sent_at": AT, "opened_at": LATER},
            {event: ({"qualtrics_contact_id": "CID_1"}, {}) for event in ("survey_sent", "survey_opened")},
        ),
    ],
)
def test_rows(connection: Any, tmp_path: Path, name: str, row: dict[str, str], expected: dict[str | None, Any]) -> None:
    """Each row tells what happened, of whom, and what is said of them."""
    check_told(connection, tmp_path, "qualtrics", name, row, expected)


@pytest.mark.parametrize(
    ("change", "score", "text"),
    [
        ({"text": "Quick, thanks."}, None, "Quick, thanks."),
        ({"text": "Very", "value": "5"}, None, "Very"),
        ({"value": "9"}, 9.0, None),
        ({"value": "9", "text": "9"}, 9.0, None),
        ({"value": "2", "question_option_key": "2"}, None, None),
    ],
)
def test_answers(
    connection: Any, tmp_path: Path, change: dict[str, str], score: float | None, text: str | None
) -> None:
    """An answer is a text or a number; the code of a choice is neither. It is known when the loader found it."""
    row = {"_fivetran_id": "a1", "response_id": "R_1", "question_id": "QID2", "_fivetran_synced": LATER, **change}
    (record,) = read(connection, table(tmp_path, "question_response.csv", row), source_of("qualtrics"))
    assert (record["event"], record["score"], record["text"]) == ("question_answered", score, text)
    assert (record["problem_rule"], identifiers_of(record)) == (None, {"qualtrics_response_id": "R_1"})
    assert record["event_at"] == datetime(2026, 2, 3, 12, 30, 0, 250000, tzinfo=UTC)


NAMES = [
    *("StartDate", "EndDate", "Status", "IPAddress", "Progress", "Finished", "RecordedDate", "ResponseId"),
    *("RecipientEmail", "ExternalReference", "Q1_NPS_GROUP", "Q1", "Q2", "Q3", "Q3_4_TEXT"),
]
IMPORTED = [
    *("startDate", "endDate", "status", "ipAddress", "progress", "finished", "recordedDate", "_recordId"),
    *("recipientEmail", "externalDataReference", "QID1_NPS_GROUP", "QID1", "QID2_TEXT", "QID3", "QID3_4_TEXT"),
]
ANSWER = {
    "StartDate": "2026-02-01 03:00:00",
    "EndDate": "2026-02-01 03:05:00",
    "Status": "0",
    "Finished": "1",
    "RecordedDate": "2026-02-01 03:05:01",
    "ResponseId": "R_1",
    "RecipientEmail": "ann@example.org",
    "Q1_NPS_GROUP": "3",
    "Q1": "9",
    "Q2": "Quick, thanks.",
    "Q3": "4",
    "Q3_4_TEXT": "By post",
}


def _own_export(path: Path, *changes: dict[str, str], zone: str | None = "America/Denver") -> Path:
    """Write Qualtrics' own export: three header rows, of which the last says the zone, and a row for each change."""
    imported = [{"ImportId": place, **({"timeZone": zone} if zone and "Date" in place else {})} for place in IMPORTED]
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writerow(NAMES)
        writer.writerow(["Recommend us,\nhow likely?" if name == "Q1" else name for name in NAMES])
        writer.writerow([json.dumps(place) for place in imported])
        writer.writerows([[(ANSWER | change).get(name, "") for name in NAMES] for change in changes])
    return path


@pytest.mark.parametrize("name", ["Our survey_February 3, 2026_04.55.csv", "survey.tsv"])
@pytest.mark.parametrize(("zone", "hour"), [("America/Denver", 10), ("Z", 3), (None, 2)])
def test_own_export(connection: Any, tmp_path: Path, name: str, zone: str | None, hour: int) -> None:
    """Qualtrics' own file is read whatever its name, in the zone that it says or else the source's."""
    path = _own_export(tmp_path / name, {}, {"Finished": "0", "ResponseId": "R_2"}, zone=zone)
    records = read(connection, path, source_of("qualtrics", time_zone="Europe/Berlin"))
    assert [(record["line"], record["event"]) for record in records] == [
        (4, "survey_started"),
        (4, "survey_finished"),
        (5, "survey_started"),
    ]
    started, finished, _ = records
    assert started["event_at"] == datetime(2026, 2, 1, hour, tzinfo=UTC)
    assert (started["score"], started["text"]) == (None, None)
    assert (finished["score"], finished["text"]) == (9.0, "Quick, thanks.\nBy post")
    assert identifiers_of(finished) == {"qualtrics_response_id": "R_1", "email": "ann@example.org"}


@pytest.mark.parametrize(
    ("status", "rule"), [("1", "preview"), ("Survey Preview", "preview"), ("IP Address", None), ("0", None)]
)
def test_previews(connection: Any, tmp_path: Path, status: str, rule: str | None) -> None:
    """Who tries a survey out is no customer who answers it."""
    path = _own_export(tmp_path / "survey.csv", {"Status": status})
    assert read(connection, path, source_of("qualtrics"))[0]["problem_rule"] == rule


def test_an_unknown_zone(connection: Any, tmp_path: Path) -> None:
    """A zone that nobody knows is one sentence."""
    path = _own_export(tmp_path / "survey.csv", {}, zone="Mars/Base")
    with pytest.raises(
        DataError, match=r"survey\.csv says that its times are of the zone 'Mars/Base', which is unknown"
    ):
        read(connection, path, source_of("qualtrics"))


def test_no_zone(connection: Any, tmp_path: Path) -> None:
    """Times of a zone that nobody names are refused with what to do."""
    path = _own_export(tmp_path / "survey.csv", {}, zone=None)
    assert {record["problem_rule"] for record in read(connection, path, source_of("qualtrics"))} == {
        "time_without_zone"
    }
