"""SurveyMonkey's responses, as drawn."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.sources.drawn import identifiers_of, json_lines, read, source_of

RESPONSE = {
    "id": "r1",
    "survey_id": "s1",
    "collector_id": "c1",
    "recipient_id": "p1",
    "date_created": "2026-02-01T10:00:00+00:00",
    "date_modified": "2026-02-01T11:05:00+01:00",
    "response_status": "completed",
    "custom_variables": {"customer_id": "u1"},
    "pages": [
        {"id": "1", "questions": [{"id": "q1", "answers": [{"choice_id": "7", "choice_metadata": {"weight": "9"}}]}]},
        {
            "id": "2",
            "questions": [
                {"id": "q2", "answers": [{"text": "Quick, thanks."}]},
                {"id": "q3", "answers": [{"choice_id": "8"}, {"other_id": "9", "text": "By ann@example.org"}]},
            ],
        },
    ],
}


def test_a_response(connection: Any, tmp_path: Path) -> None:
    """A response was begun, and answered with the open answers and the first rating."""
    started, answered = read(connection, json_lines(tmp_path, RESPONSE), source_of("surveymonkey"))
    assert (started["event"], answered["event"]) == ("survey_started", "survey_answered")
    assert (answered["event_at"] - started["event_at"]).total_seconds() == 300
    assert (started["score"], answered["score"]) == (None, 9.0)
    assert answered["text"] == "Quick, thanks.\nBy [email]"
    for record in (started, answered):
        assert identifiers_of(record) == {"user_id": "u1", "surveymonkey_recipient_id": "p1"}
        assert record["problem_rule"] is None


@pytest.mark.parametrize(
    ("change", "events", "who"),
    [
        ({"response_status": "partial"}, ["survey_started"], {"user_id": "u1"}),
        ({"custom_variables": {}, "custom_value": "u2"}, ["survey_started", "survey_answered"], {"user_id": "u2"}),
        (
            {"custom_variables": {}, "custom_value": "ann@example.org"},
            ["survey_started", "survey_answered"],
            {"email": "ann@example.org"},
        ),
        (
            {"metadata": {"contact": {"email": {"type": "string", "value": "ann@example.org"}}}, "pages": []},
            ["survey_started", "survey_answered"],
            {"user_id": "u1", "email": "ann@example.org"},
        ),
    ],
)
def test_who_and_whether(
    connection: Any, tmp_path: Path, change: dict[str, Any], events: list[str], who: dict[str, str]
) -> None:
    """What is not completed was only begun; who answered stands in one of several places."""
    row = RESPONSE | {"recipient_id": None} | change
    records = read(connection, json_lines(tmp_path, row), source_of("surveymonkey"))
    assert [record["event"] for record in records] == events
    assert all(identifiers_of(record) == who for record in records)


def test_a_mended_response(connection: Any, tmp_path: Path) -> None:
    """An answer that is changed later is another one, of the same beginning."""
    later = RESPONSE | {"date_modified": "2026-02-03T10:00:00+00:00"}
    records = read(connection, json_lines(tmp_path, RESPONSE, later), source_of("surveymonkey"))
    assert len({record["source_record_id"] for record in records}) == 3


CSV = (
    "Respondent ID,Collector ID,Date Created,Date Modified,Email Address,Custom Data 1,"
    '"How likely is it that you would\nrecommend us?",Why?,Which of these?,,\n'
    ",,,,,,Response,Open-Ended Response,Chat,Phone,Other (please specify)\n"
    "7,3,02/01/2026 10:55:00 AM,02/01/2026 12:00:30 PM,ann@example.org,u1,9,Quick.,Chat,,Mail\n"
    "8,3,2026-02-01 11:00:00,,,u2,,,,,\n"
)


def test_the_file_of_the_user_interface(connection: Any, tmp_path: Path) -> None:
    """Questions stand in two header rows; times are in the zone of the account."""
    path = tmp_path / "Our survey.csv"
    path.write_text(CSV)
    records = read(connection, path, source_of("surveymonkey", time_zone="Europe/Berlin"))
    assert [(record["line"], record["event"]) for record in records] == [
        (line, event) for line in (3, 4) for event in ("survey_answered", "survey_started")[:: 1 if line == 4 else -1]
    ]
    started, answered = records[:2]
    assert started["event_at"] == datetime(2026, 2, 1, 9, 55, tzinfo=UTC)
    assert answered["event_at"] == datetime(2026, 2, 1, 11, 0, 30, tzinfo=UTC)
    assert (answered["score"], answered["text"]) == (9.0, "Quick.\nMail")
    assert identifiers_of(answered) == {"user_id": "u1", "email": "ann@example.org"}
    assert {record["problem_rule"] for record in records} == {None}
    assert (records[2]["score"], records[2]["text"]) == (None, None)


def test_times_without_a_zone(connection: Any, tmp_path: Path) -> None:
    """Where nobody says the zone of the account, rows are refused with what to do."""
    path = tmp_path / "Our survey.csv"
    path.write_text(CSV)
    assert {record["problem_rule"] for record in read(connection, path, source_of("surveymonkey"))} == {
        "time_without_zone"
    }
