"""Random numbers by purpose."""

import numpy as np
import pytest

from simulator.randomness import hex_ids, poisson, stream, uuids


def test_a_stream_depends_on_seed_and_purpose_alone() -> None:
    """The same seed and purpose give the same numbers; another of either gives others."""
    first = stream(1, "visits").random(5)
    assert (first == stream(1, "visits").random(5)).all()
    assert (first != stream(2, "visits").random(5)).all()
    assert (first != stream(1, "tickets").random(5)).all()


@pytest.mark.parametrize("digits", [1, 12, 15])
def test_hex_ids_have_the_digits_asked_for(digits: int) -> None:
    """Identifiers have their length, odd or even, and are as many as asked."""
    assert [len(text) for text in hex_ids(1, "ids", 4, digits)] == [digits] * 4
    assert hex_ids(1, "ids", 0, digits) == []


def test_uuids_differ_and_have_their_shape() -> None:
    """A thousand identifiers are a thousand different ones."""
    ids = uuids(1, "messages", 1000)
    assert len(set(ids)) == 1000
    assert [len(part) for part in ids[0].split("-")] == [8, 4, 4, 4, 12]


@pytest.mark.parametrize("rate", [0.1, 1.0, 6.0])
def test_counts_have_the_mean_and_variance_of_their_rate(rate: float) -> None:
    """Counts from uniform numbers are those of a Poisson distribution: mean and variance are the rate."""
    counts = poisson(stream(1, "counts").random(40_000), np.full(40_000, rate))
    assert counts.mean() == pytest.approx(rate, rel=0.04)
    assert counts.var() == pytest.approx(rate, rel=0.06)
