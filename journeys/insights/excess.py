"""Excess: how much more often something happens to a group at a step than the step and the group lead to expect.

A step at which many stop is no friction by that: it may be where people make up their minds. What tells is a comparison:
the same step for everybody else, and the same people at the other steps.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit

Numbers: TypeAlias = npt.NDArray[np.float64]

SHRINKAGE = 1.0
"""Weight with which a group's odds are drawn towards everybody's, in squared log-odds."""

_LEVEL = 0.05
_MOST_ROUNDS = 200
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Excess:
    """One entry a step (row) and group (column).

    Attributes:
        expected: share to which it would happen.
        count: how many times more than expected it happened; its bounds are those of the 95 % interval.
        p_value: of the excess being no more than chance, one-sided.
        others: how many of the others at the step are compared with.
    """

    expected: Numbers
    count: Numbers
    count_low: Numbers
    count_high: Numbers
    p_value: Numbers
    others: Numbers


def excess(entered: Numbers, happened: Numbers) -> Excess:
    """Return the excess of each group at each step.

    Expected is what a logistic model of step and group, without anything of both, says. A group that is clearly in
    excess at a step is left out of the model there, the worst first, until none is: what is planted in one place would
    else be spread over all. Intervals by the jackknife that leaves out one part of the customers at a time (Efron
    and Tibshirani 1993), so that all that one customer does counts as one.

    Args:
        entered: parts of the customers x steps x groups: how many entered.
        happened: the same: how many of them it happened to.
    """
    is_compared = np.ones(entered.shape[1:])
    for _ in range(is_compared.size):
        found = _excess(entered, happened, is_compared)
        worst = np.unravel_index(np.where(is_compared > 0, found.p_value, 1.0).argmin(), is_compared.shape)
        if found.p_value[worst] > _LEVEL / is_compared.size or found.others[worst] <= 0:
            break
        is_compared[worst] = 0.0
    return found


def _excess(entered: Numbers, happened: Numbers, is_compared: Numbers) -> Excess:
    parts = len(entered)
    whole_entered, whole_happened = entered.sum(axis=0), happened.sum(axis=0)
    # The whole, and after it the whole without each part.
    all_entered = np.concatenate([whole_entered[None], whole_entered - entered])
    all_happened = np.concatenate([whole_happened[None], whole_happened - happened])
    expected = expected_shares(all_entered, all_happened, is_compared)
    counts = all_happened - all_entered * expected
    count, replicates = counts[0], counts[1:] * parts / (parts - 1)
    spread = np.sqrt((parts - 1) / parts * ((replicates - replicates.mean(axis=0)) ** 2).sum(axis=0))
    half = stats.t.ppf(0.975, parts - 1) * spread
    distance = np.divide(count, spread, out=np.zeros_like(count), where=spread > 1e-12)
    compared = whole_entered * is_compared
    return Excess(
        expected=expected[0],
        count=count,
        count_low=count - half,
        count_high=count + half,
        p_value=stats.t.sf(distance, parts - 1),
        others=compared.sum(axis=-1, keepdims=True) - compared,
    )


def expected_shares(entered: Numbers, happened: Numbers, is_compared: Numbers) -> Numbers:
    """Return the shares that the log-odds of step and group, added, give; of all groups at all steps.

    The model is fitted where groups are compared, with half an event in one entrant more at each step, so that a step
    without any event has finite odds, and with groups drawn a little towards their mean (`SHRINKAGE`).

    Args:
        entered: tables x steps x groups: how many entered.
        happened: the same: how many of them it happened to.
        is_compared: steps x groups: 1 where the model is fitted, else 0.
    """
    trials, events = entered * is_compared, happened * is_compared
    of_step = np.zeros((*entered.shape[:-1], 1))
    of_group = np.zeros((*entered.shape[:-2], 1, entered.shape[-1]))
    for _ in range(_MOST_ROUNDS):
        share, alone = expit(of_step + of_group), expit(of_step)
        slope = (events - trials * share).sum(axis=-1, keepdims=True) + 0.5 - alone
        bend = (trials * share * (1 - share)).sum(axis=-1, keepdims=True) + alone * (1 - alone)
        step = np.clip(slope / np.maximum(bend, 1e-6), -2.0, 2.0)
        of_step = of_step + step
        share = expit(of_step + of_group)
        slope = (events - trials * share).sum(axis=-2, keepdims=True) - SHRINKAGE * of_group
        bend = (trials * share * (1 - share)).sum(axis=-2, keepdims=True) + SHRINKAGE
        # The log-odds of groups come to nought together: else step and group could shift against each other.
        slope = slope - (slope / bend).sum(axis=-1, keepdims=True) / (1 / bend).sum(axis=-1, keepdims=True)
        group = np.clip(slope / bend, -2.0, 2.0)
        group = group - group.mean(axis=-1, keepdims=True)
        of_group = of_group + group
        if max(np.abs(step).max(), np.abs(group).max()) < _TOLERANCE:
            break
    result: Numbers = expit(of_step + of_group)
    return result
