from datetime import UTC, datetime

import ibis
import pytest

from journeys.sources.values import (
    first_problem,
    instant,
    instant_problem,
    number,
    number_problem,
    present,
    without_tags,
)
from tests.journeys.sources.drawn import evaluate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("  a b ", "a b"),
        *[(missing, None) for missing in (None, "", " ", "NULL", "none", "NaN", "N/A", "-", "\\N", "undefined")],
        ("0", "0"),
        ("null island", "null island"),
    ],
)
def test_present(connection, text, expected):
    """Texts that stand for no value are none; the others are trimmed."""
    assert evaluate(connection, [text], present) == [expected]


AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-03-01T02:00:00Z", None, AT),
        ("2026-03-01 02:00:00 UTC", None, AT),
        ("2026-03-01T02:00Z", None, AT),
        ("2026-03-01T03:00:00+01:00", None, AT),
        ("2026-03-01T03:00:00+0100", None, AT),
        ("2026-03-01T07:30:00.123456+05:30", None, AT.replace(microsecond=123456)),
        ("2026-03-01T02:00:00.5z", None, AT.replace(microsecond=500000)),
        ("1772330400", None, AT),
        ("1772330400.25", None, AT.replace(microsecond=250000)),
        ("1772330400000", None, AT),
        ("1772330400000000", None, AT),
        ("946684800000", None, datetime(2000, 1, 1, tzinfo=UTC)),
        ("946684800000000", None, datetime(2000, 1, 1, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 02:00:00 +0000", None, AT),
        ("Sat, 28 Feb 2026 21:00:00 -0500", None, AT),
        ("1 Mar 2026 02:00 GMT", None, AT),
        ("Sun, 01 Mar 2026 02:00:00 Z", "Europe/Berlin", AT),
        ("Sun, 31 Feb 2026 02:00:00 +0000", None, None),
        ("Sun, 01 Mrz 2026 02:00:00 +0000", None, None),
        ("Sun, 01 Mar 2026 02:00:00", "UTC", None),
        ("2026-03-01T03:00:00", "Europe/Berlin", AT),
        ("2026-07-01T04:00:00", "Europe/Berlin", datetime(2026, 7, 1, 2, tzinfo=UTC)),
        ("2026-03-01", "UTC", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T03:00:00+02:00", "Europe/Berlin", datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("2026-03-01T02:00:00", None, None),
        ("2026-03-01", None, None),
        ("01.03.2026", "UTC", None),
        ("2026-02-30T02:00:00Z", None, None),
        ("yesterday", "UTC", None),
        ("45352", "UTC", None),
        (None, "UTC", None),
    ],
)
def test_instant(connection, text, zone, expected):
    """Read are ISO 8601 with a zone, or in the zone that is given, times of mails and those since 1970; nothing is guessed."""
    assert evaluate(connection, [text], lambda column: instant(column, zone)) == [expected]


@pytest.mark.parametrize(
    ("text", "rule", "reason"),
    [
        ("2026-03-01T02:00:00Z", None, None),
        (None, "missing_time", "The row has no time; every event needs one."),
        (
            "2026-03-01 02:00:00",
            "time_without_zone",
            "The time has no zone; write it as in 2026-03-01T02:00:00Z or set the source's time_zone.",
        ),
        (
            "2026-03-01",
            "time_without_zone",
            "The time has no zone; write it as in 2026-03-01T02:00:00Z or set the source's time_zone.",
        ),
        ("soon", "unreadable_time", "The time cannot be read; write it as in 2026-03-01T02:00:00Z."),
        ("2026-13-01T02:00:00Z", "unreadable_time", "The time cannot be read; write it as in 2026-03-01T02:00:00Z."),
    ],
)
def test_instant_problem(connection, text, rule, reason):
    """A time that cannot be used has a rule and a sentence that says how to write it."""

    def sentences(column):
        problems = instant_problem(column, instant(column, None))
        return ibis.cases(*((condition, ibis.literal(f"{name}|{said}")) for condition, name, said in problems))

    assert evaluate(connection, [text], sentences) == [rule and f"{rule}|{reason}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12.0),
        ("-1234.50", -1234.5),
        ("+.5", 0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1,5", 1.5),
        ("-12,50", -12.5),
        ("1.234,50", 1234.5),
        ("1.234.567,5", 1234567.5),
        ("1,234.50", 1234.5),
        ("1,234", None),
        ("1.2.3", None),
        ("1,2,3", None),
        ("12,", None),
        ("12 EUR", None),
        ("1_000", None),
        ("inf", None),
        ("nan", None),
        ("1e308", None),
        ("1e999", None),
        ("0x10", None),
        ("", None),
        (None, None),
    ],
)
def test_number(connection, text, expected):
    """Digits with a point or comma are a number where it can be one only; units and what is not finite are none."""
    assert evaluate(connection, [text], number) == [expected]


@pytest.mark.parametrize(("text", "is_problem"), [("1.5", False), (None, None), ("1,500", True)])
def test_number_problem(connection, text, is_problem):
    """Only what is there and cannot be read is a problem, with how to write it."""
    _, rule, reason = number_problem("amount", ibis.literal(""), ibis.literal(0.0))
    assert (rule, reason) == (
        "not_a_number",
        "The amount is no number; write it with digits and a point, as in 1234.50.",
    )
    assert evaluate(connection, [text], lambda column: number_problem("amount", column, number(column))[0]) == [
        bool(is_problem)
    ]


def test_the_first_problem_counts(connection):
    """A problem that the row already has comes first, then the first condition that holds."""
    table = ibis.memtable(
        {"a": [0, 1, 2, 3], "problem_rule": [None, None, None, "old"], "problem_reason": [None, None, None, "Old."]}
    )
    table = table.cast({"problem_rule": "string", "problem_reason": "string"})
    found = first_problem(table, [(table.a >= 2, "big", "Big."), (table.a >= 1, "some", "Some.")])
    rows = connection.to_pyarrow(found.order_by("a")).to_pylist()
    assert [row["problem_rule"] for row in rows] == [None, "some", "big", "old"]
    assert [row["problem_reason"] for row in rows] == [None, "Some.", "Big.", "Old."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Late,\n <b>again</b></p>", "Late, again"),
        ("a < b and b > c", "a < b and b > c"),
        ('<img src="x">', None),
        (None, None),
    ],
)
def test_without_tags(connection, text, expected):
    """Tags are not what somebody wrote; what only looks like one is."""
    assert evaluate(connection, [text], without_tags) == [expected]
