"""Credit: conversions shared out among the channels on their paths, by six models. A description, not an effect.

Paths come as columns: one entry a touch (which path, which channel, its place and weight), and of each path how
many journeys converted and how many did not. All models but Markov's share out each path's conversions by
themselves, so they are matrices; Markov's looks at all paths together.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

Numbers: TypeAlias = npt.NDArray[np.float64]
Integers: TypeAlias = npt.NDArray[np.int64]

MODELS = ("first", "last", "linear", "position", "decay", "markov", "shapley")
REPLICATES = 200
LEVEL = 0.95


@dataclass(frozen=True)
class Paths:
    """Paths of channels.

    Attributes:
        path: of each touch, the number of its path; touches of a path lie together, in their order.
        channel: of each touch, the number of its channel.
        decay: of each touch, its weight by how long before the end it was; those of a path come to 1.
        converted: of each path, how many journeys took it and converted.
        lost: of each path, how many took it and did not.
        count_channels: how many channels there are.
    """

    path: Integers
    channel: Integers
    decay: Numbers
    converted: Numbers
    lost: Numbers
    count_channels: int

    def __post_init__(self) -> None:
        if len(self.path) and (np.diff(self.path) < 0).any():
            raise ValueError("touches of a path must lie together")


def credits_of(paths: Paths) -> dict[str, Numbers]:
    """Return of each model the conversions that it gives to each channel; those of a model come to all conversions.

    `first` and `last` give all to one touch, `linear` the same to each, `position` .4 to the first and to the last and
    .2 to those between (.5 to each of two), `decay` by time. `shapley` is the Shapley value of the game in which
    a coalition of channels wins the conversions of all paths with no other channel (Zhao, Mahboobi and Bagheri 2018): each
    path's conversions, in equal shares for its different channels. `markov` is the removal effect in the first-order chain
    (Anderl, Becker, von Wangenheim and Schumann 2016), solved exactly.
    """
    shares = {name: paths.converted @ matrix for name, matrix in _shares(paths).items()}
    found = {**shares, "markov": markov_credit(paths, paths.converted, paths.lost)}
    return {name: np.asarray(found[name]) for name in MODELS}


def credit_intervals(paths: Paths, rng: np.random.Generator) -> dict[str, tuple[Numbers, Numbers]]:
    """Return of each model the 95 % interval of each channel's credit.

    Journeys are drawn anew (Poisson bootstrap), and each draw's shares are taken of the conversions that there were.
    """
    shares = _shares(paths)
    drawn: dict[str, list[Numbers]] = {name: [] for name in MODELS}
    total = paths.converted.sum()
    for _ in range(REPLICATES):
        converted = rng.poisson(paths.converted).astype(float)
        lost = rng.poisson(paths.lost).astype(float)
        scale = total / max(converted.sum(), 1.0)
        for name, matrix in shares.items():
            drawn[name].append(np.asarray(converted @ matrix) * scale)
        drawn["markov"].append(markov_credit(paths, converted, lost) * scale)
    tail = 100 * (1 - LEVEL) / 2
    return {
        name: (np.percentile(values, tail, axis=0), np.percentile(values, 100 - tail, axis=0))
        for name, values in drawn.items()
    }


def markov_credit(paths: Paths, converted: Numbers, lost: Numbers) -> Numbers:
    """Return each channel's share of the conversions by how much fewer there would be without it.

    From the start and from each channel, the next state is drawn as often as it followed. A removed channel ends
    the path. All probabilities of converting solve (1 - Q) x = r.
    """
    count = paths.count_channels
    moves, to_end = _transitions(paths, converted, lost)
    out = moves.sum(axis=1) + to_end.sum(axis=1)
    stays = np.divide(moves, out[:, None], out=np.zeros_like(moves), where=out[:, None] > 0)
    wins = np.divide(to_end[:, 0], out, out=np.zeros_like(out), where=out > 0)
    # The last row is the start: nothing goes back there.
    chain = np.column_stack([stays, np.zeros(count + 1)])
    chains, rewards = np.repeat(chain[None], count + 1, axis=0), np.repeat(wins[None], count + 1, axis=0)
    removed = np.arange(count)
    chains[removed, removed, :], rewards[removed, removed] = 0.0, 0.0
    reach = np.linalg.solve(np.eye(count + 1) - chains, rewards[..., None])[..., 0]
    from_start = reach[:, count]
    whole = from_start[count]
    if whole <= 0:
        return np.zeros(count)
    effects = np.clip(1 - from_start[:count] / whole, 0, None)
    return np.asarray(effects / effects.sum() * converted.sum())


def _transitions(paths: Paths, converted: Numbers, lost: Numbers) -> tuple[Numbers, Numbers]:
    """Return how often each channel (and, last, the start) was followed by each channel; and by a conversion or an end."""
    count = paths.count_channels
    taken = (converted + lost)[paths.path]
    is_first = np.append(True, paths.path[1:] != paths.path[:-1]) if len(paths.path) else np.zeros(0, bool)
    before = np.where(is_first, count, np.append(0, paths.channel[:-1])[: len(paths.channel)])
    moves = np.bincount(before * count + paths.channel, taken, minlength=(count + 1) * count)
    is_last = np.append(is_first[1:], True)[: len(is_first)]
    last, of_last = paths.channel[is_last], paths.path[is_last]
    ends = [np.bincount(last, weights[of_last], minlength=count + 1) for weights in (converted, lost)]
    return moves.reshape(count + 1, count).astype(float), np.column_stack(ends).astype(float)


def _shares(paths: Paths) -> dict[str, Any]:
    """Return of each model a matrix of paths and channels: which share of a path's conversions a channel has."""
    length = np.bincount(paths.path, minlength=len(paths.converted))
    start = np.cumsum(length) - length
    place = np.arange(len(paths.path)) - start[paths.path]
    size = length[paths.path]
    is_first, is_last = place == 0, place == size - 1
    middle = np.where(size > 2, 0.2 / np.maximum(size - 2, 1), 0.0)
    end = np.where(size == 1, 1.0, np.where(size == 2, 0.5, 0.4))
    weights: dict[str, Numbers] = {
        "first": is_first.astype(float),
        "last": is_last.astype(float),
        "linear": 1.0 / size,
        "position": np.where(is_first | is_last, end, middle),
        "decay": paths.decay,
    }
    matrices = {name: _matrix(paths, values) for name, values in weights.items()}
    present = matrices["linear"].copy()
    present.data[:] = 1.0
    each = sparse.diags_array(1.0 / np.maximum(np.asarray(present.sum(axis=1)).ravel(), 1.0))
    return {**matrices, "shapley": (each @ present).tocsr()}


def _matrix(paths: Paths, weights: Numbers) -> Any:
    shape = (len(paths.converted), paths.count_channels)
    return sparse.coo_array((weights, (paths.path, paths.channel)), shape=shape).tocsr()
