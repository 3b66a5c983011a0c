"""Standard normals by counter: draw (seed, i, j) is the same number here and in a browser.

A 32-bit hash of the counter, scaled to (0, 1), goes through Box-Muller. No state is kept, so any
draw can be made without the ones before it. `normals.js` holds the same lines.
"""

import numpy as np

GOLDEN = 0x9E3779B9  # 2^32 over the golden ratio: keys of neighbouring seeds end up far apart


def standard_normals(seed: int, n: int, dimension: int) -> np.ndarray:
    """Draws eps_ij from N(0, 1): shape (n, dimension), float64.

    Rows and columns already there do not change when n or dimension grows.

    Args:    seed: a whole number >= 0; n: rows, below 2^32; dimension: columns.
    """
    eps = np.empty((n, dimension + dimension % 2))
    for column in range(0, dimension, 2):
        radius = np.sqrt(-2 * np.log(_uniforms(seed, column, n)))
        angle = 2 * np.pi * _uniforms(seed, column + 1, n)
        eps[:, column], eps[:, column + 1] = radius * np.cos(angle), radius * np.sin(angle)
    return eps[:, :dimension]


def _uniforms(seed: int, stream: int, n: int) -> np.ndarray:
    """Numbers in (0, 1), never 0 or 1: shape (n,)."""
    key = _key(seed, stream)
    # Two rounds with a key each: with one, two streams would be shifted copies of each other.
    bits = _mix(_mix(np.arange(n, dtype=np.uint32) ^ key) + _mix(key + np.uint32(GOLDEN)))
    return (bits + 0.5) / 2.0**32


def _key(seed: int, stream: int) -> np.ndarray:
    """What sets a stream of a seed apart from all others: shape (1,)."""
    start = _mix(np.array([(seed + GOLDEN) % 2**32], dtype=np.uint32))
    return _mix(start + np.uint32(stream))


def _mix(h: np.ndarray) -> np.ndarray:
    """Each bit of uint32 h changes about half of the bits of the result; one-to-one.

    Source: C. Wellons, hash-prospector, "lowbias32".
    """
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x7FEB352D)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x846CA68B)
    return h ^ (h >> np.uint32(16))
