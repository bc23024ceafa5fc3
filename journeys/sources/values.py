"""Values as vendors write them: missing ones, instants and numbers."""

import re
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from journeys.sources.record import INSTANT

MISSING = ("", "null", "none", "nan", "n/a", "-", "\\n", "undefined")
"""Texts (in lower case) that stand for no value."""

_MAY_BE_MISSING = r"^[ \t\n\r\v\f]|[ \t\n\r\v\f]$|^(?i:" + "|".join(re.escape(text) for text in MISSING) + ")$"

LARGEST = 1e15
"""What is larger is a mistake in the data and no amount or score of anybody; sums stay exact below it."""

_EPOCH = r"^\d{9,17}(\.\d+)?$"
_ZONE = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|z|UTC|GMT|[+-]\d{2}(:?\d{2})?)$"

_MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_MAIL_TIME = r"^([A-Za-z]{3},\s*)?\d{1,2} [A-Za-z]{3} \d{4} \d{2}:\d{2}(:\d{2})? ([+-]\d{4}|GMT|UTC?|Z)$"

Text = Any
"""An Ibis string expression (Ibis ships no types)."""


@ibis.udf.scalar.builtin(name="make_timestamptz", signature=((dt.int64,), INSTANT))
def _from_microseconds(microseconds):  # type: ignore[no-untyped-def]
    """Return the instant so many microseconds after 1970 in UTC."""


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, dt.Timestamp()), INSTANT))
def _at_zone(zone, local):  # type: ignore[no-untyped-def]
    """Return the instant at which the clocks of `zone` show `local`."""


def present(text: Text) -> Text:
    """Return `text` trimmed, or null where it stands for no value (empty, NULL, N/A, -)."""
    # To trim and to compare is slow, and few values need it.
    trimmed = text.strip()
    looked_at = trimmed.lower().isin(MISSING).ifelse(ibis.null("string"), trimmed)
    return text.re_search(_MAY_BE_MISSING).ifelse(looked_at, text)


def instant(text: Text, zone: str | None) -> Text:
    """Return the instant that `text` writes, in UTC, or null where it cannot be read.

    Read are ISO 8601 with a zone, seconds, milliseconds or microseconds since 1970, times as mails carry
    them (RFC 2822: `Tue, 31 Aug 2010 20:36:28 +0000`) and, where `zone` is given, ISO 8601 without a zone
    as the clocks of `zone` show it.
    """
    number = text.try_cast("float64")
    factor = ibis.cases((number < 1e11, 1e6), (number < 1e14, 1e3), else_=1.0)
    local = ibis.null(INSTANT) if zone is None else _at_zone(ibis.literal(zone), _wall_clock(text))
    return ibis.cases(
        (text.re_search(_EPOCH), _from_microseconds((number * factor).round().cast("int64"))),
        (text.re_search(_MAIL_TIME), _mail_time(text)),
        (text.re_search(_ZONE), text.upper().try_cast(INSTANT)),
        else_=local,
    )


def instant_problem(text: Text, at: Text) -> tuple[tuple[Text, str, str], ...]:
    """Return what can be wrong with a time `text` that was read as `at`: condition, rule and reason."""
    # Only where it could not be read is it looked at again.
    zoneless = at.isnull().ifelse(~text.re_search(_ZONE) & _wall_clock(text).notnull(), False)
    return (
        (text.isnull(), "missing_time", "The row has no time; every event needs one."),
        (
            zoneless,
            "time_without_zone",
            "The time has no zone; write it as in 2026-03-01T02:00:00Z or set the source's time_zone.",
        ),
        (at.isnull(), "unreadable_time", "The time cannot be read; write it as in 2026-03-01T02:00:00Z."),
    )


def without_tags(text: Text) -> Text:
    """Return a text without the tags of HTML, or null where only they stood in it."""
    return text.re_replace(r"</?[A-Za-z][^>]*>", " ").re_replace(r"\s+", " ").strip().nullif("")


def number(text: Text) -> Text:
    """Return the number below `LARGEST` that `text` writes, or null.

    Decimals stand after a point, or after a comma where that can mean nothing else: "12,50" and "1.234,50" are
    numbers, "1,234.50" is one too, and "1,234" is none, since it may be either.
    """
    text = ibis.cases(
        (text.re_search(r"^[+-]?\d{1,3}(\.\d{3})+,\d+$"), text.replace(".", "").replace(",", ".")),
        (text.re_search(r"^[+-]?\d{1,3}(,\d{3})+\.\d+$"), text.replace(",", "")),
        (text.re_search(r"^[+-]?\d+,(\d{1,2}|\d{4,})$"), text.replace(",", ".")),
        else_=text,
    )
    value = text.try_cast("float64")
    return text.re_search(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$").ifelse(
        (value.abs() < LARGEST).ifelse(value, ibis.null("float64")), ibis.null("float64")
    )


def number_problem(what: str, text: Text, value: Text) -> tuple[Text, str, str]:
    """Return the condition, rule and reason under which `text`, read as `value`, is not the number `what`."""
    return (
        text.notnull() & value.isnull(),
        "not_a_number",
        f"The {what} is no number; write it with digits and a point, as in 1234.50.",
    )


def first_problem(table: ibis.Table, problems: list[tuple[Text, str, str]]) -> ibis.Table:
    """Return `table` with `problem_rule` and `problem_reason` of the first problem that each row has.

    A problem that the table already carries comes before all others.
    """
    # First which of them it is, so that no condition is looked at once for the rule and again for the reason.
    which = table.mutate(
        which_problem=ibis.cases(*((condition, place) for place, (condition, _, _) in enumerate(problems)))
    )
    rule = ibis.cases(*((which.which_problem == place, rule) for place, (_, rule, _) in enumerate(problems)))
    reason = ibis.cases(*((which.which_problem == place, reason) for place, (_, _, reason) in enumerate(problems)))
    if "problem_rule" in table.columns:
        is_given = which.problem_rule.notnull()
        rule, reason = is_given.ifelse(which.problem_rule, rule), is_given.ifelse(which.problem_reason, reason)
    return which.mutate(problem_rule=rule, problem_reason=reason).drop("which_problem")


def _wall_clock(text: Text) -> Text:
    return text.re_search(r"^\d{4}-\d").ifelse(text.try_cast("timestamp"), ibis.null("timestamp"))


def _mail_time(text: Text) -> Text:
    # DuckDB's strptime takes 31 Feb for 3 Mar; a cast refuses it. So the time is written anew as ISO 8601.
    parts = [text.re_extract(r"(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (.*)$", place) for place in (1, 2, 3, 4)]
    day, month, year, rest = parts
    place = ibis.literal(_MONTHS).find(month.upper())
    in_zone = rest.re_replace(r" (GMT|UTC?|Z)$", "+0000").re_replace(r" ([+-])", r"\1")
    written = year.concat("-", (place // 3 + 1).cast("string"), "-", day, " ", in_zone)
    return ((place >= 0) & (place % 3 == 0)).ifelse(written.try_cast(INSTANT), ibis.null(INSTANT))
