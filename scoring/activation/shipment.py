"""One push to one destination: the rows, the changes, and what every sender must respect."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import pandas as pd

from scoring.activation.ledger import Delivery, Ledger
from scoring.activation.plan import Plan


@dataclass(frozen=True)
class Shipment:
    """What a sender is given.

    Attributes:
        project: name of the project.
        destination: name of the destination.
        snapshot_at: the instant that the lists look from.
        snapshot_key: its partition value.
        run_id: the run that pushes.
        made_at: when the run began.
        plan: the changes against what was delivered before.
        tables: all rows wanted there, with identifiers, by table.
        identifiers: type and value of the identifiers that the changes name, by identifier_id.
        held_out: customers of whom nothing may leave, whatever the other fields say.
        model_versions: target to the version that scored it.
    """

    project: str
    destination: str
    snapshot_at: datetime
    snapshot_key: str
    run_id: str
    made_at: datetime
    plan: Plan
    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    identifiers: Mapping[str, tuple[str, str]] = field(repr=False)
    held_out: frozenset[str]
    model_versions: Mapping[str, str]

    def without_held_out(self) -> "Shipment":
        """Return the shipment without any row or change about a held-out customer.

        Withdrawals stay: they take something back, and act on nobody.
        """

        def allowed(deliveries: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
            return tuple(
                row for row in deliveries if row.operation == "withdraw" or row.customer_id not in self.held_out
            )

        plan = self.plan
        return replace(
            self,
            plan=replace(plan, add=allowed(plan.add), change=allowed(plan.change), resend=allowed(plan.resend)),
            tables={name: rows[~rows["customer_id"].isin(self.held_out)] for name, rows in self.tables.items()},
        )


@dataclass(frozen=True)
class Receipt:
    """What came of a push: how many changes were accepted, refused or left, files written, sentences."""

    count_delivered: int = 0
    count_rejected: int = 0
    count_left: int = 0
    paths: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Sender(Protocol):
    """Delivers shipments to one destination, marking in the ledger what arrived."""

    def push(self, shipment: Shipment, ledger: Ledger) -> Receipt:
        """Write the changes into the ledger, deliver them, and mark them; may be killed anywhere and run again."""
