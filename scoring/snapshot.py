"""What the steps of scoring read: one snapshot, at versions of the tables that stay the same for the whole step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import pandas as pd
import pyarrow as pa

from features.catalogue import FEATURES_TABLE, features_table
from journeys.config.errors import DataError
from journeys.engine import connect
from journeys.identities.customers import customers_at, founded_by
from journeys.lake.tables import TIMESTAMP
from journeys.lake.workspace import Workspace, snapshot_key
from scoring.customer_records import known_attributes
from training.eligibility import is_eligible


@dataclass(frozen=True)
class Snapshot:
    """One run key in one workspace, with the versions that were current when the step began."""

    workspace: Workspace
    snapshot_at: datetime
    read: Mapping[str, int]

    @property
    def key(self) -> str:
        """The partition value."""
        return snapshot_key(self.snapshot_at)

    def rows(self, table: str, *, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table's rows of this snapshot."""
        with connect(memory=self.workspace.memory) as connection:
            rows = self.workspace.lake.scan(connection, table, version=self.read.get(table))
            rows = rows.filter(rows.snapshot_key == self.key)
            found: pd.DataFrame = (rows.select(*columns) if columns else rows).execute()
        return found

    def features(self) -> pd.DataFrame:
        """Return the customers' features, by customer_id.

        Raises:
            DataError: where this snapshot has none, be they stale or never made.
        """
        features = self.rows(FEATURES_TABLE)
        if features.empty:
            raise DataError(self._missing("features", "features"))
        return features.sort_values("customer_id", ignore_index=True)

    def require_scores(self, scores: pd.DataFrame) -> None:
        """Refuse a snapshot that was not scored, but accept one at which no target applies to anybody.

        Raises:
            DataError: saying what to run.
        """
        if not scores.empty:
            return
        features = self.features()
        targets = self.workspace.project.config.targets.values()
        if "scores" not in self.read or any(is_eligible(features, target).any() for target in targets):
            raise DataError(self._missing("scores", "score"))

    def attributes(self) -> pd.DataFrame:
        """Return customer_id, attribute, value of the attributes that scoring uses."""
        named = self.workspace.project.config.value.at_risk_attribute
        names = {"owner", named} if named else {"owner"}
        with connect(memory=self.workspace.memory) as connection:
            return known_attributes(connection, self.workspace.lake, self.snapshot_at, names, versions=self.read)

    def past_contacts(self) -> pd.DataFrame:
        """Return customer_id, action, snapshot_at of earlier contacts, as far back as any rule looks.

        The would-be contacts of the holdout are among them. Of a customer merged away since, a contact
        counts for whoever remains.
        """
        actions = self.workspace.project.config.playbook.actions
        reach = max([timedelta(days=30), *(action.cool_off for action in actions)])
        begin, end = (ibis.literal(at).cast("timestamp('UTC')") for at in (self.snapshot_at - reach, self.snapshot_at))
        with connect(memory=self.workspace.memory) as connection:
            past = self.workspace.lake.scan(connection, "contacts", version=self.read.get("contacts"))
            past = past.filter(past.snapshot_at >= begin, past.snapshot_at < end)
            found: pd.DataFrame = past.select("customer_id", "action", "snapshot_at").execute()
        became = self.became(found["customer_id"])
        return found.assign(customer_id=[became.get(customer_id, customer_id) for customer_id in found["customer_id"]])

    def became(self, customer_ids: Iterable[str]) -> dict[str, str]:
        """Return those of the customers who are somebody else at the snapshot, and whom.

        A customer is named by the identifier that founded it, and whoever that belongs to at the snapshot
        is whom the customer became: also where history loaded since says that it never was a customer.
        """
        asked = pa.table({"asked_id": pa.array(sorted(set(customer_ids)), pa.string())})
        instant = ibis.memtable(pa.table({"snapshot_at": pa.array([self.snapshot_at], TIMESTAMP)}))
        with connect(memory=self.workspace.memory) as connection:
            customers = self.workspace.lake.scan(connection, "customers", version=self.read.get("customers"))
            owners = customers_at(customers, instant)
            founded = owners.mutate(asked_id=founded_by(owners.identifier_id)).semi_join(
                ibis.memtable(asked), "asked_id"
            )
            found = founded.filter(founded.asked_id != founded.customer_id).select("asked_id", "customer_id").execute()
        return dict(zip(found["asked_id"], found["customer_id"], strict=True))

    def _missing(self, what: str, command: str) -> str:
        at = self.snapshot_at.isoformat()
        return f"There are no {what} at the snapshot {at}; run 'desirelines --snapshot-at {at} {command}' first."


def open_snapshot(workspace: Workspace, snapshot_at: datetime, tables: Sequence[str]) -> Snapshot:
    """Return the snapshot with the current versions of `tables` pinned."""
    workspace.lake.declare(features_table(workspace.project.config))
    return Snapshot(workspace, snapshot_at, workspace.lake.versions([FEATURES_TABLE, *tables]))
