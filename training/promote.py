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


def judge(gate: Gate, candidate: Report, baselines: list[Report], champion: Report | None) -> Verdict:
    """Judge a candidate on the test part.

    Args:
        gate: the bounds of `journey.yaml`.
        candidate: the new model.
        baselines: the base rate and the recency rule on the same rows.
        champion: the model now in charge on the same rows, if there is one.
    """
    auc = candidate.metrics["auc"]
    error = candidate.metrics["calibration_error"]
    best = max((report.metrics["auc"].value for report in baselines), default=0.5)
    checks = [
        (auc.low >= gate.min_auc_low, f"AUC {auc.value:.3f}, lower bound {auc.low:.3f} (needs {gate.min_auc_low:.3f})"),
        (auc.value > best, f"best baseline has AUC {best:.3f}"),
        (
            error.low <= gate.max_calibration_error,
            f"calibration error {error.value:.3f}, lower bound {error.low:.3f} (at most {gate.max_calibration_error:.3f})",
        ),
    ]
    if champion is not None:
        old = champion.metrics["auc"].value
        checks.append((auc.value >= old - _TOLERANCE, f"champion has AUC {old:.3f} on the same rows"))
    reasons = tuple(("passed: " if passed else "failed: ") + text for passed, text in checks)
    return Verdict(all(passed for passed, _ in checks), reasons)
