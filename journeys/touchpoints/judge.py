"""Judging: who a record is about, when it could be known, and whether it is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis

from journeys.config.identifiers import Identities
from journeys.config.sources import Source
from journeys.engine import materialize
from journeys.sources.record import IDENTIFIERS, INSTANT
from journeys.touchpoints.identifiers import identify

FUTURE_TOLERANCE = timedelta(minutes=5)
"""How far a vendor's clock may run ahead of ours before its event lies in the future."""

_FIRST_INSTANT = "1970-01-01T00:00:00Z"


@dataclass(frozen=True)
class Profiles:
    """The distinct sets of identifiers that the records of a batch carry.

    Attributes:
        named: one row per set and identifier: profile, identifier_id, type, value, is_account, place (0 is the strongest).
        sets: one row per set: profile, identifier_ids (strongest first); not of those that identify nobody,
            and without them.
    """

    named: ibis.Table
    sets: ibis.Table


def find_profiles(connection: Any, records: ibis.Table, identities: Identities, key: bytes) -> Profiles:
    """Return who the records are about: identifiers spelled one way, hashed, and ordered by strength.

    Work is done once a distinct set of identifiers, of which there are far fewer than records.
    """
    distinct = records.filter(records.profile.notnull()).select("profile").distinct()
    listed = distinct.mutate(pair=distinct.profile.cast("json").cast(IDENTIFIERS))  # as `read_files` wrote them
    pairs = listed.unnest("pair", offset="ordinal")
    pairs = pairs.select("profile", "ordinal", type=pairs.pair["type"], value=pairs.pair["value"])
    pairs = pairs.filter(pairs["value"].notnull())
    kinds = identities.profile_types
    spelling = identify(pairs, key=key, blocked_values=identities.blocked_values, profile_types=kinds)
    spelled = materialize(connection, spelling, "spelled")
    types = spelled["type"].to_pyarrow().unique().to_pylist()
    strengths = ibis.memtable(
        [{"type": kind, "priority": identities.type_of(kind).priority} for kind in types],
        schema={"type": "string", "priority": "int64"},
    )
    ranked = spelled.join(strengths, "type")
    once = ranked.group_by("profile", "identifier_id").agg(
        type=ranked["type"].first(),
        value=ranked["value"].first(),
        priority=ranked.priority.min(),
        ordinal=ranked.ordinal.min(),
    )
    accounts = [kind for kind in types if identities.type_of(kind).is_account]
    once = once.mutate(is_profile=once["type"].isin(kinds), is_account=once["type"].isin(accounts))
    order = ibis.window(group_by="profile", order_by=["is_profile", "priority", "ordinal", "identifier_id"])
    named = materialize(connection, once.mutate(place=ibis.row_number().over(order)), "named")
    naming = named.filter(~named.is_profile)
    sets = naming.group_by("profile").agg(identifier_ids=naming.identifier_id.collect(order_by=naming.place))
    return Profiles(named, materialize(connection, sets, "sets"))


def judged_records(
    connection: Any,
    records: ibis.Table,
    source: Source,
    identities: Identities,
    key: bytes,
    *,
    now: datetime,
    frontier: datetime | None,
) -> tuple[Profiles | None, ibis.Table]:
    """Return who the records of a source are about (None where of nobody), and the records as `judge` returns them."""
    if source.is_spend:
        # What a day cost is known when the day is over.
        return None, judge(records, None, now=now, lag=source.lag + timedelta(days=1), frontier=frontier)
    profiles = find_profiles(connection, records, identities, key)
    return profiles, judge(records, profiles, now=now, lag=source.lag, frontier=frontier)


def judge(
    records: ibis.Table, profiles: Profiles | None, *, now: datetime, lag: timedelta, frontier: datetime | None
) -> ibis.Table:
    """Return the records with identifier_ids, known_at, has_own_known_at, is_late, and the problem of each.

    Args:
        records: records of a batch.
        profiles: who they are about; None where they are about nobody, as spend is.
        now: the clock of the run.
        lag: how long after an event the business knows of it, where the source does not say.
        frontier: the latest known_at of the source's files loaded by earlier runs. A row that should
            have been in them is late: it is known only now.
    """
    joined = _with_identifiers(records, profiles)
    has_own = joined.known_at.notnull()
    usual = joined.event_at + ibis.interval(microseconds=lag // timedelta(microseconds=1))
    clock = ibis.literal(now).cast(INSTANT)
    is_late = ibis.literal(False) if frontier is None else ~has_own & (usual <= ibis.literal(frontier).cast(INSTANT))
    known_at = ibis.cases((has_own, joined.known_at), (is_late, clock), else_=usual)
    latest = clock + ibis.interval(seconds=int(FUTURE_TOLERANCE.total_seconds()))
    rules = (
        (
            (joined.event_at > latest) | (has_own & (joined.known_at > latest)).fill_null(False),
            "future",
            "The time lies in the future; check the clock and the time zone of the source.",
        ),
        (
            joined.event_at < ibis.literal(_FIRST_INSTANT).cast(INSTANT),
            "before_1970",
            "The time lies before 1970, which vendors write where they have none; leave it out or mend it.",
        ),
        (
            joined.identifier_ids.isnull() if profiles else ibis.literal(False),
            "no_identifier",
            "The row names nobody: every identifier in it is missing, malformed, blocked, or shared by many as a name is.",
        ),
    )
    given = joined.problem_rule.notnull()
    return joined.mutate(
        known_at=ibis.greatest(known_at, joined.event_at),
        has_own_known_at=has_own,
        is_late=is_late,
        problem_rule=ibis.cases((given, joined.problem_rule), *((broken, rule) for broken, rule, _ in rules)),
        problem_reason=ibis.cases((given, joined.problem_reason), *((broken, reason) for broken, _, reason in rules)),
    )


def _with_identifiers(records: ibis.Table, profiles: Profiles | None) -> ibis.Table:
    if profiles is None:
        return records.mutate(identifier_ids=ibis.null("array<string>"))
    return records.left_join(profiles.sets, "profile").drop("profile_right")


def refused_lines(judged: ibis.Table, profile_types: Sequence[str]) -> ibis.Table:
    """Return one row per refused row of a file: load_id, line, rule, reason, raw.

    A row with several outcomes is refused whole when one of them is. In `raw`, values of `profile_types` are
    replaced by their type: no pattern would know a name when the text is masked.
    """
    bad = judged.filter(judged.problem_rule.notnull())
    for kind in profile_types:
        value = bad.identifiers.filter(lambda pair, kind=kind: pair["type"] == kind)[0]["value"].nullif("")
        bad = bad.mutate(raw=ibis.coalesce(bad.raw.replace(value, f"[{kind}]"), bad.raw))
    return bad.group_by("load_id", "line").agg(
        rule=bad.problem_rule.first(order_by=bad.position),
        reason=bad.problem_reason.first(order_by=bad.position),
        raw=bad.raw.first(order_by=bad.position),
    )


def accepted_records(judged: ibis.Table, refused: ibis.Table, refused_loads: Sequence[str]) -> ibis.Table:
    """Return the records of rows that were not refused, in files that were not refused."""
    kept = judged.filter(~judged.load_id.isin(list(refused_loads))) if refused_loads else judged
    return kept.anti_join(refused, ["load_id", "line"])
