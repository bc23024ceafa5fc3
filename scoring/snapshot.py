"""What the steps of scoring read: one snapshot, at versions of the tables that stay the same for the whole step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import pandas as pd

from features.catalogue import FEATURES_TABLE, features_table
from journeys.config.errors import DataError
from journeys.engine import connect
from journeys.identities.customers import customers_known_by, later_customers
from journeys.lake.workspace import Workspace, snapshot_key
from scoring.customer_records import known_attributes
from scoring.next_best_action import CONTACT_ARMS
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

    def past_decisions(self) -> pd.DataFrame:
        """Return customer_id, action, snapshot_at of earlier contacts, as far back as any rule looks.

        A contact is a decision to act of a snapshot that was pushed, the would-be contacts of the holdout
        among them. Of a customer merged away since, it counts for whoever remains.
        """
        actions = self.workspace.project.config.playbook.actions
        reach = max([timedelta(days=30), *(action.cool_off for action in actions)])
        begin, end = (ibis.literal(at).cast("timestamp('UTC')") for at in (self.snapshot_at - reach, self.snapshot_at))
        with connect(memory=self.workspace.memory) as connection:
            past = self.workspace.lake.scan(connection, "decisions", version=self.read.get("decisions"))
            past = past.filter(past.snapshot_at >= begin, past.snapshot_at < end, past.arm.isin(CONTACT_ARMS))
            pushes = self.workspace.lake.scan(connection, "pushes", version=self.read.get("pushes"))
            past = past.semi_join(pushes, "snapshot_key")
            found: pd.DataFrame = past.select("customer_id", "action", "snapshot_at").execute()
        return found.assign(customer_id=found["customer_id"].replace(self.became()))

    def became(self) -> dict[str, str]:
        """Return the customers who were merged away, as known at the snapshot, and who they were by then."""
        with connect(memory=self.workspace.memory) as connection:
            customers = self.workspace.lake.scan(connection, "customers", version=self.read.get("customers"))
            later = later_customers(customers_known_by(customers, self.snapshot_at))
            found = later.filter(later.earlier_customer_id != later.customer_id).execute()
        return dict(zip(found["earlier_customer_id"], found["customer_id"], strict=True))

    def _missing(self, what: str, command: str) -> str:
        at = self.snapshot_at.isoformat()
        return f"There are no {what} at the snapshot {at}; run 'desirelines --snapshot-at {at} {command}' first."


def open_snapshot(workspace: Workspace, snapshot_at: datetime, tables: Sequence[str]) -> Snapshot:
    """Return the snapshot with the current versions of `tables` pinned."""
    workspace.lake.declare(features_table(workspace.project.config))
    return Snapshot(workspace, snapshot_at, workspace.lake.versions([FEATURES_TABLE, *tables]))
