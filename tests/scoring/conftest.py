"""A small business whose customers, features and attributes stand in drawn tables."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.catalogue import features_table
from journeys.config.journey_yaml import parse_config
from journeys.config.project import Project
from journeys.lake.delta import Lake
from journeys.lake.workspace import Workspace, snapshot_key

SNAPSHOT = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

PLAYBOOK: dict[str, Any] = {
    "holdout_share": 0.0,
    "actions": [
        {
            "name": "call",
            "target": "churn",
            "channel": "phone",
            "text": "Call about the renewal.",
            "min_score": 0.5,
            "when": [{"feature": "days_since_last_touchpoint", "at_least": 10}],
            "cost_amount": 5,
            "expected_effect": -0.1,
            "effect_source": "pilot of last spring",
        },
        {
            "name": "send_guide",
            "target": "churn",
            "channel": "email",
            "text": "Send the guide.",
            "expected_effect": -0.02,
            "effect_source": "team's estimate",
        },
    ],
}


class FakeChampion:
    """A champion whose probability is a column of the features; its contributions follow from two columns."""

    version = "7"
    feature_names = ["days_since_last_touchpoint", "count_support_30d"]

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        return np.clip(frame["days_since_last_touchpoint"].to_numpy(dtype=float) / 40, 0.01, 0.99)

    def contributions(self, frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "days_since_last_touchpoint": frame["days_since_last_touchpoint"].astype(float) - 10,
                "count_support_30d": frame["count_support_30d"].astype(float),
            }
        )


@pytest.fixture
def make_workspace(tmp_path: Path) -> Callable[..., Workspace]:
    """Return a maker of workspaces over one lake; sections of journey.yaml come as keywords."""

    def make(now: datetime = SNAPSHOT + timedelta(hours=2), run_id: str = "run-1", **sections: Any) -> Workspace:
        raw = {
            "project": "drawn",
            "sources": {"web": {"vendor": "segment", "files": "*.jsonl"}},
            "stages": [{"name": "start"}, {"name": "use"}, {"name": "left"}],
            "outcomes": [
                {"name": "cancelled", "kind": "negative", "touchpoints": ["cancel"]},
                {"name": "bought", "kind": "positive", "touchpoints": ["buy"]},
            ],
            "targets": {
                "churn": {"outcome": "cancelled", "kind": "churn", "high_risk_share": 0.3},
                "purchase": {"outcome": "bought", "kind": "conversion", "high_risk_share": 0.3},
            },
            "value": {"per_conversion_amount": 100},
            "playbook": PLAYBOOK,
            **sections,
        }
        project = Project(parse_config(raw), tmp_path, tmp_path, tmp_path / "home")
        return Workspace(project, Lake(str(project.lake_dir)), now, run_id, b"key")

    return make


@pytest.fixture
def write_customers() -> Callable[..., None]:
    """Return a writer of customers with an e-mail and a user id each, their features and their attributes."""

    def write(workspace: Workspace, rows: Sequence[dict[str, Any]], at: datetime = SNAPSHOT) -> None:
        key = snapshot_key(at)
        declared = features_table(workspace.project.config)
        workspace.lake.declare(declared)
        features = [
            {
                "stage": "use",
                "is_journey_open": True,
                "count_support_30d": 0,
                "trend_touchpoints_30d": 0.5,
                **{name: value for name, value in row.items() if name in declared.columns},
                "snapshot_at": at,
                "known_at": at,
                "snapshot_key": key,
            }
            for row in rows
        ]
        workspace.lake.replace(
            "customer_features",
            pa.Table.from_pylist(features, schema=declared.schema),
            run_id="drawn",
            where={"snapshot_key": [key]},
        )
        write_table(workspace, "customers", [owner for row in rows for owner in _owners(row["customer_id"])])
        write_table(workspace, "identifier_vault", [entry for row in rows for entry in _vault(row["customer_id"])])
        attributes = [
            {
                "identifier_id": f"user-{row['customer_id']}",
                "attribute": name,
                "valid_from": LONG_AGO,
                "known_at": LONG_AGO,
                "value": str(row[name]),
                "source": "crm",
                "load_id": "load",
            }
            for row in rows
            for name in ("owner", "contract_value")
            if name in row
        ]
        write_table(workspace, "customer_attributes", attributes)

    return write


def write_table(workspace: Workspace, name: str, rows: list[dict[str, Any]]) -> None:
    """Replace a table of the lake by drawn rows."""
    schema = workspace.lake.table(name).schema
    workspace.lake.replace(name, pa.Table.from_pylist(rows, schema=schema), run_id="drawn")


def read_table(workspace: Workspace, name: str) -> pd.DataFrame:
    """Return a table of the lake."""
    return workspace.lake.read(name).to_pandas()


def _owners(customer_id: str) -> list[dict[str, Any]]:
    shared = {"customer_id": customer_id, "known_at": LONG_AGO, "known_to": None, "rule": "founder", "confidence": 1.0}
    return [{"identifier_id": f"{kind}-{customer_id}", **shared} for kind in ("user", "email")]


def _vault(customer_id: str) -> list[dict[str, Any]]:
    shared = {"known_at": LONG_AGO, "load_id": "load"}
    return [
        {"identifier_id": f"user-{customer_id}", "type": "user_id", "value": f"U{customer_id}", **shared},
        {"identifier_id": f"email-{customer_id}", "type": "email", "value": f"{customer_id}@example.com", **shared},
    ]
