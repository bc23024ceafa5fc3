"""The gate: what a new model must show before it may score customers."""

from dataclasses import dataclass

from journeys.config.targets import Gate
from training.evaluate import Report

_TOLERANCE = 0.005
"""A new champion may lose so much AUC to the old one on the same rows: younger data are worth that."""


@dataclass(frozen=True)
class Verdict:
    """Whether a model is promoted, and every reason for or against."""

    is_promoted: bool
    reasons: tuple[str, ...]


def enough_data(gate: Gate, positives: int, negatives: int) -> str | None:
    """Return why the data do not suffice for a model, or None."""
    if positives < gate.min_positives:
        return f"not enough data: {positives} positives in the training part, {gate.min_positives} are needed"
    if negatives < gate.min_negatives:
        return f"not enough data: {negatives} negatives in the training part, {gate.min_negatives} are needed"
    return None


@dataclass(frozen=True)
class Rivals:
    """The model in charge and the candidate, on rows that neither has learned from."""

    champion: Report
    candidate: Report


def judge(gate: Gate, candidate: Report, baselines: list[Report], rivals: Rivals | None) -> Verdict:
    """Judge a candidate on the test part.

    Args:
        gate: the bounds of `journey.yaml`.
        candidate: the new model.
        baselines: the base rate and the recency rule on the same rows.
        rivals: candidate and champion on rows new to both, where there are enough.
    """
    auc = candidate.metrics["auc"]
    error = candidate.metrics["calibration_error"]
    chance = candidate.metrics["calibration_error_by_chance"]
    best = max((report.metrics["auc"].value for report in baselines), default=0.5)
    checks = [
        (auc.low >= gate.min_auc_low, f"AUC {auc.value:.3f}, lower bound {auc.low:.3f} (needs {gate.min_auc_low:.3f})"),
        (auc.value > best, f"best baseline has AUC {best:.3f}"),
        (
            error.value <= max(gate.max_calibration_error, chance.high),
            f"calibration error {error.value:.3f} (at most {gate.max_calibration_error:.3f}, "
            f"or what chance alone gives so few rows: {chance.high:.3f})",
        ),
    ]
    if rivals is not None:
        new, old = rivals.candidate.metrics["auc"], rivals.champion.metrics["auc"]
        told = f"AUC {new.value:.3f} where the champion has {old.value:.3f}, on {old.count} rows new to both"
        checks.append((new.value >= old.value - _TOLERANCE, told))
    reasons = tuple(("passed: " if passed else "failed: ") + text for passed, text in checks)
    return Verdict(all(passed for passed, _ in checks), reasons)
