"""Shared identifiers: a family's computer, a kiosk, an office's telephone.

An identifier that was seen with more values of a stronger type than its own type allows is shared from
that instant on, and none of its links to stronger identifiers is followed any more, but for one: the
link to the owner of most records on it, where one has `dominant_share` of them and it has no more than
`max_owners` owners. What anonymous visitors did on it in between is the matter of `owners`.
"""

from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from journeys.config.identifiers import Identities
from journeys.engine import materialize
from journeys.identities.graph import NEVER, Edges, Integers, numbers


@dataclass(frozen=True)
class SharedEdges:
    """Links to follow, and what shared identifiers forbid.

    Attributes:
        edges: links, each as long as it is followed; a link may come back, and then stands twice.
        dropped: links that ended, or were never followed, because an identifier is shared; known_at is that instant.
        shared: numbers of the identifiers that are or were shared.
    """

    edges: Edges
    dropped: Edges
    shared: Integers


def followed_edges(connection: Any, links: ibis.Table, pairs: ibis.Table, rules: Identities) -> SharedEdges:
    """Return which links are followed, and for how long.

    Args:
        connection: where to compute.
        links: `number_links`.
        pairs: `first_sights` of them.
        rules: what each type allows.
    """
    since = materialize(connection, _shared_since(pairs, rules), "shared")
    joined = pairs.left_join(since, "weak")
    is_limited = joined.is_stronger & joined.shared_at.notnull()
    of_shared = joined.filter(is_limited).select("strong", "weak", "known_at", ends_at="shared_at")
    of_others = joined.filter(~is_limited).select("strong", "weak", "known_at", ends_at=ibis.literal(NEVER))
    limited = Edges(**numbers(connection, of_shared))
    before = limited.take(limited.known_at < limited.ends_at)
    changing = _without_breaks(before.and_more(_dominant_edges(connection, links, since, rules)))
    # Most links are of identifiers that nobody shares: their columns are never held twice.
    followed = Edges(**numbers(connection, ibis.union(of_others, _as_table(changing))))
    return SharedEdges(followed, _dropped(limited, changing), numbers(connection, since.select("weak"))["weak"])


def _as_table(edges: Edges) -> ibis.Table:
    kinds = {"strong": pa.int32(), "weak": pa.int32(), "known_at": pa.int64(), "ends_at": pa.int64()}
    return ibis.memtable(pa.table({name: pa.array(getattr(edges, name), kind) for name, kind in kinds.items()}))


def _dropped(links: Edges, followed: Edges) -> Edges:
    """Return the links of shared identifiers that are not followed, known_at the instant from which they are not."""
    ended = followed.take(followed.ends_at != NEVER)
    starts = {*zip(followed.strong.tolist(), followed.weak.tolist(), followed.known_at.tolist(), strict=True)}
    told = zip(links.strong.tolist(), links.weak.tolist(), links.known_at.tolist(), strict=True)
    never = links.take(np.array([link not in starts for link in told], dtype=bool))
    return Edges(ended.strong, ended.weak, ended.ends_at, ended.ends_at).and_more(never)


def _shared_since(pairs: ibis.Table, rules: Identities) -> ibis.Table:
    """Return weak, shared_at, owner_type, closed_at of the shared identifiers.

    `owner_type` is the strongest type of which there are too many, `closed_at` the instant from which
    there are more than `max_owners` of it (NEVER while there are not).
    """
    kinds = pairs.filter(pairs.is_stronger).select("strong_type", "weak_type").distinct().to_pyarrow().to_pylist()
    limits = ibis.memtable(
        [
            {**kind, "most": allowed[kind["strong_type"]], "priority": rules.type_of(kind["strong_type"]).priority}
            for kind in kinds
            if kind["strong_type"] in (allowed := rules.type_of(kind["weak_type"]).shared_above)
        ],
        schema={"strong_type": "string", "weak_type": "string", "most": "int64", "priority": "int64"},
    )
    counted = pairs.join(limits, ["strong_type", "weak_type"])
    order = ibis.window(group_by=["weak", "strong_type"], order_by=["known_at", "strong"])
    placed = counted.mutate(place=ibis.row_number().over(order))
    above = placed.group_by("weak", "strong_type").agg(
        priority=placed.priority.min(),
        shared_at=placed.known_at.min(where=placed.place == placed.most),
        closed_at=placed.known_at.min(where=placed.place == rules.max_owners),
    )
    above = above.filter(above.shared_at.notnull())
    strongest = [above.priority, above.strong_type]
    return above.group_by("weak").agg(
        shared_at=above.shared_at.min(),
        owner_type=above.strong_type.first(order_by=strongest),
        closed_at=above.closed_at.fill_null(NEVER).first(order_by=strongest),
    )


def _dominant_edges(connection: Any, links: ibis.Table, since: ibis.Table, rules: Identities) -> Edges:
    """Return the link of each shared identifier to the owner of most of its records, as long as it is that.

    Records count when they were known: the first at the instant of the link, the others when the last
    of them was.
    """
    seen = links.join(since, "weak")
    seen = seen.filter(seen.strong_type == seen.owner_type)
    ends = {"shared_at": seen.shared_at, "closed_at": seen.closed_at}
    first = seen.select("weak", "strong", at=seen.known_at, count=ibis.literal(1, "int64"), **ends)
    others = seen.filter(seen.count_records > 1)
    last = others.select("weak", "strong", at=others.last_known_at, count=others.count_records - 1, **ends)
    counts = ibis.union(first, last)
    counts = counts.filter(counts["at"] < counts.closed_at)
    counts = counts.group_by("weak", "strong", "at").agg(
        count=counts["count"].sum(), shared_at=counts.shared_at.max(), closed_at=counts.closed_at.max()
    )
    # Of every owner at every instant of its identifier: how many records were known by then.
    instants = counts.group_by("weak", "at").agg(all_at=counts["count"].sum())
    owners = counts.select("weak", "strong", "shared_at", "closed_at").distinct()
    grid = instants.join(owners, "weak").left_join(
        counts.select("weak", "strong", "at", "count"), ["weak", "strong", "at"]
    )
    grid = grid.select("weak", "strong", "at", "shared_at", "closed_at", "all_at", count=grid["count"].fill_null(0))
    line = ibis.window(group_by=["weak", "strong"], order_by="at")
    so_far = ibis.cumulative_window(group_by=["weak", "strong"], order_by="at")
    known = grid.mutate(
        mine=grid["count"].sum().over(so_far),
        all_records=grid.all_at.sum().over(so_far),
        next_at=grid["at"].lead().over(line),
    )
    spans = known.mutate(
        starts=ibis.greatest(known["at"], known.shared_at),
        until=ibis.least(known.next_at.fill_null(NEVER), known.closed_at),
    )
    dominant = spans.filter((spans.mine >= spans.all_records * rules.dominant_share) & (spans.starts < spans.until))
    found = dominant.select("strong", "weak", known_at="starts", ends_at="until")
    return Edges(**numbers(connection, materialize(connection, found, "dominant")))


def _without_breaks(edges: Edges) -> Edges:
    """Return edges of which one that goes on where another of the same two ended is one with it."""
    ordered = edges.take(np.lexsort((edges.known_at, edges.strong, edges.weak)))
    goes_on = np.zeros(len(ordered), dtype=bool)
    goes_on[1:] = (
        (ordered.strong[1:] == ordered.strong[:-1])
        & (ordered.weak[1:] == ordered.weak[:-1])
        & (ordered.known_at[1:] == ordered.ends_at[:-1])
    )
    starts = np.flatnonzero(~goes_on)
    last = np.append(starts, len(ordered))[1:] - 1
    return Edges(ordered.strong[starts], ordered.weak[starts], ordered.known_at[starts], ordered.ends_at[last])
