"""Who is who: identifiers joined into customers, link by link, in the order in which links became known.

Going forward in `known_at` makes the result bitemporal: what was believed at an instant depends
only on links known by then, so a link learned later changes no earlier row.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import pandas as pd

from journeys.config.identifiers import Identities

MEMBERSHIP_COLUMNS = ["identifier_id", "known_at", "known_to", "customer_id", "rule"]


@dataclass
class _Component:
    """One customer in the making."""

    customer_id: str
    first_known_at: pd.Timestamp
    members: list[str]
    values_by_type: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Resolution:
    """The outcome of `resolve`.

    Attributes:
        memberships: which customer each identifier belonged to, from known_at until known_to.
        merges: customers that became one, with the rule and the instant.
        refusals: links not followed, with the rule that forbade them.
    """

    memberships: pd.DataFrame
    merges: pd.DataFrame
    refusals: pd.DataFrame


def customer_id_of(identifier_id: str) -> str:
    """Return the customer that an identifier founds when it is first seen."""
    return f"c_{identifier_id[:24]}"


def resolve(identifiers: pd.DataFrame, links: pd.DataFrame, rules: Identities) -> Resolution:
    """Join identifiers into customers.

    Args:
        identifiers: identifier_id, type, known_at (first seen); one row each.
        links: left_identifier_id, right_identifier_id, left_type, right_type, known_at; the same
            pair may repeat, its first instant counts.
        rules: priorities, unique types, limits and the size that no customer exceeds.

    Returns:
        Memberships, merges and refusals. A link is refused when the two sides hold different values
        of a unique type, when a type's limit would be exceeded, or when the result would be larger
        than `max_component`.
    """
    founded = pd.DataFrame(
        {
            "identifier_id": identifiers["identifier_id"],
            "known_at": identifiers["known_at"],
            "customer_id": "c_" + identifiers["identifier_id"].str[:24],
            "rule": "first_seen",
        }
    )
    ordered = _ordered(links, rules)
    changes, merges, refusals = _follow(identifiers, ordered, rules)
    moved = pd.DataFrame(changes, columns=["identifier_id", "known_at", "customer_id", "rule"])
    memberships = pd.concat([founded, moved.astype(founded.dtypes.to_dict())], ignore_index=True)
    memberships["sequence"] = range(len(memberships))
    # Several moves at one instant are one change: the last is what was believed from then on.
    memberships = memberships.sort_values(["identifier_id", "known_at", "sequence"], kind="stable")
    memberships = memberships.drop_duplicates(["identifier_id", "known_at"], keep="last")
    memberships["known_to"] = memberships.groupby("identifier_id", sort=False)["known_at"].shift(-1)
    return Resolution(
        memberships=memberships[MEMBERSHIP_COLUMNS].reset_index(drop=True),
        merges=pd.DataFrame(merges, columns=["kept_customer_id", "merged_customer_id", "rule", "known_at"]),
        refusals=pd.DataFrame(refusals, columns=["left_identifier_id", "right_identifier_id", "rule", "known_at"]),
    )


def _ordered(links: pd.DataFrame, rules: Identities) -> pd.DataFrame:
    """Return each pair once, earliest known first, and the stronger first among those of one instant."""
    once = links.sort_values("known_at", kind="stable").drop_duplicates(["left_identifier_id", "right_identifier_id"])
    strength = {name: rules.type_of(name).priority for name in {*once["left_type"], *once["right_type"]}}
    once = once.assign(
        strength=once["left_type"].map(strength).astype("int64") + once["right_type"].map(strength).astype("int64")
    )
    return once.sort_values(["known_at", "strength", "left_identifier_id", "right_identifier_id"], kind="stable")


def _follow(
    identifiers: pd.DataFrame, links: pd.DataFrame, rules: Identities
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], list[tuple[object, ...]]]:
    linked = {*links["left_identifier_id"], *links["right_identifier_id"]}
    known = identifiers[identifiers["identifier_id"].isin(linked)]
    home = {
        identifier: _Component(customer_id_of(identifier), known_at, [identifier], {kind: 1})
        for identifier, kind, known_at in zip(known["identifier_id"], known["type"], known["known_at"], strict=True)
    }
    changes: list[tuple[object, ...]] = []
    merges: list[tuple[object, ...]] = []
    refusals: list[tuple[object, ...]] = []
    columns = ["left_identifier_id", "right_identifier_id", "left_type", "right_type", "known_at"]
    for left, right, left_type, right_type, known_at in links[columns].itertuples(index=False):
        one, other = home.get(left), home.get(right)
        if one is None or other is None or one is other:
            continue
        refusal = _refusal(one, other, rules)
        if refusal:
            refusals.append((left, right, refusal, known_at))
            continue
        kept, merged = sorted((one, other), key=lambda part: (part.first_known_at, part.customer_id))
        rule = f"link:{left_type}-{right_type}"
        merges.append((kept.customer_id, merged.customer_id, rule, known_at))
        changes.extend((member, known_at, kept.customer_id, rule) for member in merged.members)
        for member in merged.members:
            home[member] = kept
        kept.members += merged.members
        for kind, count in merged.values_by_type.items():
            kept.values_by_type[kind] = kept.values_by_type.get(kind, 0) + count
    return changes, merges, refusals


def _refusal(one: _Component, other: _Component, rules: Identities) -> str | None:
    """Return the rule that forbids the two to be one customer, or None."""
    total: defaultdict[str, int] = defaultdict(int)
    for part in (one, other):
        for kind, count in part.values_by_type.items():
            if not rules.type_of(kind).is_reference:
                total[kind] += count
    if sum(total.values()) > rules.max_component:
        return "max_component"
    for kind in sorted(total):
        if rules.type_of(kind).is_unique and total[kind] > 1:
            return f"unique:{kind}"
        if total[kind] > rules.type_of(kind).limit:
            return f"limit:{kind}"
    return None
