"""What accepted records become: rows of the tables, each new to the lake and in it only once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from journeys.config.journey_yaml import JourneyConfig
from journeys.engine import materialize
from journeys.sources.personal import PHONE, mask_identifiers
from journeys.touchpoints.flags import flagged
from journeys.touchpoints.identifiers import keyed_hash
from journeys.touchpoints.judge import Profiles
from journeys.touchpoints.languages import with_languages
from journeys.touchpoints.masking import mask_text
from journeys.touchpoints.statements import new_attributes, new_consents

_NAMES_A_PERSON = rf"@|%40|{PHONE}|(^|\D)00[1-9]\d{{9,13}}(\D|$)"
"""A source's key that holds an e-mail address or a phone number is not of the source's own making: it is hashed."""


@dataclass(frozen=True)
class Existing:
    """What the lake holds of the source from files other than those of the batch."""

    touchpoints: ibis.Table
    vault: ibis.Table
    attributes: ibis.Table
    consents: ibis.Table
    links: ibis.Table


@dataclass(frozen=True)
class Outputs:
    """New rows by table (without loaded_at), and which accepted records are new: load_id, line, is_new, is_touchpoint."""

    rows: dict[str, ibis.Table]
    verdicts: ibis.Table


def keyed(records: ibis.Table, source_name: str, key: bytes) -> ibis.Table:
    """Return records with source_record_id (the vendor's key, else a hash of the row), has_own_key and touchpoint_id.

    Whatever may hold personal data is hashed with the key, so that nobody can try addresses out against the lake.
    """
    # The key comes as data, not as a literal: the text of a query may end up in an error message.
    records = records.cross_join(ibis.memtable({"secret": [key.hex()]}))
    given, case_id = records.source_record_id, records.case_id
    hashed = keyed_hash(records.secret, "record", given.fill_null(records.raw))
    records = records.mutate(
        has_own_key=given.notnull(),
        source_record_id=(given.isnull() | given.re_search(_NAMES_A_PERSON)).ifelse(hashed, given),
        case_id=case_id.re_search(_NAMES_A_PERSON).ifelse(keyed_hash(records.secret, "case", case_id), case_id),
    ).drop("secret")
    return records.mutate(
        touchpoint_id=ibis.literal(f"{source_name}\n")
        .concat(records.source_record_id)
        .hexdigest("sha256")
        .substr(0, 32)
    )


def about(connection: Any, existing: Existing, accepted: ibis.Table, profiles: Profiles) -> Existing:
    """Return only what the lake holds of the records and identifiers of the batch: a day is compared with no more."""
    named = profiles.named.select("identifier_id").distinct()
    strongest = profiles.named.filter(profiles.named.place == 0).select(left_identifier_id="identifier_id").distinct()
    touchpoints = existing.touchpoints.select("touchpoint_id").semi_join(accepted, "touchpoint_id").distinct()
    return Existing(
        touchpoints=materialize(connection, touchpoints, "existing_touchpoints"),
        vault=materialize(connection, existing.vault.semi_join(named, "identifier_id"), "existing_vault"),
        attributes=materialize(
            connection, existing.attributes.semi_join(named, "identifier_id"), "existing_attributes"
        ),
        consents=materialize(connection, existing.consents.semi_join(named, "identifier_id"), "existing_consents"),
        links=materialize(connection, existing.links.semi_join(strongest, "left_identifier_id"), "existing_links"),
    )


def build_outputs(
    connection: Any,
    accepted: ibis.Table,
    profiles: Profiles,
    existing: Existing,
    *,
    source_name: str,
    channel: str,
    currency: str,
    config: JourneyConfig,
) -> Outputs:
    """Return the new rows that accepted records bring.

    Args:
        connection: the connection on which everything is computed.
        accepted: accepted records with keys, mapped names, `file_rank` and `position`.
        profiles: who they are about.
        existing: what the lake holds from other files.
        source_name: the source.
        channel: the source's channel, where neither rule nor record has one.
        currency: of amounts that carry none.
        config: what is flagged, and which identifiers say who somebody is.
    """
    ranked = _ranked(connection, accepted, existing)
    first = ranked.filter(ranked.is_first)
    attributes = materialize(connection, new_attributes(first, existing.attributes), "attributes")
    consents = materialize(connection, new_consents(first, existing.consents), "consents")
    links = materialize(connection, _links(first, profiles, source_name), "links")
    vault = materialize(connection, _vault(first, profiles, existing, source_name), "vault")
    happened = first.filter(first.is_touchpoint)
    return Outputs(
        rows={
            "identifier_vault": vault,
            **_by_owner(attributes, profiles, source_name),
            "consents": consents.drop("position").mutate(source=ibis.literal(source_name)),
            "identifier_links": links,
            "touchpoint_texts": with_languages(connection, _texts(happened)),
            "touchpoint_flags": flagged(happened, profiles, config.quality, config.identities),
            "touchpoints": _touchpoints(happened, source_name, channel, currency),
        },
        verdicts=_verdicts(ranked, [attributes, consents], links, vault, profiles, existing),
    )


def _ranked(connection: Any, accepted: ibis.Table, existing: Existing) -> ibis.Table:
    """Return accepted records with is_touchpoint, and is_first: neither in the lake nor earlier in the batch."""
    marked = accepted.mutate(is_touchpoint=accepted.event.notnull())
    there = existing.touchpoints.mutate(is_there=True)
    counts = accepted.group_by("touchpoint_id").agg(copies=accepted.count())
    repeated = materialize(connection, counts.filter(counts.copies > 1).select("touchpoint_id"), "repeated")
    if not repeated.count().to_pyarrow().as_py() + there.count().to_pyarrow().as_py():
        return marked.mutate(is_first=ibis.literal(True))  # to look for copies is slow, and mostly there are none
    place = ["file_rank", "position"]
    copies = accepted.select("touchpoint_id", *place).semi_join(repeated, "touchpoint_id")
    order = ibis.window(group_by="touchpoint_id", order_by=place)
    again = copies.mutate(copy=ibis.row_number().over(order)).filter(lambda table: table.copy > 0)
    again = again.select(*place, is_again=ibis.literal(True))
    ranked = marked.left_join(again, place).drop("file_rank_right", "position_right")
    ranked = ranked.left_join(there, "touchpoint_id").drop("touchpoint_id_right")
    # What a table says of customers may change and change back: equal rows without a key are not one row.
    says_only = ~ranked.is_touchpoint & ~ranked.has_own_key
    is_first = (ranked.is_again.isnull() | says_only) & ranked.is_there.isnull()
    return materialize(connection, ranked.mutate(is_first=is_first).drop("is_again", "is_there"), "ranked")


def _touchpoints(happened: ibis.Table, source_name: str, channel: str, currency: str) -> ibis.Table:
    happened = happened.order_by("event_at", "file_rank", "position")  # neighbours in time lie together on disk
    default_currency = happened.amount.notnull().ifelse(ibis.literal(currency), ibis.null("string"))
    return happened.select(
        *("touchpoint_id", "source_record_id", "event_at", "known_at", "category", "touchpoint", "amount", "score"),
        *("identifier_ids", "case_id", "properties", "load_id"),
        source=ibis.literal(source_name),
        source_position=happened.position,
        channel=ibis.coalesce(happened.rule_channel, mask_identifiers(happened.channel), ibis.literal(channel)),
        currency=ibis.coalesce(happened.currency, default_currency),
    )


def _texts(happened: ibis.Table) -> ibis.Table:
    written = happened.filter(happened.text.notnull())
    return written.select("touchpoint_id", "load_id", text=mask_text(written.text))


def _by_owner(attributes: ibis.Table, profiles: Profiles, source_name: str) -> dict[str, ibis.Table]:
    """Return the attributes of customers and those of accounts: a record that names a person speaks of the person."""
    rows = attributes.drop("position").mutate(source=ibis.literal(source_name))
    accounts = profiles.named.filter(profiles.named.is_account).select("identifier_id").distinct()
    return {
        "customer_attributes": rows.anti_join(accounts, "identifier_id"),
        "account_attributes": rows.semi_join(accounts, "identifier_id").rename(account_id="identifier_id"),
    }


def _links(first: ibis.Table, profiles: Profiles, source_name: str) -> ibis.Table:
    """Return which identifiers stood in one record: the strongest with each other one, once a file and month.

    By the month, so that how often two were seen together by an instant is known well enough of any past.
    """
    month = first.known_at.truncate("M")
    used = first.group_by("load_id", "profile", month=month).agg(
        known_at=first.known_at.min(), last_known_at=first.known_at.max(), count_records=first.count()
    )
    named = profiles.named
    strongest = named.filter(named.place == 0).select("profile", left_identifier_id="identifier_id", left_type="type")
    others = named.filter(named.place > 0).select("profile", right_identifier_id="identifier_id", right_type="type")
    pairs = used.join(strongest, "profile").join(others, "profile")
    links = pairs.group_by("load_id", "left_identifier_id", "right_identifier_id", "month").agg(
        left_type=pairs.left_type.first(),
        right_type=pairs.right_type.first(),
        known_at=pairs.known_at.min(),
        last_known_at=pairs.last_known_at.max(),
        count_records=pairs.count_records.sum(),
    )
    return links.drop("month").mutate(source=ibis.literal(source_name))


def _vault(first: ibis.Table, profiles: Profiles, existing: Existing, source_name: str) -> ibis.Table:
    """Return the identifiers that the source names for the first time, or earlier than before."""
    used = first.group_by("profile", "load_id", "file_rank").agg(known_at=first.known_at.min())
    rows = used.join(profiles.named, "profile")
    values = rows.group_by("identifier_id").agg(
        type=rows["type"].first(order_by=[rows.file_rank, rows.profile]),
        value=rows["value"].first(order_by=[rows.file_rank, rows.profile]),
        known_at=rows.known_at.min(),
        load_id=rows.load_id.first(order_by=[rows.file_rank, rows.profile]),
    )
    before = existing.vault.group_by("identifier_id").agg(first_known_at=existing.vault.known_at.min())
    joined = values.left_join(before, "identifier_id").drop("identifier_id_right")
    new = joined.filter(joined.first_known_at.isnull() | (joined.known_at < joined.first_known_at))
    return new.drop("first_known_at").mutate(source=ibis.literal(source_name))


def _verdicts(
    ranked: ibis.Table,
    statements: Sequence[ibis.Table],
    links: ibis.Table,
    vault: ibis.Table,
    profiles: Profiles,
    existing: Existing,
) -> ibis.Table:
    """Return of each accepted record whether it brings something new.

    A touchpoint is new by its id. A record without a touchpoint is new when it says something new of
    a customer, names an identifier for the first time, or joins two for the first time.
    """
    if not (~ranked.is_touchpoint).any().to_pyarrow().as_py():
        return ranked.select("load_id", "line", "is_touchpoint", is_new=ranked.is_first)
    first = ranked.filter(ranked.is_first)
    openers = _first_of(first.select("profile", "load_id", "file_rank", "position"), "profile")
    pair = ["left_identifier_id", "right_identifier_id"]
    new_links = links.anti_join(existing.links, pair).select(*pair).distinct()
    named = profiles.named
    strongest = named.filter(named.place == 0).select("profile", left_identifier_id="identifier_id")
    others = named.filter(named.place > 0).select("profile", right_identifier_id="identifier_id")
    joins = openers.join(strongest, "profile").join(others, "profile").semi_join(new_links, pair)
    names = openers.join(named.select("profile", "identifier_id"), "profile").semi_join(vault, "identifier_id")
    firsts = (_first_of(joins, *pair), _first_of(names, "identifier_id"), *statements)
    says = ibis.union(*(rows.select("load_id", "position") for rows in firsts)).distinct().mutate(says_new=True)
    joined = ranked.left_join(says, ["load_id", "position"])
    brings = joined.is_touchpoint | joined.says_new.fill_null(False)
    return joined.select("load_id", "line", "is_touchpoint", is_new=joined.is_first & brings)


def _first_of(records: ibis.Table, *columns: str) -> ibis.Table:
    """Return the load_id and position of the first record of each group, with the columns that make the group."""
    place = records.file_rank * 2**40 + records.position  # one number, since windows are slow
    return records.group_by(list(columns)).agg(
        load_id=records.load_id.argmin(place),
        position=records.position.argmin(place),
        file_rank=records.file_rank.min(),
    )


def quarantine_rows(refused: ibis.Table, files: Mapping[str, str], source_name: str) -> ibis.Table:
    """Return refused rows, masked, as rows of the table quarantine; `files` is load_id to file name."""
    names = ibis.memtable(list(files.items()), schema={"load_id": "string", "file": "string"})
    joined = refused.join(names, "load_id")
    key = joined.load_id.concat("\n", joined.line.cast("string"))
    return joined.select(
        *("load_id", "line", "rule", "reason", "file"),
        raw=mask_text(joined.raw),  # file and line say where it stands unmasked
        quarantine_id=key.hexdigest("sha256").substr(0, 32),
        source=ibis.literal(source_name),
    )
