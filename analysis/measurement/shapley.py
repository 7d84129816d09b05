"""R² divided among predictors by the Shapley value, from correlation matrices alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InvalidOption
from analysis.types import FloatArray

# Up to here all subsets are worked out; beyond, random orders of the predictors.
EXACT_UP_TO = 16
# Subsets solved at a time: keeps the stack of matrices small.
BATCH = 4_096


def shapley_parts(
    correlations: FloatArray, *, rng: np.random.Generator | None = None, n_orders: int = 2_000
) -> tuple[FloatArray, FloatArray, str]:
    """R² divided among predictors, averaged over all orders of entry.

    Parameters
    ----------
    correlations : (B, p + 1, p + 1) ndarray
        Correlation matrices of predictors and, last, the outcome; positive definite.
    rng : numpy.random.Generator, optional
        Needed beyond 16 predictors. All matrices share the orders drawn.
    n_orders : int >= 2
        Orders drawn, each also used backwards.

    Returns
    -------
    parts : (B, p) ndarray
    monte_carlo_error : (p,) ndarray
        Of the first matrix; 0 when exact.
    method : str
        "lmg_exact" or "lmg_sampled".

    References
    ----------
    Shapley (1953), in Contributions to the Theory of Games II, 307-317.

    Examples
    --------
    >>> shapley_parts(np.array([[[1, 0.5, 0.6], [0.5, 1, 0.4], [0.6, 0.4, 1]]]))[0].round(4).tolist()
    [[0.2867, 0.0867]]
    """
    size = correlations.shape[-1] - 1
    if size <= EXACT_UP_TO:
        return _exact(correlations), np.zeros(size), "lmg_exact"
    if rng is None or n_orders < 2:
        raise InvalidOption(
            expected=f"rng and n_orders >= 2 for more than {EXACT_UP_TO} predictors",
            got=f"rng {rng!r}, n_orders {n_orders}",
            hint="pass numpy.random.default_rng(seed)",
        )
    found, error = _sampled(correlations, rng.permuted(np.tile(np.arange(size), (n_orders, 1)), axis=1))
    return found, error, "lmg_sampled"


def _exact(correlations: FloatArray) -> FloatArray:
    size = correlations.shape[-1] - 1
    fits = _subset_fits(correlations)
    masks = np.arange(2**size)
    sizes = np.bitwise_count(masks.astype(np.uint64)).astype(np.int64)
    weights = np.array([factorial(s) * factorial(size - 1 - s) / factorial(size) for s in range(size)])
    parts = np.empty((len(correlations), size))
    for predictor in range(size):
        without = masks[masks >> predictor & 1 == 0]
        gains = fits[:, without | 1 << predictor] - fits[:, without]
        parts[:, predictor] = gains @ weights[sizes[without]]
    return parts


def _subset_fits(correlations: FloatArray) -> FloatArray:
    """R² of every subset of predictors, (B, 2**p); bit j of the position says whether j is in."""
    size = correlations.shape[-1] - 1
    fits = np.zeros((len(correlations), 2**size))
    for members in range(1, size + 1):
        for subsets in _batches(size, members, max(BATCH // len(correlations), 1)):
            among = correlations[:, subsets[:, :, None], subsets[:, None, :]]
            towards = correlations[:, subsets, -1]
            solved = np.linalg.solve(among, towards[..., None])[..., 0]
            fits[:, (1 << subsets).sum(axis=1)] = (solved * towards).sum(axis=-1)
    return fits


def _batches(size: int, members: int, at_a_time: int) -> Iterator[NDArray[np.int64]]:
    subsets = np.array(list(combinations(range(size), members)), dtype=np.int64)
    for start in range(0, len(subsets), at_a_time):
        yield subsets[start : start + at_a_time]


def _sampled(correlations: FloatArray, orders: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    """Mean gain over sampled orders, each also backwards, and its standard error for the first matrix."""
    size = orders.shape[1]
    pairs = np.stack([orders, orders[:, ::-1]], axis=1).reshape(-1, size)
    with_outcome = np.column_stack([pairs, np.full(len(pairs), size)])
    parts, error = np.empty((len(correlations), size)), np.zeros(size)
    for position, correlation in enumerate(correlations):
        ordered = correlation[with_outcome[:, :, None], with_outcome[:, None, :]]
        # The last row of the Cholesky factor holds the square roots of the gains in R², in order of entry.
        ordered[:, -1, -1] = 2.0
        gains = np.empty(pairs.shape)
        np.put_along_axis(gains, pairs, np.linalg.cholesky(ordered)[:, -1, :-1] ** 2, axis=1)
        per_order = gains.reshape(len(orders), 2, size).mean(axis=1)
        parts[position] = per_order.mean(axis=0)
        if position == 0:
            error = per_order.std(axis=0, ddof=1) / np.sqrt(len(orders))
    return parts, error
