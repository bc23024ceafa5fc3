"""Random numbers that depend on the seed and on what they are for, and on nothing else."""

import hashlib

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Return the counter-based generator of one purpose.

    Each purpose has its own Philox key, so that drawing more for one leaves all others as they
    are: two worlds of the same seed differ only by what was changed between them.
    """
    digest = hashlib.sha256(f"{seed}:{purpose}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))


def hex_ids(seed: int, purpose: str, count: int, digits: int) -> list[str]:
    """Return `count` different-looking identifiers of so many hexadecimal digits."""
    octets = stream(seed, purpose).integers(0, 256, size=(count, (digits + 1) // 2), dtype=np.uint8)
    text = octets.tobytes().hex()
    width = octets.shape[1] * 2
    return [text[start : start + digits] for start in range(0, count * width, width)]


def uuids(seed: int, purpose: str, count: int) -> list[str]:
    """Return `count` identifiers in the shape of a version 4 UUID."""
    return [f"{x[:8]}-{x[8:12]}-4{x[13:16]}-a{x[17:20]}-{x[20:]}" for x in hex_ids(seed, purpose, count, 32)]


def sigmoid(x: Numbers) -> Numbers:
    """Return the probability whose log-odds are `x`."""
    result: Numbers = 1.0 / (1.0 + np.exp(-x))
    return result


def poisson(uniform: Numbers, rate: Numbers) -> Integers:
    """Return counts with these rates, the same for the same uniform numbers; at most 40."""
    probability = np.exp(-rate)
    cumulative = probability.copy()
    counts = np.zeros(uniform.shape, np.int64)
    for count in range(1, 41):
        above = uniform > cumulative
        if not above.any():
            break
        counts += above
        probability = probability * rate / count
        cumulative = cumulative + probability
    return counts
