"""What must be sent so that a destination holds what is wanted: pure, from the wishes and the ledger."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scoring.activation.ledger import Delivery, Operation


@dataclass(frozen=True)
class Wanted:
    """One row that a destination should hold.

    Attributes:
        delivery_key: what it is about, the same from push to push.
        delivered_table: the table it comes from.
        customer_id: whom it is about.
        payload: its content, without personal data.
    """

    delivery_key: str
    delivered_table: str
    customer_id: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """The changes to make at one destination, in the order to send them, and what is already right.

    `resend` are changes of an earlier push that were never answered; they keep their revision, so
    that the receiver recognises them. `refused` and `given_up` count rows that an earlier push could
    not place: they are tried again once their content changes.
    """

    add: tuple[Delivery, ...]
    change: tuple[Delivery, ...]
    withdraw: tuple[Delivery, ...]
    resend: tuple[Delivery, ...]
    unchanged: int
    refused: int = 0
    given_up: int = 0

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """All that is to be sent; what is taken back goes first."""
        return (*self.resend, *self.withdraw, *self.change, *self.add)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows each operation concerns; those sent again count as what they are."""
        found = {
            operation: len(rows) + sum(row.operation == operation for row in self.resend)
            for operation, rows in (("add", self.add), ("change", self.change), ("withdraw", self.withdraw))
        }
        return {**found, "unchanged": self.unchanged, "refused": self.refused, "given_up": self.given_up}


def canonical_json(payload: Mapping[str, Any]) -> str:
    """Return one text for equal contents: sorted keys, no spaces.

    >>> canonical_json({"b": 1, "a": None})
    '{"a":null,"b":1}'
    """
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def payload_hash(text: str) -> str:
    """Return the hash of a content in canonical JSON."""
    return hashlib.sha256(text.encode()).hexdigest()


def plan(
    wanted: Sequence[Wanted], known: Sequence[Delivery], *, destination: str, snapshot_key: str, run_id: str
) -> Plan:
    """Return what to send so that `destination` holds exactly `wanted`.

    Lists (at_risk, hot_leads) are what holds now: a row that is no longer wanted is withdrawn. A decision
    belongs to its snapshot: later snapshots leave it alone, and only a changed decision of the same
    snapshot is withdrawn.

    Args:
        wanted: all rows of the destination's tables.
        known: what the ledger has for this destination and these tables.
        destination: its name.
        snapshot_key: the snapshot that is pushed.
        run_id: the run that pushes.
    """
    rows = {delivery.delivery_key: delivery for delivery in known}
    found: dict[str, list[Delivery]] = {"add": [], "change": [], "withdraw": [], "resend": []}
    settled = {"delivered": 0, "rejected": 0, "dead": 0}
    for wish in wanted:
        text = canonical_json(wish.payload)
        row = rows.pop(wish.delivery_key, None)
        if row and row.operation != "withdraw" and row.payload_hash == payload_hash(text):
            if row.state in {"pending", "sent"}:
                found["resend"].append(row)
            else:
                settled[row.state] += 1
            continue
        operation: Operation = "change" if row and _may_be_there(row) else "add"
        found[operation].append(
            Delivery(
                destination=destination,
                delivery_key=wish.delivery_key,
                delivered_table=wish.delivered_table,
                snapshot_key=snapshot_key,
                customer_id=wish.customer_id,
                operation=operation,
                revision=row.revision + 1 if row else 1,
                payload_hash=payload_hash(text),
                state="pending",
                attempts=0,
                response_id=None,
                before=_content(row) if operation == "change" and row else None,
                after=text,
                run_id=run_id,
                sent_at=None,
            )
        )
    for row in rows.values():
        if row.delivered_table == "decisions" and row.snapshot_key != snapshot_key:
            continue
        if row.operation == "withdraw":
            if row.state in {"pending", "sent"}:
                found["resend"].append(row)
        elif _may_be_there(row):
            found["withdraw"].append(_withdrawal(row, snapshot_key, run_id))
    return Plan(
        **{name: tuple(deliveries) for name, deliveries in found.items()},
        unchanged=settled["delivered"],
        refused=settled["rejected"],
        given_up=settled["dead"],
    )


def _may_be_there(row: Delivery) -> bool:
    """Whether the destination may hold something under this key: not after a withdrawal or a refused first row."""
    if row.operation == "withdraw":
        return row.state != "delivered"
    return not (row.operation == "add" and row.state == "rejected")


def _content(row: Delivery) -> str | None:
    """Return what the destination holds as far as is known."""
    return row.after if row.state == "delivered" else row.before


def _withdrawal(row: Delivery, snapshot_key: str, run_id: str) -> Delivery:
    return replace(
        row,
        snapshot_key=snapshot_key,
        operation="withdraw",
        revision=row.revision + 1,
        state="pending",
        attempts=0,
        response_id=None,
        before=_content(row),
        run_id=run_id,
        sent_at=None,
    )
