"""Intervals of a share that may be looked at after every answer: they hold the truth at all times together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arguments import checked
from analysis.arithmetic import log_choose, quotient
from analysis.errors import InvalidShape
from analysis.intervals.hypergeometric import whole_counts_of
from analysis.intervals.limits import likelihood_limits
from analysis.intervals.sampled_shares import counted_shares
from analysis.types import Estimates, FloatArray
from analysis.validation import finite_array, level_of, population_of, positive, together

Prior = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class RunningLimits:
    """Limits that never widen: at each time the intersection of all intervals so far.

    Attributes
    ----------
    ci_low, ci_high : ndarray
        NaN from the first time on at which the intervals have no common point.
    is_contradicted : ndarray of bool
        True from that time on: the share has changed while it was watched, answers depend on each other, or
        the one chance in 1 / alpha has come up.
    """

    ci_low: FloatArray
    ci_high: FloatArray
    is_contradicted: NDArray[np.bool_]


@checked
def confidence_sequence(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    prior: Prior = (1.0, 1.0),
    confidence_level: float = 0.95,
) -> Estimates:
    """Share with an interval that stays valid however often, and whenever, it is looked at.

    Parameters
    ----------
    k, n : array_like, 0 <= k <= n
        Satisfied and answering respondents so far, by unit, by time or both. With n = 0: value NaN, limits 0
        and 1.
    design_effect : array_like > 0
        Counts are divided by it. Fix it beforehand from earlier periods: with one, the guarantee is no longer
        exact.
    prior : pair of float > 0
        Beta weights of the mixture. (1, 1) suits every share; (9, 1) narrows the interval a little where
        shares near 90 % are expected. The guarantee holds for any pair fixed beforehand.
    confidence_level : float in (0, 1)
        Chance that not one of all intervals, n = 1, 2, ..., leaves out the true share.

    Returns
    -------
    Estimates
        At 90 %, one and a half times as wide as Wilson at n = 30, twice as wide at n = 10,000.

    Notes
    -----
    Every pi with ``B(a + x, b + n - x) / B(a, b) < (1/alpha) pi^x (1-pi)^(n-x)``. The left side over the right
    is a martingale at the true share, and exceeds 1/alpha ever with probability alpha at most (Ville). Written
    as a fall of the log likelihood below its top, it is solved like a likelihood interval. Answers must be
    independent with one unchanging share; those of a drifting share call for a control chart.

    References
    ----------
    Robbins (1970), Annals of Mathematical Statistics 41:1397-1409. Howard, Ramdas, McAuliffe and Sekhon
    (2021), Annals of Statistics 49:1055-1080.

    Examples
    --------
    >>> live = confidence_sequence([30, 190], [30, 200])
    >>> live.ci_low.round(4).tolist(), live.ci_high.round(4).tolist()
    ([0.8071, 0.8766], [1.0, 0.9871])
    """
    shares = counted_shares(k, n, design_effect=design_effect)
    a, b = _checked(prior)
    p = np.where(shares.n > 0, shares.value, 0.5)
    size = np.where(shares.n > 0, shares.n_effective, 1.0)
    x, rest = p * size, (1 - p) * size
    regret = (
        special.xlogy(x, p)
        + special.xlog1py(rest, -p)
        - special.betaln(a + x, b + rest)
        + special.betaln(a, b)
    )
    fall = np.maximum(regret, 0.0) - np.log(1 - level_of(confidence_level))
    low, high = likelihood_limits(p, size, np.sqrt(2 * fall))
    return shares.with_limits(
        np.minimum(low, p), np.maximum(high, p), method="beta_mixture", confidence_level=confidence_level
    )


@checked
def finite_confidence_sequence(
    k: ArrayLike,
    n: ArrayLike,
    *,
    population: ArrayLike,
    prior: Prior = (1.0, 1.0),
    confidence_level: float = 0.95,
) -> Estimates:
    """The same for a known list of dossiers that is gone through in random order.

    Parameters
    ----------
    k, n : array_like of whole numbers, 0 <= k <= n
        Satisfied and answering respondents so far.
    population : array_like of whole numbers >= n
        Dossiers on the list, fixed beforehand. Answers must come in random order from all of it: people who
        choose to answer do not.
    prior : pair of float > 0
        As in `confidence_sequence`.
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates
        Limits are K/N for whole K; they meet when the whole list has answered.

    Raises
    ------
    InvalidOption
        Where k is not whole.

    Notes
    -----
    Prior over posterior of the number K of satisfied dossiers, K beta-binomial, is a martingale at the true
    K. Its prior cancels but for the prediction of x: the interval holds every K with
    ``P(X = x | K, N, n) > alpha P(x)``, P(x) beta-binomial, P(X = x | ...) hypergeometric, which rises and
    falls once in K, so that both limits are found by bisection.

    References
    ----------
    Waudby-Smith and Ramdas (2020), Confidence sequences for sampling without replacement, NeurIPS 33.

    Examples
    --------
    >>> day = finite_confidence_sequence([18, 54, 90], [20, 60, 100], population=100)
    >>> day.ci_low.round(2).tolist(), day.ci_high.round(2).tolist()
    ([0.62, 0.79, 0.9], [0.98, 0.94, 0.9])
    """
    satisfied, people = whole_counts_of(k, n)
    satisfied, people, size = together(satisfied, people, population_of(population, people))
    a, b = _checked(prior)
    floor = (
        np.log(1 - level_of(confidence_level))
        + log_choose(people, satisfied)
        + special.betaln(a + satisfied, b + people - satisfied)
        - special.betaln(a, b)
    )
    # The largest total of satisfied dossiers leaves the smallest total of dissatisfied ones.
    counts = np.stack([satisfied, people - satisfied])
    smallest = _smallest_plausible_total(counts, people, size, floor)
    divisor = np.maximum(size, 1)
    shares = counted_shares(satisfied, people, population=size)
    low, high = smallest[0] / divisor, (size - smallest[1]) / divisor
    return shares.with_limits(low, high, method="prior_posterior_ratio", confidence_level=confidence_level)


@checked
def running_intersection(ci_low: ArrayLike, ci_high: ArrayLike, *, axis: int = -1) -> RunningLimits:
    """Limits of a confidence sequence narrowed to what all looks so far allow.

    Parameters
    ----------
    ci_low, ci_high : array_like of one shape
        Limits in order of time along `axis`.
    axis : int
        The axis of time.

    Returns
    -------
    RunningLimits

    Raises
    ------
    InvalidShape
        Where the two differ in shape, or have no such axis.

    Notes
    -----
    Only for confidence sequences: all their intervals hold the truth together, so their intersection does at
    the same level. Intersecting fixed-n intervals has no such level.

    Examples
    --------
    >>> looks = confidence_sequence([8, 17, 24], [10, 20, 30])
    >>> running_intersection(looks.ci_low, looks.ci_high).ci_high.round(3).tolist()
    [0.99, 0.986, 0.955]
    """
    low, high = finite_array(ci_low, name="ci_low"), finite_array(ci_high, name="ci_high")
    if low.shape != high.shape or not -low.ndim <= axis < low.ndim:
        raise InvalidShape(
            expected="two arrays of one shape with an axis of time",
            got=f"{low.shape}, {high.shape}, axis {axis}",
            hint="stack the looks in order of time",
        )
    low, high = np.maximum.accumulate(low, axis=axis), np.minimum.accumulate(high, axis=axis)
    is_contradicted = low > high
    return RunningLimits(
        np.where(is_contradicted, np.nan, low), np.where(is_contradicted, np.nan, high), is_contradicted
    )


def _smallest_plausible_total(
    k: FloatArray, n: FloatArray, size: FloatArray, floor: FloatArray
) -> FloatArray:
    """Smallest K whose likelihood of the sample exceeds the floor; the likeliest K always does."""
    low = k.copy()
    likeliest = np.floor(quotient((size + 1) * k, n, empty=0.0))
    high = np.clip(likeliest, k, size - n + k)
    while (low < high).any():
        middle = np.floor((low + high) / 2)
        log_likelihood = log_choose(middle, k) + log_choose(size - middle, n - k) - log_choose(size, n)
        is_plausible = log_likelihood > floor
        low, high = np.where(is_plausible, low, middle + 1), np.where(is_plausible, middle, high)
    return high


def _checked(prior: Prior) -> Prior:
    weights = positive(finite_array(prior, name="prior"), name="prior")
    if weights.shape != (2,):
        raise InvalidShape(expected="two weights", got=repr(prior)[:60], hint="write (1.0, 1.0)")
    return float(weights[0]), float(weights[1])
