"""A contrast between the exposed and others like them: doubly robust, cross-fitted, with what speaks against believing it.

The estimand is the mean difference for the exposed (ATT): their outcomes, less what others would have had who were alike in
all that was known. It is right where either the model of the outcome or the model of the exposure is
(Robins, Rotnitzky and Zhao 1994; cross-fitting: Chernozhukov et al. 2018), and only if nothing that is not known drives both.
"""

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from lightgbm import LGBMRegressor
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

Numbers: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

MIN_EXPOSED, MIN_OTHERS, MIN_OUTCOMES = 50, 200, 20
"""Of fewer nothing is said."""

_FOLDS = 2
_CLIP = 0.01
_PENALTY = 1.0
_LEAST_UNKNOWN, _MOST_UNKNOWN = 0.5, 3.0
_LIKELY = 0.1


@dataclass(frozen=True)
class Trial:
    """Rows of risk sets, one row a customer and instant.

    Attributes:
        covariates: what was known before, a column each.
        placebo: one column, which the exposure cannot have moved since it came before; with the covariates known before it.
        earlier: the covariates as of three days before, for the placebo.
        thinned: the covariates, had only half of the events been recorded.
        is_exposed: whether the touchpoint was met then.
        outcome: what came of it.
        unit: the customer; all rows of one stand or fall together.
    """

    covariates: Numbers
    placebo: Numbers
    earlier: Numbers
    thinned: Numbers
    is_exposed: Flags
    outcome: Numbers
    unit: Integers


@dataclass(frozen=True)
class Contrast:
    """What came of a trial.

    Attributes:
        difference: in the mean outcome of the exposed; its bounds are those of the 95 % interval.
        p_value: of there being none, two-sided.
        rate_exposed: mean outcome of the exposed.
        raw_difference: between all exposed and all others, without any adjustment.
        count_exposed: rows; and customers.
        effective_share: Kish's effective number of the weighted others, over the exposed, at most 1.
        worst_imbalance: the largest standardised mean difference of a covariate that the weights leave.
        placebo: standardised mean difference in what came before the exposure, adjusted in the same way; like the next two not a
            number where the difference may well be chance.
        e_value: how strongly something unknown would have to go with both to explain the difference away, as a risk ratio
            (VanderWeele and Ding 2017); of the interval's nearer bound in `e_value_limit`.
        e_value_known: the same for all that is known together: how strongly that did.
        robustness: share of what is left of both that something unknown would have to explain (Cinelli and Hazlett 2020).
        unknown_share: how much of what leads astray is left, over what was taken out: of what is known, from how much less was
            taken out with half of the events; at least a half, for what no event tells.
        if_unknown: the difference without what is left, which leads the same way (Altonji, Elder and Taber 2005).
    """

    difference: float
    difference_low: float
    difference_high: float
    p_value: float
    rate_exposed: float
    raw_difference: float
    count_exposed: int
    count_customers_exposed: int
    count_others: int
    effective_share: float
    worst_imbalance: float
    placebo: float
    e_value: float
    e_value_limit: float
    e_value_known: float
    robustness: float
    unknown_share: float
    if_unknown: float


def contrast(trial: Trial, *, seed: int) -> Contrast | None:
    """Return the contrast, or None where there are too few to say anything.

    Args:
        trial: the rows.
        seed: of the folds and the learners.
    """
    # On so few rows, threads wait for each other longer than they work.
    with threadpool_limits(1):
        return _contrast(trial, seed)


def _contrast(trial: Trial, seed: int) -> Contrast | None:
    exposed, outcome = trial.is_exposed, trial.outcome
    units = len(np.unique(trial.unit[exposed]))
    happened = min(int((outcome > 0).sum()), int((outcome == 0).sum()))
    if units < MIN_EXPOSED or (~exposed).sum() < MIN_OTHERS or happened < MIN_OUTCOMES or outcome.std() == 0:
        return None
    fold = _folds(trial.unit, seed)
    share, expected = _nuisances(trial.covariates, trial, outcome, fold, seed)
    weight = np.where(exposed, 1.0, share / (1 - share))
    difference, influence = _att(outcome - expected, exposed, weight)
    spread = _clustered(influence, trial.unit)
    reach = stats.norm.ppf(0.975) * spread
    rate = float(outcome[exposed].mean())
    raw = rate - float(outcome[~exposed].mean())
    p_value = float(2 * stats.norm.sf(abs(difference) / spread)) if spread > 0 else 1.0
    placebo = left = math.nan
    # What is no more than chance needs no further doubt.
    if p_value < _LIKELY:
        placebo = _placebo(trial, fold, seed)
        left = unknown_share(raw, _adjusted(trial.thinned, trial, outcome, fold, seed), difference)
    others = weight[~exposed]
    nearer = difference - math.copysign(min(reach, abs(difference)), difference)
    return Contrast(
        difference=difference,
        difference_low=difference - reach,
        difference_high=difference + reach,
        p_value=p_value,
        rate_exposed=rate,
        raw_difference=raw,
        count_exposed=int(exposed.sum()),
        count_customers_exposed=units,
        count_others=int((~exposed).sum()),
        effective_share=min(1.0, float(others.sum() ** 2 / (others**2).sum() / exposed.sum())),
        worst_imbalance=_worst_imbalance(trial.covariates, exposed, weight),
        placebo=placebo,
        e_value=e_value(risk_ratio(rate, difference)),
        e_value_limit=e_value(risk_ratio(rate, nearer)),
        e_value_known=e_value(risk_ratio(rate, raw) / risk_ratio(rate, difference)),
        robustness=robustness(difference / spread if spread > 0 else 0.0, len(np.unique(trial.unit))),
        unknown_share=left,
        if_unknown=difference - left * (raw - difference),
    )


def risk_ratio(rate: float, difference: float) -> float:
    """Return the rate of the exposed over what it would have been without the difference; at least a thousandth."""
    return max(rate, 1e-9) / max(rate - difference, max(rate, 1e-9) / 1000)


def e_value(ratio: float) -> float:
    """Return the E-value of a risk ratio: RR + sqrt(RR (RR - 1)), of its inverse below 1.

    >>> round(e_value(2.0), 3), round(e_value(0.5), 3), e_value(1.0)
    (3.414, 3.414, 1.0)
    """
    above = max(ratio, 1 / ratio)
    return above + math.sqrt(above * (above - 1))


def unknown_share(raw: float, with_half: float, with_all: float) -> float:
    """Return what is left of the confounding over what was taken out, from the difference without, with half of and with all events.

    Counts of events tell what drives people with an error, whose variance is as the inverse of how many there are. Of a
    confounding b, b / (1 + n s) is left with n events, so that with R = (raw - all) / (raw - half), between 1 and 2, the left
    share is (R - 1) / (2 - R). Where half of the events do as much as all, nothing of it is left.

    >>> round(unknown_share(3.0, 1.5, 1.0), 3)  # b = 3, s = 2
    0.5
    """
    taken, half = raw - with_all, raw - with_half
    if taken * half <= 0:
        return _MOST_UNKNOWN
    ratio = min(max(taken / half, 1.0), 2.0 - 1e-9)
    return min(max((ratio - 1) / (2 - ratio), _LEAST_UNKNOWN), _MOST_UNKNOWN)


def robustness(distance: float, degrees: int) -> float:
    """Return the robustness value of a t statistic: (sqrt(f^4 + 4 f^2) - f^2) / 2 with f = |t| / sqrt(degrees).

    >>> round(robustness(4.184, 783), 3)
    0.139
    """
    squared = distance**2 / max(degrees, 1)
    return (math.sqrt(squared**2 + 4 * squared) - squared) / 2


def _att(residual: Numbers, exposed: Flags, weight: Numbers) -> tuple[float, Numbers]:
    """Return the difference for the exposed, and each row's part in its sampling error."""
    treated, controls = weight * exposed, weight * ~exposed
    of_exposed = float(treated @ residual / treated.sum())
    of_others = float(controls @ residual / controls.sum())
    influence = treated * (residual - of_exposed) / treated.sum() - controls * (residual - of_others) / controls.sum()
    return of_exposed - of_others, influence


def _clustered(influence: Numbers, unit: Integers) -> float:
    _, place = np.unique(unit, return_inverse=True)
    sums = np.bincount(place.ravel(), weights=influence)
    return float(np.sqrt((sums**2).sum() * len(sums) / max(len(sums) - 1, 1)))


def _folds(unit: Integers, seed: int) -> Integers:
    """Return the fold of each row; all rows of a customer are in one."""
    units, place = np.unique(unit, return_inverse=True)
    chosen: Integers = np.random.default_rng(seed).permutation(len(units)) % _FOLDS
    return chosen[place.ravel()]


def _nuisances(
    covariates: Numbers, trial: Trial, outcome: Numbers, fold: Integers, seed: int
) -> tuple[Numbers, Numbers]:
    """Return each row's share of being exposed, and its expected outcome without it, by models that have not seen its customer."""
    share, expected = np.zeros(len(outcome)), np.zeros(len(outcome))
    for number in range(_FOLDS):
        fits, held = fold != number, fold == number
        scaler = StandardScaler().fit(covariates[fits])
        exposure = LogisticRegression(C=_PENALTY, max_iter=300).fit(
            scaler.transform(covariates[fits]), trial.is_exposed[fits]
        )
        share[held] = exposure.predict_proba(scaler.transform(covariates[held]))[:, 1]
        rows = fits & ~trial.is_exposed
        learner: Any = LGBMRegressor(
            n_estimators=60,
            learning_rate=0.08,
            num_leaves=8,
            min_child_samples=50,
            reg_lambda=5.0,
            random_state=seed,
            deterministic=True,
            force_row_wise=True,
            n_jobs=1,
            verbosity=-1,
        )
        learner.fit(covariates[rows], outcome[rows])
        expected[held] = learner.booster_.predict(covariates[held], num_threads=1)
    return np.clip(share, _CLIP, 1 - _CLIP), expected


def _worst_imbalance(covariates: Numbers, exposed: Flags, weight: Numbers) -> float:
    spread = covariates[exposed].std(axis=0)
    keeps = spread > 1e-9
    if not keeps.any():
        return 0.0
    of_exposed = covariates[exposed][:, keeps].mean(axis=0)
    others = weight[~exposed]
    of_others = others @ covariates[~exposed][:, keeps] / others.sum()
    return float(np.abs((of_exposed - of_others) / spread[keeps]).max())


def _placebo(trial: Trial, fold: Integers, seed: int) -> float:
    """Return by how much the exposed were already different just before, beyond what was known then, in standard deviations."""
    spread = float(trial.placebo.std())
    if spread == 0:
        return 0.0
    return _adjusted(trial.earlier, trial, trial.placebo, fold, seed) / spread


def _adjusted(covariates: Numbers, trial: Trial, outcome: Numbers, fold: Integers, seed: int) -> float:
    """Return the difference for the exposed with these covariates."""
    share, expected = _nuisances(covariates, trial, outcome, fold, seed)
    weight = np.where(trial.is_exposed, 1.0, share / (1 - share))
    return _att(outcome - expected, trial.is_exposed, weight)[0]
