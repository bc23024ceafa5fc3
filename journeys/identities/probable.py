"""The probable tier: customers who are probably the same person. Proposals for people; nothing else reads them."""

from typing import Any

import ibis
import pyarrow as pa

from journeys.config.identifiers import PROFILE_TYPES, Identities
from journeys.engine import connect, materialize
from journeys.identities.customers import current_customers
from journeys.lake.workspace import StepReport, Workspace

TABLE = "identity_probable_links"

_READ = ["identifier_vault", "identifier_links", "identity_decisions", "customers", TABLE]
_TYPES = (*PROFILE_TYPES, "email", "phone")
_PHONE_TAIL = 8


def build_probable_links(workspace: Workspace) -> StepReport:
    """Replace `identity_probable_links` by the pairs of today's customers who are probably the same person.

    With `identities.probable` off nothing is searched, and what an earlier search found is removed. A pair is known
    since the first build that found it.
    """
    lake, rules = workspace.lake, workspace.project.config.identities
    if not rules.probable.is_on:
        if not lake.read(TABLE, columns=["known_at"]).num_rows:
            return StepReport("probable_links")
        return StepReport(
            "probable_links", written={TABLE: _replace(workspace, lake.table(TABLE).schema.empty_table())}
        )
    # Importing it takes half a second, and only who has it on needs it.
    from journeys.identities.linkage import TooLittleToLearnError, probable_pairs  # noqa: PLC0415

    read, notes = lake.versions(_READ), []
    with connect(memory=workspace.memory, threads=1) as connection:

        def scan(name: str) -> ibis.Table:
            return lake.scan(connection, name, version=read.get(name))

        owners = materialize(connection, current_customers(scan("customers")), "owners")
        vault = scan("identifier_vault")
        profiles = gather_profiles(connection, owners, scan("identifier_links"), vault, rules)
        try:
            pairs = probable_pairs(connection, profiles, rules.probable.min_probability)
            allowed = _without_conflicts(pairs, owners, vault, scan("identity_decisions"), rules)
            rows = connection.to_pyarrow(_dated(allowed, scan(TABLE), workspace).order_by(*lake.table(TABLE).key))
        except TooLittleToLearnError:
            rows = lake.table(TABLE).schema.empty_table()
            notes.append(
                "No probable links: too few customers are alike, or too little is known of them, to learn from; give more "
                "of given_name, family_name, birth_date, postcode, city, street, email and phone as identifiers of a source."
            )
        counts = {"profiles": int(connection.to_pyarrow(profiles.count()).as_py()), "probable_links": rows.num_rows}
    return StepReport("probable_links", counts, read, {TABLE: _replace(workspace, rows)}, tuple(notes))


def gather_profiles(
    connection: Any, owners: ibis.Table, links: ibis.Table, vault: ibis.Table, rules: Identities
) -> ibis.Table:
    """Return customer_id and what is known of each: of several values of a type the one told last.

    Columns are those of the types of which there are any values; customers without a name are left out.

    Args:
        connection: where to compute.
        owners: identifier_id and customer_id of today.
        links: the table `identifier_links`.
        vault: the table `identifier_vault`.
        rules: which types are accounts, whose address is nobody's own.
    """
    values = vault.filter(vault["type"].isin(_TYPES))
    values = values.group_by("identifier_id").agg(
        type=values["type"].min(), value=values["value"].min(), known_at=values.known_at.min()
    )
    accounts = [name for name in links.select("left_type").distinct().to_pyarrow()["left_type"].to_pylist() if name]
    accounts = [name for name in accounts if rules.type_of(name).is_account]
    of_people = links.filter(~links.left_type.isin(accounts)) if accounts else links
    told = ibis.union(
        of_people.select(
            owner_id="left_identifier_id",
            identifier_id="right_identifier_id",
            at=ibis.coalesce(of_people.last_known_at, of_people.known_at),
        ),
        values.select(owner_id="identifier_id", identifier_id="identifier_id", at="known_at"),
    )
    told = told.join(values.drop("known_at"), "identifier_id")
    told = told.join(owners.select(owner_id="identifier_id", customer_id="customer_id"), "owner_id")
    told = materialize(connection, told.select("customer_id", "type", "at", value=_comparable(told)), "told")
    kinds = set(told.select("type").distinct().to_pyarrow()["type"].to_pylist())
    order = [told["at"], told["value"]]
    profiles = told.group_by("customer_id").agg(
        **{name: told["value"].last(where=told["type"] == name, order_by=order) for name in _TYPES if name in kinds}
    )
    names = [profiles[name].notnull() for name in ("given_name", "family_name") if name in kinds]
    return materialize(connection, profiles.filter(ibis.or_(*names) if names else False), "profiles")


def _comparable(told: ibis.Table) -> ibis.Value:
    """Return values as they are compared: dates as eight digits with the year first, the tail of phone numbers."""
    value = told["value"]
    year_first = value.re_replace(r"^(\d{2})[./-](\d{2})[./-](\d{4}).*$", r"\3\2\1")
    digits = year_first.re_replace(r"\D", "").left(8).nullif("")
    return ibis.cases(
        (told["type"] == "birth_date", digits), (told["type"] == "phone", value.right(_PHONE_TAIL)), else_=value
    )


def _without_conflicts(
    pairs: ibis.Table, owners: ibis.Table, vault: ibis.Table, decisions: ibis.Table, rules: Identities
) -> ibis.Table:
    """Return pairs without those who hold different values of a unique type, or whom a person put apart."""
    kinds = vault.select("type").distinct().to_pyarrow()["type"].to_pylist()
    unique = [kind for kind in kinds if rules.type_of(kind).is_unique]
    if unique:
        # An identifier is of one customer: two who both have one of a type have different ones.
        held = vault.filter(vault["type"].isin(unique)).join(owners, "identifier_id").select("customer_id", "type")
        both = held.distinct().select(left_customer_id="customer_id", kind="type")
        both = both.join(held.distinct().select(right_customer_id="customer_id", kind="type"), "kind")
        pairs = pairs.anti_join(both, ["left_customer_id", "right_customer_id"])
    left = owners.select(left_identifier_id="identifier_id", one="customer_id")
    right = owners.select(right_identifier_id="identifier_id", other="customer_id")
    apart = decisions.filter(decisions.decision == "apart")
    apart = apart.join(left, "left_identifier_id").join(right, "right_identifier_id")
    apart = apart.select(
        left_customer_id=ibis.least(apart.one, apart.other), right_customer_id=ibis.greatest(apart.one, apart.other)
    )
    return pairs.anti_join(apart, ["left_customer_id", "right_customer_id"])


def _dated(pairs: ibis.Table, before: ibis.Table, workspace: Workspace) -> ibis.Table:
    """Return pairs with the instant since which each is known."""
    pair = ["left_customer_id", "right_customer_id"]
    joined = pairs.left_join(before.select(*pair, known_before="known_at"), pair)
    now = ibis.literal(workspace.now).cast("timestamp('UTC', 6)")
    return joined.select(*pair, "probability", "evidence", known_at=ibis.coalesce(joined.known_before, now))


def _replace(workspace: Workspace, rows: pa.Table) -> int:
    return workspace.lake.replace(TABLE, rows, run_id=workspace.run_id)
