"""Benchmarking: shrunken shares moved together until they add to a total known without shrinking."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from analysis.arguments import checked
from analysis.errors import InvalidCounts
from analysis.small_areas.empirical_bayes import ShrunkenShares
from analysis.types import FloatArray
from analysis.validation import finite_array, require_share


@checked
def benchmarked_shares(
    shares: ShrunkenShares, *, weights: ArrayLike | None = None, target: float | None = None
) -> ShrunkenShares:
    """Shrunken shares moved together so that they add to a total known without shrinking.

    Parameters
    ----------
    shares : ShrunkenShares
    weights : (U,) array_like >= 0, optional
        Of the units in the total: dossiers where known; effective respondents when left out.
    target : float in (0, 1), optional
        Weighted mean to be met; that of the direct shares when left out (units with n = 0 then need weight 0).

    Returns
    -------
    ShrunkenShares
        With `benchmark_shift` set.

    Notes
    -----
    One δ solves ``Σ w expit(logit(m) + δ) = target Σ w``; unlike a common factor it keeps values and limits inside
    (0, 1), and the order of units. The limits move along; their width is not inflated for the benchmark.

    References
    ----------
    Bell, Datta and Ghosh (2013), Biometrika 100:189-202, on benchmarking in general.

    Examples
    --------
    >>> from analysis.small_areas.empirical_bayes import empirical_bayes_shares
    >>> shares = benchmarked_shares(empirical_bayes_shares([3, 15, 30, 44, 19], [3, 20, 30, 50, 30]))
    >>> round(float(np.average(shares.value, weights=[3, 20, 30, 50, 30])), 6) == round(111 / 133, 6)
    True
    """
    used = shares.direct.n_effective if weights is None else finite_array(weights, name="weights")
    if used.shape != shares.value.shape or (used < 0).any() or not used.any():
        raise InvalidCounts(
            expected="one weight >= 0 per unit, not all 0",
            got=f"shape {used.shape}",
            hint="dossiers per unit",
        )
    wanted = _direct_mean(shares, used) if target is None else float(target)
    require_share(wanted, name="target")
    logits = special.logit(shares.value)

    def gap(shift: float) -> float:
        return float(np.average(special.expit(logits + shift), weights=used)) - wanted

    shift = float(optimize.brentq(gap, -60.0, 60.0, xtol=1e-14))
    moved = (
        special.expit(special.logit(old) + shift) for old in (shares.value, shares.ci_low, shares.ci_high)
    )
    value, low, high = moved
    return replace(
        shares, value=value, ci_low=low, ci_high=high, benchmark_shift=shares.benchmark_shift + shift
    )


def _direct_mean(shares: ShrunkenShares, weights: FloatArray) -> float:
    if np.isnan(shares.direct.value[weights > 0]).any():
        raise InvalidCounts(
            expected="a direct share for every unit with weight",
            got="a unit without respondents",
            hint="state the target",
        )
    held = weights > 0
    return float(np.average(shares.direct.value[held], weights=weights[held]))
