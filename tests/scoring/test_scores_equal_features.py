"""Batch scores are the champion's answer to what Feast says of the snapshot."""

from pathlib import Path

import pandas as pd
import pytest

from features.build import build_features
from features.feature_store import historical_features, online_features
from scoring.run import score_customers
from tests.training.businesses import business_in, end
from training.eligibility import is_eligible
from training.registry import load_champion
from training.run import train_target


def test_batch_scores_equal_the_champion_on_feast(tmp_path: Path) -> None:
    """Every score is the promoted model's probability of the features that Feast gives, in history and online."""
    workspace = business_in(tmp_path)
    snapshot_at = end()
    train_target(workspace, "purchase", snapshot_at)
    build_features(workspace, snapshot_at)
    champion = load_champion(workspace, "purchase")
    assert champion is not None
    score_customers(workspace, snapshot_at)

    scores = workspace.lake.read("scores").to_pandas()
    scores = scores[scores["target"] == "purchase"].sort_values("customer_id", ignore_index=True)
    assert set(scores["model_version"]) == {champion.version}
    assert set(scores["unit"]) == {"probability"}

    customers = workspace.lake.read("customer_features").to_pandas()
    customers = customers[customers["snapshot_at"] == pd.Timestamp(snapshot_at)]
    asked = customers[["customer_id", "snapshot_at"]].sort_values("customer_id", ignore_index=True)
    historical = historical_features(workspace, asked)
    target = workspace.project.config.targets["purchase"]
    eligible = historical[is_eligible(historical, target)]
    assert 10 < len(eligible) < len(customers)
    assert scores["customer_id"].tolist() == eligible["customer_id"].tolist()
    assert scores["value"].to_numpy() == pytest.approx(champion.predict(eligible), abs=1e-12)
    assert scores["value"].nunique() > 10

    online = online_features(workspace, scores["customer_id"].tolist())
    assert champion.predict(online) == pytest.approx(scores["value"].to_numpy(), abs=1e-12)
