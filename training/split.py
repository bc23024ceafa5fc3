"""Parts of the training rows: learn on earlier snapshots, test on later ones, with an embargo between."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

Indices = np.ndarray[tuple[int], np.dtype[np.intp]]


@dataclass(frozen=True)
class Split:
    """Row positions of the two parts; rows in the embargo are in neither.

    Attributes:
        train: rows whose label was known by `test_from`.
        test: rows of the later snapshots.
        test_from: the first snapshot of the test part.
    """

    train: Indices
    test: Indices
    test_from: pd.Timestamp


def split_by_time(snapshot_at: pd.Series, embargo: timedelta, *, test_share: float = 0.2) -> Split:
    """Split rows so that every label of the training part was known when the test part begins.

    Args:
        snapshot_at: the snapshot of each row.
        embargo: gap, horizon and lag together: how long after its snapshot a label is known.
        test_share: about this share of the rows, the latest, become the test part.
    """
    instants = pd.Series(snapshot_at).reset_index(drop=True)
    test_from = instants.sort_values(kind="stable").iloc[int(len(instants) * (1 - test_share))]
    train = np.flatnonzero((instants + pd.Timedelta(embargo) <= test_from).to_numpy())
    test = np.flatnonzero((instants >= test_from).to_numpy())
    return Split(train, test, test_from)


def folds_by_customer(customer_id: pd.Series, *, count_folds: int = 5) -> list[tuple[Indices, Indices]]:
    """Return (fit, held out) positions such that no customer is on both sides of a fold.

    The fold follows from the customer's id alone, so a customer never changes sides between runs.
    """
    digits = pd.Series(customer_id).str[-8:].map(lambda text: int(text, 16) % count_folds).to_numpy()
    return [(np.flatnonzero(digits != fold), np.flatnonzero(digits == fold)) for fold in range(count_folds)]
