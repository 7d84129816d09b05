"""The distribution of a weighted sum of chi-squares, which the Pearson statistic of a survey follows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption
from analysis.types import FloatArray
from analysis.validation import LARGEST, finite_array

FAR_OUT, MANY_FREEDOMS = 1e12, 1e10


@checked
def chi_square_sum_tail(statistic: float, weights: ArrayLike, *, df_denominator: float = np.inf) -> float:
    """Probability that a weighted sum of chi-squares exceeds a value, by saddlepoint approximation.

    Parameters
    ----------
    statistic : float >= 0
    weights : (m,) array_like >= 0
        One per independent chi-square with 1 degree of freedom; not all 0.
    df_denominator : float > 0
        Where finite, the sum is divided by an independent chi-square over its df: the weights were estimated.

    Returns
    -------
    float in [0, 1]

    Notes
    -----
    With K the cumulant generating function of ``Q = Σ a_i χ²₁ - (x/d) χ²_d`` and ζ the root of K'(ζ) = 0,
    ``P(Q > 0) ≈ Φ̄(r + log(v/r)/r)``, ``r = sign(ζ) sqrt(-2K(ζ))``, ``v = ζ sqrt(K''(ζ))``. The relative error
    stays small far out in the tail, where the first two moments mislead.

    References
    ----------
    Kuonen (1999), Biometrika 86:929-935. Barndorff-Nielsen (1986), Biometrika 73:307-322.

    Examples
    --------
    >>> round(chi_square_sum_tail(10.0, [3.0, 1.0, 0.5]), 4)
    0.1014
    """
    a = finite_array(weights, name="weights").ravel()
    if (a < 0).any() or not a.any():
        raise InvalidCounts(
            expected="weights >= 0, not all 0", got=repr(weights)[:60], hint="pass generalised design effects"
        )
    if not 0 <= statistic <= LARGEST or not df_denominator > 1 / LARGEST:
        raise InvalidOption(
            expected="statistic >= 0 and df_denominator > 0",
            got=f"{statistic}, {df_denominator}",
            hint="check the statistic and the degrees of freedom of the design",
        )
    if statistic == 0:
        return 1.0
    a = a[a > 0]
    counts, target = np.ones(len(a)), float(statistic)
    # So far out or in, the tail is 0 or 1 to the last digit; so many degrees of freedom are as good as endless.
    relative, endless = statistic / float(a.max()), df_denominator > MANY_FREEDOMS
    if relative > FAR_OUT and endless:
        return 0.0
    if relative < 1 / FAR_OUT:
        return 1.0
    if not endless:
        a, counts = np.append(a, -statistic / df_denominator), np.append(counts, df_denominator)
        target = 0.0
    scale = float(np.abs(a).max())
    return float(special.ndtr(-_modified_root(a / scale, counts, target / scale)))


def _modified_root(a: FloatArray, counts: FloatArray, target: float) -> float:
    """Barndorff-Nielsen's r* of P(Σ a_i χ²(counts_i) > target)."""
    zeta = _saddlepoint(a, counts, target)
    shrunk = 1 - 2 * zeta * a
    cumulant = -0.5 * float(counts @ np.log(shrunk))
    root = math.copysign(math.sqrt(max(2 * (zeta * target - cumulant), 0.0)), zeta)
    if abs(root) < 1e-4:
        # At the mean r* tends to a sixth of the skewness.
        spread, skewness = 2 * float(counts @ a**2), 8 * float(counts @ a**3)
        return float(skewness / (6 * spread**1.5))
    return root + math.log(zeta * math.sqrt(2 * float(counts @ (a / shrunk) ** 2)) / root) / root


def _saddlepoint(a: FloatArray, counts: FloatArray, target: float) -> float:
    """Root of K'(ζ) = target between the poles of K."""

    def slope(zeta: float) -> float:
        return float(counts @ (a / (1 - 2 * zeta * a))) - target

    near = 1 - 1e-13
    high = near / (2 * float(a.max()))
    low = near / (2 * float(a.min())) if a.min() < 0 else -float(counts.sum()) / (2 * target)
    return float(optimize.brentq(slope, low, high, xtol=1e-300, rtol=1e-14, maxiter=500))
