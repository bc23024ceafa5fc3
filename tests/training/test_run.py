"""Training of one target, from the lake to MLflow."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mlflow import MlflowClient

from features.catalogue import features_of
from journeys.config.errors import ConfigError, DataError
from journeys.config.journey_yaml import parse_config
from journeys.lake.workspace import StepReport, Workspace
from tests.training.businesses import TARGETS, business_in, end
from training.dataset import build_dataset
from training.model import to_matrix
from training.registry import load_champion
from training.run import train_target

LEARNERS = ["candidate", "xgboost", "base_rate", "recency_rule"]
FIGURES = ["auc", "average_precision", "lift_10", "calibration_error", "brier", "log_loss"]


@dataclass
class Trained:
    """A business whose target was trained three times: promoted, later not promoted, and with the same data promoted."""

    workspace: Workspace
    client: MlflowClient
    reports: list[StepReport]
    aliases: list[dict[str, str]]

    def run(self, version: int) -> Any:
        """Return the MLflow run of a version."""
        return self.client.get_run(self.client.get_model_version("made_up.purchase", str(version)).run_id)

    def artifacts(self, version: int) -> Path:
        """Return the folder of a version's artifacts."""
        run_id = self.client.get_model_version("made_up.purchase", str(version)).run_id
        return self.workspace.project.mlflow_dir / "artifacts" / run_id / "artifacts"


def _with_target(workspace: Workspace, name: str, **changes: Any) -> Workspace:
    """Return the workspace with settings of a target changed."""
    raw = workspace.project.config.model_dump(mode="json")
    raw["targets"][name] |= changes
    return replace(workspace, project=replace(workspace.project, config=parse_config(raw)))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return business_in(tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="module")
def trained(workspace: Workspace) -> Trained:
    strict = _with_target(workspace, "purchase", gate={**TARGETS["purchase"]["gate"], "min_auc_low": 0.999})
    client = MlflowClient(f"sqlite:///{workspace.project.mlflow_dir / 'mlflow.db'}")
    found = Trained(workspace, client, [], [])
    for used, known_until in ((workspace, end(13)), (strict, end()), (workspace, end())):
        found.reports.append(train_target(used, "purchase", known_until))
        found.aliases.append(client.get_registered_model("made_up.purchase").aliases)
    return found


def test_the_report(trained: Trained) -> None:
    """The report counts rows and positives, gives the AUC with its interval, and says what became of the model."""
    first, refused, again = trained.reports
    assert first.step == "train purchase"
    assert set(first.counts) == {"rows", "positives", "training_rows", "test_rows", "auc", "auc_low", "auc_high"}
    assert first.counts["rows"] > first.counts["training_rows"] + first.counts["test_rows"], "the embargo is left out"
    assert first.counts["auc_low"] < first.counts["auc"] < first.counts["auc_high"]
    assert first.notes[0].startswith("Target 'purchase': version 1 is now champion (passed: AUC ")
    assert "failed" not in first.notes[0]
    assert refused.notes[0].startswith("Target 'purchase': version 2 was not promoted (failed: AUC ")
    assert "passed" not in refused.notes[0]
    assert "where the champion has 0." in again.notes[0]
    assert "rows new to both" in again.notes[0]


def test_only_what_passes_becomes_champion(trained: Trained) -> None:
    """The first passes, the second does not and is challenger, the third passes and the first is kept as previous."""
    assert [{key: str(value) for key, value in aliases.items()} for aliases in trained.aliases] == [
        {"champion": "1"},
        {"champion": "1", "challenger": "2"},
        {"champion": "3", "challenger": "2", "previous": "1"},
    ]


def test_the_same_data_give_the_same_model(trained: Trained) -> None:
    """Training again from the same lake changes no tree and no number, and so no prediction."""
    second, third, first = (trained.artifacts(version) / "model" for version in (2, 3, 1))
    for name in ("model.lgb", "settings.json"):
        assert (second / name).read_text() == (third / name).read_text()
        assert (first / name).read_text() != (third / name).read_text()


def test_parameters(trained: Trained) -> None:
    """The run says what was learned from what: target, windows, rows, configuration and table versions."""
    parameters = trained.run(1).data.params
    config = trained.workspace.project.config
    assert parameters["outcome"] == "bought"
    assert parameters["config_hash"] == config.config_hash
    assert (parameters["observation_days"], parameters["gap_days"], parameters["horizon_days"]) == ("30", "0", "21")
    assert parameters["snapshot_at"] == end(13).isoformat()
    assert json.loads(parameters["table_versions"]) == dict(trained.reports[0].read)
    assert parameters["rows"] == str(trained.reports[0].counts["rows"])
    assert {"seed", "test_from", "feature_service", "training_rows", "test_rows"} <= set(parameters)


def test_metrics_have_intervals(trained: Trained) -> None:
    """Candidate, challenger and both baselines have every figure with an interval; a later run also the champion's."""
    first, third = (trained.run(version).data.metrics for version in (1, 3))
    for learner in LEARNERS:
        for figure in FIGURES:
            low, value, high = (first[f"{learner}.{figure}{end_}"] for end_ in ("_low", "", "_high"))
            assert low <= high
            if figure != "calibration_error":  # an absolute value: drawn samples lie above the one of all rows
                assert low <= value <= high, (learner, figure)
    assert first["base_rate.auc"] == 0.5
    assert first["candidate.auc"] > max(first["base_rate.auc"], first["recency_rule.auc"])
    assert first["recency_rule.auc"] != 0.5
    assert "candidate.calibration_slope" in first
    assert not any(name.startswith("champion.") for name in first)
    assert third["champion.auc"] > 0.5


def test_artifacts(trained: Trained) -> None:
    """Curves are pictures, the trees and all else are text, the gate's reasons are kept; there is no pickle."""
    folder = trained.artifacts(1)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {
        "curves/roc.png",
        "curves/reliability.png",
        "curves/gain.png",
        "features.json",
        "gate.json",
        "model/model.lgb",
        "model/settings.json",
        "model/signed_manifest.json",
    }
    for name in files:
        content = (folder / name).read_bytes()
        if name.endswith(".png"):
            assert content.startswith(b"\x89PNG")
        else:
            assert content.decode("utf-8")
    assert (folder / "model/model.lgb").read_text().startswith("tree\n")
    gate = json.loads((folder / "gate.json").read_text())
    assert gate["is_promoted"]
    assert len(gate["reasons"]) == 3
    config = trained.workspace.project.config
    numbers = [name for name, feature in features_of(config).items() if feature.kind != "text"]
    assert json.loads((folder / "features.json").read_text()) == numbers
    assert not json.loads((trained.artifacts(2) / "gate.json").read_text())["is_promoted"]


def test_the_champion_explains_itself(trained: Trained) -> None:
    """The stored model's contributions and baseline add up to its log-odds."""
    champion = load_champion(trained.workspace, "purchase")
    assert champion is not None
    target = trained.workspace.project.config.targets["purchase"]
    rows = build_dataset(trained.workspace, "purchase", target, end()).rows.head(50)
    parts = champion.model.contributions(rows)
    np.testing.assert_allclose(parts.sum(axis=1), champion.model.log_odds(rows), atol=1e-9)
    assert to_matrix(rows, champion.feature_names).shape == (50, len(champion.feature_names))


def _message(workspace: Workspace, target: str) -> str:
    with pytest.raises((ConfigError, DataError)) as caught:
        train_target(workspace, target, end())
    return str(caught.value)


def test_an_unknown_target_names_the_nearest(workspace: Workspace) -> None:
    """A misspelt target is told the declared one nearest to it."""
    assert _message(workspace, "purchas") == ("There is no target 'purchas' in journey.yaml; did you mean purchase?")


def test_a_horizon_longer_than_history_is_told(workspace: Workspace) -> None:
    """What looks further ahead than the data reach back cannot be learned."""
    assert _message(workspace, "far").startswith(
        "Target 'far' looks 420 days ahead (gap and horizon), but the data cover only 140 days before 2026-05-21; "
    )


def test_an_outcome_that_never_happened_is_told(workspace: Workspace) -> None:
    """Without one positive there is nothing to learn, and the sentence says where to look."""
    assert _message(workspace, "never") == (
        "Target 'never': the outcome 'praised' never happened to an eligible customer by 2026-05-21; "
        "check outcomes.praised and targets.never.eligible_stages."
    )


def test_too_few_positives_are_no_error(workspace: Workspace) -> None:
    """Where the gate wants more positives than there are, there is no model, and a note says how many are missing."""
    report = train_target(workspace, "churn", end())
    count = report.counts["positives"]
    assert 0 < count < 100
    note = report.notes[0]
    assert note.startswith("Target 'churn': not enough data: ")
    assert note.endswith(" positives in the training part, 100 are needed; customers are scored by rule until then.")
    assert load_champion(workspace, "churn") is None
    assert "auc" not in report.counts
