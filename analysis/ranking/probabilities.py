"""Chances of being among the first or the last: simulated from the law of the estimates or of a posterior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption
from analysis.ranking.normal_errors import normal_errors
from analysis.types import FloatArray
from analysis.validation import finite_array, positive

BLOCK_VALUES = 2_000_000
"""Drawn values held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class RankProbabilities:
    """How likely each unit is among the first and among the last.

    Attributes
    ----------
    top, bottom : (K,) ndarray in [0, 1]
        Chance of one of the `n_top` largest, and of one of the `n_bottom` smallest, true values; NaN for a unit
        without an estimate. They add to `n_top` and to `n_bottom`.
    top_error, bottom_error : (K,) ndarray
        Standard errors of the simulation; never 0, also where no draw had the unit there.
    n_top, n_bottom, n_resamples : int
    method : str
        The law drawn from.
    """

    top: FloatArray
    bottom: FloatArray
    top_error: FloatArray
    bottom_error: FloatArray
    n_top: int
    n_bottom: int
    n_resamples: int
    method: str

    def __len__(self) -> int:
        return len(self.top)


@checked
def normal_rank_probabilities(
    value: ArrayLike,
    *,
    standard_error: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    n_top: int = 1,
    n_bottom: int | None = None,
    rng: np.random.Generator,
    n_resamples: int = 10_000,
) -> RankProbabilities:
    """Chances under true values drawn from the normal law about the estimates.

    Parameters
    ----------
    value : (K,) array_like
        NaN units take no part.
    standard_error, covariance : array_like
        One of them; as in `analysis.ranking.pairwise.pairwise_rank_intervals`.
    n_top, n_bottom : int in [1, K]
        `n_bottom` is `n_top` when left out.
    rng : numpy.random.Generator
    n_resamples : int >= 1

    Returns
    -------
    RankProbabilities

    Notes
    -----
    A posterior with a flat prior: direct estimates of small units lie too far out, and so do their chances. Where
    a common law of the units can be had, use `beta_rank_probabilities` with the posterior of
    `analysis.small_areas.empirical_bayes.empirical_bayes_shares`. These are no confidence statements: for
    "among the first five, jointly at 95 %", look where the upper bound of a rank set is at most 5.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> chances = normal_rank_probabilities([0.9, 0.89, 0.5], standard_error=[0.02] * 3, rng=rng)
    >>> chances.top.round(1).tolist(), float(chances.top.sum())
    ([0.6, 0.4, 0.0], 1.0)
    """
    errors = normal_errors(value, standard_error=standard_error, covariance=covariance)
    return _simulated(
        lambda size: errors.value + errors.draws(size, rng=rng),
        ~np.isnan(errors.all_values),
        n_top=n_top,
        n_bottom=n_bottom,
        n_resamples=n_resamples,
        method="normal",
    )


@checked
def beta_rank_probabilities(
    a: ArrayLike,
    b: ArrayLike,
    *,
    n_top: int = 1,
    n_bottom: int | None = None,
    rng: np.random.Generator,
    n_resamples: int = 10_000,
) -> RankProbabilities:
    """Chances under true shares drawn from independent beta laws, such as empirical Bayes posteriors.

    Parameters
    ----------
    a, b : (K,) array_like > 0
    n_top, n_bottom, rng, n_resamples
        As in `normal_rank_probabilities`.

    Returns
    -------
    RankProbabilities

    References
    ----------
    Laird and Louis (1989), Journal of Educational Statistics 14:29-46.

    Examples
    --------
    >>> chances = beta_rank_probabilities([9, 90, 50], [1, 10, 50], rng=np.random.default_rng(1))
    >>> bool(chances.top[0] > chances.top[1] > chances.top[2])
    True
    """
    first, second = (positive(finite_array(array, name="a and b"), name="a and b") for array in (a, b))
    if first.ndim != 1 or first.shape != second.shape:
        raise InvalidCounts(
            expected="a and b of one length", got=f"{first.shape}, {second.shape}", hint="by unit"
        )
    return _simulated(
        lambda size: rng.beta(first, second, (size, len(first))),
        np.ones(first.shape, dtype=np.bool_),
        n_top=n_top,
        n_bottom=n_bottom,
        n_resamples=n_resamples,
        method="beta",
    )


def _simulated(
    draw: Callable[[int], FloatArray],
    known: np.ndarray,
    *,
    n_top: int,
    n_bottom: int | None,
    n_resamples: int,
    method: str,
) -> RankProbabilities:
    size, last = int(known.sum()), n_top if n_bottom is None else n_bottom
    if not (1 <= n_top <= size and 1 <= last <= size and n_resamples >= 1):
        raise InvalidOption(
            expected=f"n_top and n_bottom in 1..{size}, n_resamples >= 1",
            got=f"{n_top}, {last}, {n_resamples}",
            hint="no more places than units with an estimate",
        )
    block = max(BLOCK_VALUES // size, 1)
    counted = np.zeros((2, size))
    for start in range(0, n_resamples, block):
        drawn = draw(min(block, n_resamples - start))
        counted[0] += _among(drawn, n_top)
        counted[1] += _among(-drawn, last)
    shares, errors = np.full((2, len(known)), np.nan), np.full((2, len(known)), np.nan)
    shares[:, known] = counted / n_resamples
    inside = (counted + 0.5) / (n_resamples + 1)
    errors[:, known] = np.sqrt(inside * (1 - inside) / n_resamples)
    return RankProbabilities(shares[0], shares[1], errors[0], errors[1], n_top, last, n_resamples, method)


def _among(drawn: FloatArray, places: int) -> FloatArray:
    """How often each column holds one of the largest values; a tie, of probability 0, goes to the first."""
    size = drawn.shape[1]
    chosen = np.argpartition(drawn, size - places, axis=1)[:, size - places :]
    return np.bincount(chosen.ravel(), minlength=size).astype(np.float64)
