"""Hadamard matrices, which balance half samples: small orders, not only powers of two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from analysis.arguments import checked
from analysis.errors import InvalidOption

SignArray = NDArray[np.int64]


@checked
def hadamard_matrix(least: int) -> SignArray:
    """A Hadamard matrix of the smallest order >= `least` that the constructions below reach.

    Parameters
    ----------
    least : int >= 1

    Returns
    -------
    (m, m) ndarray of 1 and -1
        H Hᵀ = m I; the first column is all 1, so every other one sums to 0.

    Notes
    -----
    Sylvester's doubling and Paley's two constructions over prime fields; among the multiples of 4 below 100 only
    52 and 92 are passed over.

    References
    ----------
    Paley (1933), Journal of Mathematics and Physics 12:311-320. Wolter (2007), Introduction to Variance Estimation.

    Examples
    --------
    >>> len(hadamard_matrix(10)), len(hadamard_matrix(17))
    (12, 20)
    """
    if least < 1:
        raise InvalidOption(
            expected="an order >= 1", got=repr(least), hint="one column per stratum, and one more"
        )
    order = least if least <= 2 else 4 * -(-least // 4)
    while (found := _constructed(order)) is None:
        order += 4
    return found * found[:, :1]


def _constructed(order: int) -> SignArray | None:
    if order & (order - 1) == 0:
        return np.asarray(linalg.hadamard(order), dtype=np.int64)
    if _is_prime(order - 1):
        # order is a multiple of 4, so this prime is 3 modulo 4 and its residue table is skew.
        size = order - 1
        skew = np.block(
            [
                [np.zeros((1, 1), int), np.ones((1, size), int)],
                [-np.ones((size, 1), int), _residues(size)],
            ]
        )
        return np.asarray(skew + np.eye(order, dtype=int), dtype=np.int64)
    half = order // 2
    if half % 4 == 2 and _is_prime(half - 1):
        size = half - 1
        conference = np.block(
            [
                [np.zeros((1, 1), int), np.ones((1, size), int)],
                [np.ones((size, 1), int), _residues(size)],
            ]
        )
        doubled = np.kron(conference, np.array([[1, 1], [1, -1]]))
        return np.asarray(doubled + np.kron(np.eye(half, dtype=int), np.array([[1, -1], [-1, -1]])), np.int64)
    smaller = _constructed(half) if half % 4 == 0 else None
    return None if smaller is None else np.asarray(np.kron(np.array([[1, 1], [1, -1]]), smaller), np.int64)


def _residues(prime: int) -> SignArray:
    """χ(i - j): 1 where the difference is a square modulo the prime, -1 where not, 0 on the diagonal."""
    sign = np.full(prime, -1, dtype=np.int64)
    sign[np.arange(1, prime, dtype=np.int64) ** 2 % prime] = 1
    sign[0] = 0
    at = np.arange(prime)
    return np.asarray(sign[(at[:, None] - at) % prime])


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))
