"""The gate."""

import pytest

from journeys.config.targets import Gate
from training.evaluate import Estimate, Report
from training.promote import Rivals, enough_data, judge

GATE = Gate(min_auc_low=0.6, max_calibration_error=0.05)


def _report(auc: float, auc_low: float = 0.65, error: float = 0.02, by_chance: float = 0.01) -> Report:
    return Report(
        "any",
        100,
        50,
        {
            "auc": Estimate(auc, auc_low, 0.9, 100),
            "calibration_error": Estimate(error, 0.0, 0.2, 100),
            "calibration_error_by_chance": Estimate(by_chance / 2, 0.0, by_chance, 100),
        },
    )


@pytest.mark.parametrize(
    ("candidate", "baselines", "champion", "failed"),
    [
        (_report(0.7), [_report(0.5)], None, []),
        (_report(0.7, 0.6), [_report(0.5)], None, []),
        (_report(0.7, 0.599), [_report(0.5)], None, ["AUC 0.700, lower bound 0.599 (needs 0.600)"]),
        (_report(0.7), [_report(0.5), _report(0.7)], None, ["best baseline has AUC 0.700"]),
        (_report(0.7), [_report(0.71), _report(0.5)], None, ["best baseline has AUC 0.710"]),
        (_report(0.7, error=0.09, by_chance=0.09), [_report(0.5)], None, []),
        (
            _report(0.7, error=0.09, by_chance=0.08),
            [_report(0.5)],
            None,
            ["calibration error 0.090 (at most 0.050, or what chance alone gives so few rows: 0.080)"],
        ),
        (_report(0.7), [_report(0.5)], _report(0.705), []),
        (
            _report(0.7),
            [_report(0.5)],
            _report(0.706),
            ["AUC 0.700 where the champion has 0.706, on 100 rows new to both"],
        ),
        (
            _report(0.55, 0.5),
            [_report(0.6)],
            _report(0.8),
            [
                "AUC 0.550, lower bound 0.500 (needs 0.600)",
                "best baseline has AUC 0.600",
                "AUC 0.550 where the champion has 0.800, on 100 rows new to both",
            ],
        ),
    ],
    ids=[
        "good",
        "just good enough",
        "lower bound too low",
        "no better than a baseline",
        "worse than the best baseline",
        "calibration as chance gives it",
        "badly calibrated",
        "as good as the champion",
        "worse than the champion",
        "everything wrong",
    ],
)
def test_judge(candidate: Report, baselines: list[Report], champion: Report | None, failed: list[str]) -> None:
    """A model passes only with every check; each check stands among the reasons, passed or failed."""
    verdict = judge(GATE, candidate, baselines, Rivals(champion, candidate) if champion else None)
    assert verdict.is_promoted == (not failed)
    assert [reason.removeprefix("failed: ") for reason in verdict.reasons if reason.startswith("failed: ")] == failed
    assert len(verdict.reasons) == (3 if champion is None else 4)
    assert all(reason.startswith(("passed: ", "failed: ")) for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("positives", "negatives", "expected"),
    [
        (100, 100, None),
        (99, 500, "not enough data: 99 positives in the training part, 100 are needed"),
        (500, 99, "not enough data: 99 negatives in the training part, 100 are needed"),
        (1, 1, "not enough data: 1 positives in the training part, 100 are needed"),
    ],
)
def test_enough_data(positives: int, negatives: int, expected: str | None) -> None:
    """Both kinds must be as many as the gate says; what is missing is told."""
    assert enough_data(Gate(), positives, negatives) == expected
