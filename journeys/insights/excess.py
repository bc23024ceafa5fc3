"""Excess: how much more often something happens to a group at a step than the step and the group lead to expect.

A step at which many stop is no friction by that: it may be where people make up their minds. What tells is a comparison:
the same step for everybody else, and the same people at the other steps.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse, stats
from scipy.special import expit

Numbers: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

SHRINKAGE = 1.0
"""Weight with which the log-odds of a group is drawn towards nought, in squares."""

_LEVEL = 0.05
_MOST_ROUNDS = 40
_MOST_INTERACTIONS = 40
_WEAK = 1e-3
_TOLERANCE = 1e-8


@dataclass(frozen=True)
class Visits:
    """Visits to steps, those that are alike in all that is told counted together.

    Attributes:
        step: of each row, the number of the step.
        groups: of each row, the numbers of its groups, a column a split; -1 where none is known.
        part: of each row, the part of the customers that it belongs to.
        entered: how many visits.
        happened: to how many of them it happened.
        count_steps: how many steps there are.
        count_groups: how many groups there are, in all splits together.
        count_parts: how many parts there are.
    """

    step: Integers
    groups: Integers
    part: Integers
    entered: Numbers
    happened: Numbers
    count_steps: int
    count_groups: int
    count_parts: int


@dataclass(frozen=True)
class Excess:
    """One entry a step (row) and group (column).

    Attributes:
        expected: how often it was to be expected.
        count: how many times more than that it happened; its bounds are those of the 95 % interval.
        p_value: of the excess being no more than chance, one-sided.
        others: how many of the others at the step are compared with.
    """

    expected: Numbers
    count: Numbers
    count_low: Numbers
    count_high: Numbers
    p_value: Numbers
    others: Numbers


def excess(visits: Visits) -> Excess:
    """Return the excess of each group at each step.

    Expected is what a logistic model says of step and groups, without anything of that step and that group together.
    Where a group is clearly in excess at a step, the model gets a term for both, the worst first, until none is: what
    one group meets at one step would else be spread over the others there, and over the group elsewhere. Of such a
    place, expected is what the model says without its own term. The variance takes the parts of the customers as
    independent (Liang and Zeger 1986), so that all that one customer does counts as one.

    Args:
        visits: what happened.
    """
    model = _Model(visits)
    chosen: list[int] = []
    while True:
        found = model.excess(chosen)
        worth = found.p_value.ravel().copy()
        worth[chosen] = 1.0
        worth[(found.others <= 0).ravel()] = 1.0
        worst = int(worth.argmin())
        if worth[worst] > _LEVEL / worth.size or len(chosen) == _MOST_INTERACTIONS:
            return found
        chosen.append(worst)


class _Model:
    """The design of the model, and what follows from its fit."""

    def __init__(self, visits: Visits) -> None:
        self._visits = visits
        rows = np.arange(len(visits.step))
        self._steps = _indicators(rows, visits.step, len(rows), visits.count_steps)
        known = visits.groups >= 0
        row, split = np.nonzero(known)
        group = visits.groups[row, split]
        self._groups = _indicators(row, group, len(rows), visits.count_groups)
        self._places = _indicators(
            row, visits.step[row] * visits.count_groups + group, len(rows), visits.count_steps * visits.count_groups
        )
        self._parts = _indicators(visits.part, rows, visits.count_parts, len(rows))
        self._odds = np.zeros(visits.count_steps + visits.count_groups)

    def excess(self, chosen: list[int]) -> Excess:
        """Return the excess of all places, with a term in the model for each chosen one."""
        visits = self._visits
        design = sparse.hstack([self._steps, self._groups, self._places[:, chosen]]).tocsr()
        odds, share, bread = self._fit(design, len(chosen))
        residual = visits.happened - visits.entered * share
        weight = visits.entered * share * (1 - share)
        score = (self._parts @ _by_row(residual, design)).toarray()
        expected = np.asarray(self._places.T @ (visits.entered * share))
        of_part = (self._parts @ _by_row(residual, self._places)).toarray()
        slope = (self._places.T @ _by_row(weight, design)).toarray()
        for number, place in enumerate(chosen):
            term = design.shape[1] - len(chosen) + number
            own = self._places[:, [place]].toarray().ravel() > 0
            entered = visits.entered[own]
            without = expit(design[own] @ odds - odds[term])
            expected[place] = entered @ without
            of_part[:, place] = self._parts[:, own] @ (visits.happened[own] - entered * without)
            slope[place] = (entered * without * (1 - without)) @ design[own]
            slope[place, term] = 0.0
        moved = of_part - score @ bread @ slope.T
        parts = visits.count_parts
        spread = np.sqrt(parts / (parts - 1) * ((moved - moved.mean(axis=0)) ** 2).sum(axis=0))
        return self._told(expected, spread)

    def _told(self, expected: Numbers, spread: Numbers) -> Excess:
        visits = self._visits
        shape = (visits.count_steps, visits.count_groups)
        happened = np.asarray(self._places.T @ visits.happened)
        entered = np.asarray(self._places.T @ visits.entered).reshape(shape)
        at_step = np.asarray(self._steps.T @ visits.entered)[:, None]
        count = happened - expected
        half = stats.t.ppf(0.975, visits.count_parts - 1) * spread
        distance = np.divide(count, spread, out=np.zeros_like(count), where=spread > 1e-9)
        return Excess(
            expected=expected.reshape(shape),
            count=count.reshape(shape),
            count_low=(count - half).reshape(shape),
            count_high=(count + half).reshape(shape),
            p_value=stats.t.sf(distance, visits.count_parts - 1).reshape(shape),
            others=at_step - entered,
        )

    def _fit(self, design: Any, count_terms: int) -> tuple[Numbers, Numbers, Numbers]:
        """Return the log-odds of all terms, the share of each row, and the inverse information; from the last fit on."""
        visits = self._visits
        penalty = np.repeat([_WEAK, SHRINKAGE, _WEAK], [visits.count_steps, visits.count_groups, count_terms]).astype(
            float
        )
        odds = np.append(self._odds, np.zeros(design.shape[1] - len(self._odds)))
        for _ in range(_MOST_ROUNDS):
            share = expit(design @ odds)
            slope = design.T @ (visits.happened - visits.entered * share) - penalty * odds
            weight = visits.entered * share * (1 - share)
            information = (design.T @ _by_row(weight, design)).toarray() + np.diag(penalty)
            step = np.clip(np.linalg.solve(information, slope), -3.0, 3.0)
            odds = odds + step
            if np.abs(step).max() < _TOLERANCE:
                break
        self._odds = odds
        return odds, expit(design @ odds), np.linalg.inv(information)


def _by_row(factors: Numbers, matrix: Any) -> Any:
    return (sparse.diags_array(factors) @ matrix).tocsr()


def _indicators(rows: Integers, columns: Integers, count_rows: int, count_columns: int) -> Any:
    ones = np.ones(len(rows))
    return sparse.coo_array((ones, (rows, columns)), shape=(count_rows, count_columns)).tocsc()
