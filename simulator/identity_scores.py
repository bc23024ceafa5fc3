"""How well identifiers were told apart and put together, against the truth."""

from dataclasses import dataclass

import numpy as np

from simulator.randomness import Integers


@dataclass(frozen=True)
class PairScores:
    """Of all pairs of identifiers: those put together rightly, over those put together and those that belong so.

    Attributes:
        precision: right pairs over the pairs found; 1 where none was found.
        recall: right pairs over the pairs of the truth; 1 where there is none.
        largest: identifiers in the largest group found.
    """

    precision: float
    recall: float
    largest: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def pair_scores(truth: Integers, found: Integers) -> PairScores:
    """Return the scores of groups found against true ones; row i is the group of identifier i in each.

    Pairs are counted by the sizes of groups and of their intersections, n (n - 1) / 2 each.
    """
    both = np.unique(np.stack([truth, found]), axis=1, return_counts=True)[1]
    true_sizes = np.unique(truth, return_counts=True)[1]
    found_sizes = np.unique(found, return_counts=True)[1]
    right, belong, put = (_pairs(sizes) for sizes in (both, true_sizes, found_sizes))
    return PairScores(right / put if put else 1.0, right / belong if belong else 1.0, int(found_sizes.max(initial=0)))


def b_cubed(truth: Integers, found: Integers) -> tuple[float, float]:
    """Return B-cubed precision and recall: of each identifier's group, the share that belongs there; the mean of all."""
    _, place, both = np.unique(np.stack([truth, found]), axis=1, return_inverse=True, return_counts=True)
    shared = both[place.ravel()]
    sizes = []
    for groups in (found, truth):
        _, place, counts = np.unique(groups, return_inverse=True, return_counts=True)
        sizes.append(counts[place.ravel()])
    return float((shared / sizes[0]).mean()), float((shared / sizes[1]).mean())


def _pairs(sizes: Integers) -> float:
    wide = sizes.astype(np.float64)
    return float((wide * (wide - 1)).sum() / 2)
