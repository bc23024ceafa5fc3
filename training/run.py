"""Training of one target: dataset, fit, evaluate, gate, registry."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from journeys.config.errors import ConfigError, DataError, nearest
from journeys.config.targets import Target
from journeys.lake.workspace import StepReport, Workspace
from training.curves import draw_curves
from training.dataset import Dataset, build_dataset
from training.evaluate import Report, evaluate
from training.learners import Vector, fit_xgboost, predict_xgboost
from training.model import fit_model, to_matrix
from training.promote import Rivals, Verdict, enough_data, judge
from training.registry import Champion, TrainingRecord, load_champion, log_training, set_challenger, set_champion
from training.split import Split, split_by_time

_SEED = 20261
_FEWEST_OF_A_KIND = 20
"""With fewer positives or negatives that are new to the champion, nothing is said about the two."""


@dataclass(frozen=True)
class Comparison:
    """The candidate and all that it is compared with, on the same test rows."""

    candidate: Report
    challenger: Report
    baselines: list[Report]
    champion: Rivals | None
    labels: Vector
    predictions: dict[str, Vector]

    def reports(self) -> list[Report]:
        """Return all reports, the candidate first."""
        return [self.candidate, self.challenger, *self.baselines, *([self.champion.champion] if self.champion else [])]


def train_target(workspace: Workspace, target: str, snapshot_at: datetime) -> StepReport:
    """Train, evaluate and, if the gate allows, promote the model of one target.

    Args:
        workspace: the project and its lake.
        target: its name in `journey.yaml`.
        snapshot_at: the instant of training: only labels known by then exist.

    Returns:
        The report. With too little data there is no model, and a note says how much is missing.

    Raises:
        ConfigError: when the target is not declared.
        DataError: when the horizon is longer than the history, or the outcome never happened.
    """
    targets = workspace.project.config.targets
    if target not in targets:
        raise ConfigError(f"There is no target '{target}' in journey.yaml; {nearest(target, targets)}")
    settings = targets[target]
    dataset = build_dataset(workspace, target, settings, snapshot_at)
    if not dataset.labels.sum():
        msg = (
            f"Target '{target}': the outcome '{settings.outcome}' never happened to an eligible customer by "
            f"{snapshot_at:%Y-%m-%d}; check outcomes.{settings.outcome} and targets.{target}.eligible_stages."
        )
        raise DataError(msg)
    embargo = settings.gap + settings.horizon + dataset.lag
    split = split_by_time(dataset.rows["snapshot_at"], embargo)
    counts: dict[str, int | float] = {
        "rows": len(dataset.labels),
        "positives": int(dataset.labels.sum()),
        "training_rows": len(split.train),
        "test_rows": len(split.test),
    }
    missing = _shortage(settings, dataset, split)
    if missing:
        note = f"Target '{target}': {missing}; customers are scored by rule until then."
        return StepReport(step=f"train {target}", counts=counts, read=dataset.read, notes=(note,))
    champion = load_champion(workspace, target)
    comparison = _compare(dataset, split, champion, embargo)
    verdict = judge(settings.gate, comparison.candidate, comparison.baselines, comparison.champion)
    # Judged on later data, then fitted again on all of it: the newest months are worth having.
    model = fit_model(dataset.rows, dataset.labels, dataset.names, seed=_SEED)
    record = _record(workspace, target, settings, dataset, split, comparison, verdict, snapshot_at)
    version = log_training(workspace, record, model)
    (set_champion if verdict.is_promoted else set_challenger)(workspace, target, version)
    auc = comparison.candidate.metrics["auc"]
    return StepReport(
        step=f"train {target}",
        counts=counts | {"auc": round(auc.value, 4), "auc_low": round(auc.low, 4), "auc_high": round(auc.high, 4)},
        read=dataset.read,
        notes=(_sentence(target, version, verdict),),
    )


def _shortage(settings: Target, dataset: Dataset, split: Split) -> str | None:
    train, test = dataset.labels[split.train], dataset.labels[split.test]
    positives, negatives = int(train.sum()), int((1 - train).sum())
    missing = enough_data(settings.gate, positives, negatives)
    if missing is None and len(np.unique(test)) < 2:
        return "not enough data: the test part holds only one kind of outcome"
    return missing


def _compare(dataset: Dataset, split: Split, champion: Champion | None, embargo: timedelta) -> Comparison:
    train, test = dataset.rows.iloc[split.train], dataset.rows.iloc[split.test]
    labels = dataset.labels[split.test]
    known = dataset.labels[split.train]
    inputs = to_matrix(train, dataset.names)
    predictions = {
        "candidate": fit_model(train, known, dataset.names, seed=_SEED).predict(test),
        "xgboost": predict_xgboost(fit_xgboost(inputs, known, seed=_SEED), to_matrix(test, dataset.names)),
        "base_rate": np.full(len(labels), known.mean()),
        "recency_rule": _recency_rule(train, known, test),
    }
    reports = {name: _evaluated(name, labels, predicted, test) for name, predicted in predictions.items()}
    old = None
    if champion is not None and set(champion.feature_names) <= set(test.columns):
        old = _rivals(champion, test, labels, predictions["candidate"], embargo)
    baselines = [reports["base_rate"], reports["recency_rule"]]
    return Comparison(reports["candidate"], reports["xgboost"], baselines, old, labels, predictions)


def _rivals(
    champion: Champion, test: pd.DataFrame, labels: Vector, predicted: Vector, embargo: timedelta
) -> Rivals | None:
    """Compare with the champion on the test rows whose labels it cannot have learned from; None with too few.

    The champion was fitted on all rows of its day. On those it would look better than it is.
    """
    until = champion.trained_until
    is_new = np.ones(len(test), bool) if until is None else (test["snapshot_at"] + embargo > until).to_numpy()
    if min(labels[is_new].sum(), (1 - labels[is_new]).sum()) < _FEWEST_OF_A_KIND:
        return None
    rows = test[is_new]
    return Rivals(
        champion=_evaluated("champion", labels[is_new], champion.predict(rows), rows),
        candidate=_evaluated("candidate_beside_champion", labels[is_new], predicted[is_new], rows),
    )


def _evaluated(name: str, labels: Vector, predicted: Vector, test: pd.DataFrame) -> Report:
    return evaluate(name, labels, predicted, test["customer_id"], seed=_SEED)


def _recency_rule(train: pd.DataFrame, known: Vector, test: pd.DataFrame) -> Vector:
    """Return the rate that customers silent for about as long had in the training part."""
    edges = np.unique(np.quantile(train["days_since_last_touchpoint"], np.linspace(0, 1, 11)[1:-1]))
    of_train = np.searchsorted(edges, train["days_since_last_touchpoint"].to_numpy(np.float64))
    of_test = np.searchsorted(edges, test["days_since_last_touchpoint"].to_numpy(np.float64))
    counts = np.bincount(of_train, minlength=len(edges) + 1)
    rates = (np.bincount(of_train, weights=known, minlength=len(edges) + 1) + known.mean()) / (counts + 1)
    return np.asarray(rates[of_test], dtype=np.float64)


def _record(
    workspace: Workspace,
    target: str,
    settings: Target,
    dataset: Dataset,
    split: Split,
    comparison: Comparison,
    verdict: Verdict,
    snapshot_at: datetime,
) -> TrainingRecord:
    metrics: dict[str, float] = {}
    for report in comparison.reports():
        for name, figure in report.metrics.items():
            metrics[f"{report.learner}.{name}"] = figure.value
            metrics[f"{report.learner}.{name}_low"] = figure.low
            metrics[f"{report.learner}.{name}_high"] = figure.high
    return TrainingRecord(
        target=target,
        parameters={
            "outcome": settings.outcome,
            "snapshot_at": snapshot_at.isoformat(),
            "observation_days": settings.observation_window.days,
            "gap_days": settings.gap.days,
            "horizon_days": settings.horizon.days,
            "rows": len(dataset.labels),
            "training_rows": len(split.train),
            "test_rows": len(split.test),
            "test_from": split.test_from.isoformat(),
            "config_hash": workspace.project.config.config_hash,
            "table_versions": json.dumps(dataset.read),
            "seed": _SEED,
            "feature_service": "customer_scoring",
        },
        metrics=metrics,
        figures=draw_curves(comparison.labels, comparison.predictions),
        documents={
            "features.json": json.dumps(dataset.names, indent=1),
            "gate.json": json.dumps({"is_promoted": verdict.is_promoted, "reasons": verdict.reasons}, indent=1),
        },
    )


def _sentence(target: str, version: str, verdict: Verdict) -> str:
    if verdict.is_promoted:
        return f"Target '{target}': version {version} is now champion ({'; '.join(verdict.reasons)})."
    failed = [reason for reason in verdict.reasons if reason.startswith("failed")]
    return f"Target '{target}': version {version} was not promoted ({'; '.join(failed)})."
