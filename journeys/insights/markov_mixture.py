"""A mixture of Markov chains: groups of paths that go from step to step in the same way.

Each group has shares of first steps and of next steps; which group a path belongs to is not known and is estimated together with
them (EM; Cadez et al. 2003). Only counts of first steps and of pairs are needed of a path, so that a million of them are a sparse matrix.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import logsumexp

Numbers: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

STABLE = 0.75
"""A group whose paths stay together so well when others are drawn is stable (Hennig 2007)."""

_PRIOR = 0.1
_ROUNDS = 60
_TOLERANCE = 1e-5
_STARTS = 5
_BOOTSTRAPS = 8
_HELD_OUT = 0.25


@dataclass(frozen=True)
class Counts:
    """Counts of paths: a row each, a column for each first step and then for each pair of steps that occurs.

    Attributes:
        matrix: sparse, a row a path.
        origin: of each column, the step that it starts from; -1 for first steps.
        step: of each column, the step that it leads to.
        count_steps: how many steps there are.
    """

    matrix: Any
    origin: Integers
    step: Integers
    count_steps: int

    def rows(self, chosen: Integers) -> "Counts":
        """Return the counts of some of the paths."""
        return Counts(self.matrix[chosen], self.origin, self.step, self.count_steps)


@dataclass(frozen=True)
class Mixture:
    """Groups of paths: logarithms of their shares, and of what follows what in each, a column a group."""

    weight: Numbers
    following: Numbers

    @property
    def count_groups(self) -> int:
        """How many groups there are."""
        return len(self.weight)


def counts_of(path: Integers, step: Integers, count_steps: int) -> Counts:
    """Return the counts of paths from their steps.

    Args:
        path: number of the path of each step, ascending; every number from nought on occurs.
        step: the step, in the order of each path.
        count_steps: how many different steps there are.
    """
    first = np.append(True, path[1:] != path[:-1])
    pair = np.where(first, step, count_steps + np.append(0, step[:-1]) * count_steps + step)
    columns, place = np.unique(pair, return_inverse=True)
    matrix = sparse.csr_array(
        (np.ones(len(path)), (path, place.ravel())), shape=(int(path.max(initial=-1)) + 1, len(columns))
    )
    matrix.sum_duplicates()
    is_first = columns < count_steps
    return Counts(
        matrix,
        np.where(is_first, -1, (columns - count_steps) // count_steps),
        np.where(is_first, columns, (columns - count_steps) % count_steps),
        count_steps,
    )


def fit(counts: Counts, count_groups: int, rng: np.random.Generator) -> Mixture:
    """Return the best of several starts."""
    found = [_climb(counts, _start(counts, count_groups, rng)) for _ in range(_STARTS if count_groups > 1 else 1)]
    return max(found, key=lambda one: one[1])[0]


def choose(counts: Counts, most_groups: int, rng: np.random.Generator) -> int:
    """Return how many groups describe paths that were held out best; the fewest that are within a standard error of it."""
    order = rng.permutation(counts.matrix.shape[0])
    held = int(len(order) * _HELD_OUT)
    train, test = counts.rows(np.sort(order[held:])), counts.rows(np.sort(order[:held]))
    told = [likelihood(test, fit(train, number, rng)) for number in range(1, most_groups + 1)]
    best = max(range(len(told)), key=lambda number: told[number].mean())
    for number in range(best):
        worse = told[best] - told[number]
        if worse.mean() <= worse.std() / np.sqrt(len(worse)):
            return number + 1
    return best + 1


def likelihood(counts: Counts, mixture: Mixture) -> Numbers:
    """Return the logarithm of each path's probability."""
    result: Numbers = logsumexp(_joint(counts, mixture), axis=1)
    return result


def beliefs(counts: Counts, mixture: Mixture) -> Numbers:
    """Return with what probability each path (a row) belongs to each group."""
    joint = _joint(counts, mixture)
    result: Numbers = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
    return result


def stability(counts: Counts, mixture: Mixture, rng: np.random.Generator) -> Numbers:
    """Return, for each group, the mean Jaccard index with the group most like it when paths are drawn anew."""
    own = beliefs(counts, mixture).argmax(axis=1)
    found = np.zeros((_BOOTSTRAPS, mixture.count_groups))
    for number in range(_BOOTSTRAPS):
        drawn = counts.rows(rng.integers(0, counts.matrix.shape[0], counts.matrix.shape[0]))
        other = beliefs(counts, fit(drawn, mixture.count_groups, rng)).argmax(axis=1)
        both = np.zeros((mixture.count_groups, mixture.count_groups))
        np.add.at(both, (own, other), 1)
        either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
        found[number] = (both / np.maximum(either, 1)).max(axis=1)
    result: Numbers = found.mean(axis=0)
    return result


def _joint(counts: Counts, mixture: Mixture) -> Numbers:
    result: Numbers = counts.matrix @ mixture.following + mixture.weight
    return result


def _start(counts: Counts, count_groups: int, rng: np.random.Generator) -> Mixture:
    """Return a mixture from paths put into groups by chance, more or less."""
    share = rng.dirichlet(np.full(count_groups, 0.5), counts.matrix.shape[0])
    return _from_beliefs(counts, share)


def _climb(counts: Counts, mixture: Mixture) -> tuple[Mixture, float]:
    before = -np.inf
    for _ in range(_ROUNDS):
        joint = _joint(counts, mixture)
        total = logsumexp(joint, axis=1, keepdims=True)
        mixture = _from_beliefs(counts, np.exp(joint - total))
        after = float(total.mean())
        if after - before < _TOLERANCE:
            break
        before = after
    return mixture, after


def _from_beliefs(counts: Counts, belief: Numbers) -> Mixture:
    """Return the mixture that fits paths which belong to groups so far; a little of everything is taken as seen."""
    seen = counts.matrix.T @ belief + _PRIOR
    totals = np.zeros((counts.count_steps + 1, belief.shape[1]))
    np.add.at(totals, counts.origin + 1, seen)
    weight = np.log((belief.sum(axis=0) + 1.0) / (len(belief) + belief.shape[1]))
    return Mixture(weight, np.log(seen) - np.log(totals)[counts.origin + 1])
