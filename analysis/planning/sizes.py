"""How many people to ask for a share of a given precision, and what precision a number of people gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.distributions import normal_critical
from analysis.errors import InvalidCounts, InvalidOption
from analysis.intervals.shares import wilson_limits
from analysis.planning.populations import (
    correction,
    invitations,
    population_size,
    response_rate_of,
    share_of,
    whole_above,
)
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, finite_positive, require_known, require_whole, together

METHODS = ("normal", "wilson", "wilson_lower")


@dataclass(frozen=True, slots=True, eq=False)
class SampleSize:
    """People to ask, one entry per unit.

    Attributes
    ----------
    n : ndarray of int
        Completed responses needed, at most the population.
    n_invited : ndarray of int
        People to invite at the expected response rate, at most the population.
    n_simple : ndarray
        Unrounded, for a simple random sample of an unlimited population.
    is_reachable : ndarray of bool
        False where even inviting everyone gives fewer than `n` responses.
    population : ndarray
        Infinite where none was given.
    share, margin, design_effect, response_rate : ndarray
        As asked.
    method : str
    confidence_level : float
    """

    n: IntArray
    n_invited: IntArray
    n_simple: FloatArray
    is_reachable: NDArray[np.bool_]
    population: FloatArray
    share: FloatArray
    margin: FloatArray
    design_effect: FloatArray
    response_rate: FloatArray
    method: str
    confidence_level: float


@checked
def sample_size(
    share: ArrayLike,
    margin: ArrayLike,
    *,
    population: ArrayLike | None = None,
    design_effect: ArrayLike = 1.0,
    response_rate: ArrayLike = 1.0,
    method: str = "normal",
    confidence_level: float = 0.95,
) -> SampleSize:
    """Responses needed for a share with a given margin of error.

    Parameters
    ----------
    share : array_like in [0, 1]
        Expected share; 0.5 is the safe choice. "normal" takes no 0 and no 1: it would promise certainty.
    margin : array_like in (0, 1)
        Half-width of the interval; for "wilson_lower" the distance from the share down to the lower limit.
    population : array_like of whole numbers >= 1, optional
        People or dossiers that can be drawn; `inf` or None where there is no list.
    design_effect : array_like > 0
    response_rate : array_like in (0, 1]
        Expected share of the invited who answer.
    method : {"normal", "wilson", "wilson_lower"}
        "wilson" where the share is near 1, "wilson_lower" where the question is "at least how much".
    confidence_level : float in (0, 1)

    Returns
    -------
    SampleSize
        In the broadcast shape of the arguments.

    Notes
    -----
    "normal": ``n0 = z² p(1-p)/e²`` and ``n = D n0 / (1 + (D n0 - 1)/N)``, rounded up. "wilson": the n at which
    half the width of Wilson's interval is e; with ``a = z²/n`` it solves
    ``a²(1/4 - e²) + a(p(1-p) - 2e²) - e² = 0``. "wilson_lower": ``n0 = z² l(1-l)/e²`` at the limit ``l = p - e``.
    Both then use ``n = D n0 / (1 + D n0/N)``, the correction 1 - n/N of `intervals.wilson_interval`.

    References
    ----------
    Cochran (1977), Sampling Techniques, section 4.4. Kish (1965), Survey Sampling.

    Examples
    --------
    >>> plan = sample_size(0.9, 0.05, population=[400, 5000, np.inf])
    >>> plan.n.tolist()
    [103, 135, 139]
    >>> sample_size(1.0, 0.05, method="wilson_lower").n.item()
    73
    """
    z = normal_critical(confidence_level)
    require_known(method, METHODS, name="method")
    p, e, sizes, effect, rate = together(
        share_of(share),
        _open_share(margin, name="margin"),
        population_size(population),
        finite_positive(design_effect, name="design_effect"),
        response_rate_of(response_rate),
    )
    simple = _simple_size(p, e, z, method)
    n = whole_above(_with_population(effect * simple, sizes, method))
    n_invited, is_reachable = invitations(n, rate, sizes)
    return SampleSize(
        n, n_invited, simple, is_reachable, sizes, p, e, effect, rate, method, float(confidence_level)
    )


@checked
def margin_of_error(
    share: ArrayLike,
    n: ArrayLike,
    *,
    population: ArrayLike | None = None,
    design_effect: ArrayLike = 1.0,
    method: str = "normal",
    confidence_level: float = 0.95,
) -> FloatArray:
    """Margin of error that a number of responses gives: `sample_size` turned round.

    Parameters
    ----------
    share : array_like in [0, 1]
    n : array_like of whole numbers >= 1
        Responses.
    population, design_effect, method, confidence_level
        As in `sample_size`.

    Returns
    -------
    ndarray in [0, 1]
        Zero for a census: there is no sampling error then, whatever else may be wrong.

    Notes
    -----
    "normal": ``z sqrt(D p(1-p)/n · (N-n)/(N-1))``. "wilson": half the width, "wilson_lower": the lower arm of
    Wilson's interval on ``n / (D (1 - n/N))``.

    Examples
    --------
    >>> margin_of_error(0.9, [139, 385]).round(3).tolist()
    [0.05, 0.03]
    >>> margin_of_error(1.0, 30, method="wilson_lower").round(3).item()
    0.114
    """
    z = normal_critical(confidence_level)
    require_known(method, METHODS, name="method")
    people = finite_array(n, name="n")
    require_whole(people, name="n")
    p, people, sizes, effect = together(
        share_of(share),
        people,
        population_size(population),
        finite_positive(design_effect, name="design_effect"),
    )
    _require_sample(people, sizes)
    if method == "normal":
        _require_inner(p)
        return np.asarray(z * np.sqrt(effect * p * (1 - p) / people * correction(people, sizes)))
    left = 1 - np.divide(people, sizes, out=np.zeros_like(people), where=np.isfinite(sizes))
    with np.errstate(divide="ignore"):
        low, high = wilson_limits(p, people / (effect * left), np.asarray(z))
    margin: FloatArray = (high - low) / 2 if method == "wilson" else p - low
    return margin


@checked
def yamane_sample_size(population: ArrayLike, *, margin: float = 0.05) -> IntArray:
    """Sample size by Yamane's short formula, as official plans print it.

    Parameters
    ----------
    population : array_like of whole numbers >= 1
    margin : float in (0, 1)

    Returns
    -------
    ndarray of int
        Rounded to the nearest, as in the published tables.

    Notes
    -----
    ``n = N / (1 + N e²)``: a share of one half, z = 2, no design effect. It is the size for **one** population;
    a table of 78 units needs 78 of them. Prefer `sample_size`.

    References
    ----------
    Yamane (1967), Statistics: An Introductory Analysis.

    Examples
    --------
    >>> yamane_sample_size([139, 500, 1000, 84196]).tolist()
    [103, 222, 286, 398]
    """
    sizes = population_size(population)
    e = _open_share(margin, name="margin")
    with np.errstate(divide="ignore"):
        return np.floor(1 / (1 / sizes + e**2) + 0.5).astype(np.int64)


def _simple_size(p: FloatArray, e: FloatArray, z: float, method: str) -> FloatArray:
    if method == "normal":
        _require_inner(p)
        return np.asarray(z**2 * p * (1 - p) / e**2)
    if method == "wilson_lower":
        limit = p - e
        if (limit <= 0).any():
            raise InvalidOption(
                expected="margin < share",
                got=f"margin {e.flat[np.argmin(limit)]:g}",
                hint="a lower limit of 0 needs no sample",
            )
        return np.asarray(z**2 * limit * (1 - limit) / e**2)
    if (e >= 0.5).any():
        raise InvalidOption(expected="margin < 0.5", got=f"{e.max():g}", hint="no sample is needed for that")
    quadratic, linear = 0.25 - e**2, p * (1 - p) - 2 * e**2
    root = np.sqrt(linear**2 + 4 * quadratic * e**2)
    # The form of the root that does not subtract two nearly equal numbers.
    a = np.where(linear > 0, 2 * e**2 / (linear + root), (root - linear) / (2 * quadratic))
    return np.asarray(z**2 / a)


def _with_population(n: FloatArray, population: FloatArray, method: str) -> FloatArray:
    drawn = n - 1 if method == "normal" else n
    return np.asarray(np.minimum(n / np.maximum(1 + drawn / population, 1e-12), population))


def _open_share(values: ArrayLike, *, name: str) -> FloatArray:
    array = finite_array(values, name=name)
    if ((array <= 0) | (array >= 1)).any():
        raise InvalidOption(expected=f"0 < {name} < 1", got=repr(values)[:60], hint="write 0.05, not 5")
    return array


def _require_inner(p: FloatArray) -> None:
    if ((p <= 0) | (p >= 1)).any():
        raise InvalidOption(
            expected="0 < share < 1 for the normal margin",
            got=f"{p[(p <= 0) | (p >= 1)].flat[0]:g}",
            hint='use method="wilson": the normal margin at 100 % would be 0',
        )


def _require_sample(n: FloatArray, population: FloatArray) -> None:
    if (n < 1).any():
        raise InvalidCounts(expected="n >= 1", got=f"{n.min():g}", hint="nobody answered: there is no margin")
    if (n > population).any():
        raise InvalidCounts(
            expected="n <= population",
            got=f"n = {n.flat[np.argmax(n - population)]:g}",
            hint="refresh the number of dossiers",
        )
