"""Funnels: units of different size against their centre, with limits of chance and of over-dispersion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from analysis.arguments import checked
from analysis.comparing.many_comparisons import adjust_p_values
from analysis.distributions import normal_critical
from analysis.errors import InvalidCounts, InvalidOption
from analysis.types import FloatArray
from analysis.validation import (
    counts_of,
    finite_array,
    finite_positive,
    level_of,
    require_known,
    require_share,
    together,
)

Limits = dict[float, tuple[FloatArray, FloatArray]]

MOST_EXACT = 1e9
"""People up to whom quantiles of the binomial are found in reasonable time."""


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """Units against the centre, with limits that depend on n.

    Attributes
    ----------
    center : float
    k, n : (U,) ndarray
        Satisfied, and answering people over the design effect.
    p, z : (U,) ndarray
        Share, and its distance from the centre in binomial standard errors.
    limits : dict of float to pair of (U,) ndarray
        By level, of chance alone; normal ones are not cut at 0 and 1: draw them cut.
    limits_method : {"normal", "exact"}
        Of `limits`.
    phi : float
        Over-dispersion: mean of winsorised z²; 1 under chance alone.
    tau2 : float
        Variance between units beyond chance; 0 where there is no sign of it.
    z_additive, z_multiplicative : (U,) ndarray
        Distance with that variance added, and divided by sqrt(phi) where phi exceeds 1.
    over_dispersion : {"additive", "multiplicative", "none"}
        The allowance in `limits_allowed` and in `funnel_outliers`.
    limits_allowed : dict of float to pair of (U,) ndarray
        By level, with that allowance; the same as `limits` for "none".
    """

    center: float
    k: FloatArray
    n: FloatArray
    p: FloatArray
    z: FloatArray
    limits: Limits
    limits_method: str
    phi: float
    tau2: float
    z_additive: FloatArray
    z_multiplicative: FloatArray
    over_dispersion: str
    limits_allowed: Limits

    def __len__(self) -> int:
        return len(self.n)


@dataclass(frozen=True, slots=True, eq=False)
class FunnelOutliers:
    """Units that the funnel does not explain.

    Attributes
    ----------
    codes : (U,) ndarray of int8
        1 above, -1 below, 0 within what the funnel explains.
    p_values, adjusted : (U,) ndarray
        Two-sided, before and after adjustment for the number of units.
    adjustment, over_dispersion : str
    alpha : float
    """

    codes: NDArray[np.int8]
    p_values: FloatArray
    adjusted: FloatArray
    adjustment: str
    over_dispersion: str
    alpha: float

    def __len__(self) -> int:
        return len(self.codes)


@checked
def funnel_limits(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    center: float | None = None,
    levels: Sequence[float] = (0.95, 0.998),
    limits_method: str = "normal",
    over_dispersion: str = "additive",
    winsorised: float = 0.1,
) -> Funnel:
    """Limits of chance around the centre for units of different size, with and without over-dispersion.

    Parameters
    ----------
    k, n : (U,) array_like of counts, n >= 1
    design_effect : array_like > 0
        The limits use n / design_effect respondents.
    center : float in (0, 1), optional
        The pooled share when left out.
    levels : sequence of float in (0, 1)
    limits_method : {"normal", "exact"}
        "exact" takes binomial quantiles: near 100 % and for small n the normal limits pass 100 % above and
        give too many alarms below.
    over_dispersion : {"additive", "multiplicative", "none"}
        "additive" adds a variance between units, so that even the largest is allowed to differ a little;
        "multiplicative" widens the limits of chance by one factor.
    winsorised : float in [0, 0.5)
        Share of the largest and of the smallest z pulled in before over-dispersion is estimated, so that
        the units which stand out do not widen the limits that should show them.

    Returns
    -------
    Funnel

    Notes
    -----
    ``z = (p - θ)/s``, ``s² = θ(1-θ)/n``; φ = mean of z² winsorised at its quantiles;
    ``τ² = max(0, (Uφ - (U-1)) / (Σw - Σw²/Σw))``, w = 1/s²; additive ``z = (p - θ)/sqrt(s² + τ²)``,
    multiplicative ``z / sqrt(max(φ, 1))``. The allowed limits are normal.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24:1185-1202.

    Examples
    --------
    >>> funnel = funnel_limits([88, 90, 440], [100, 100, 500])
    >>> [round(limit.item(), 3) for limit in funnel.limits[0.95][0]]
    [0.82, 0.82, 0.855]
    """
    satisfied, people = _units(k, n, design_effect)
    _require_options(limits_method, over_dispersion, winsorised)
    theta = float(satisfied.sum() / people.sum()) if center is None else center
    if not 0 < theta < 1:
        raise InvalidCounts(
            expected="a centre in (0, 1)",
            got=f"{theta:g}",
            hint="where everyone is satisfied there is no funnel to draw",
        )
    share, error = satisfied / people, np.sqrt(theta * (1 - theta) / people)
    z = (share - theta) / error
    phi, tau2 = _dispersion(z, error, winsorised)
    wider = {"additive": np.sqrt(error**2 + tau2), "multiplicative": error * max(phi, 1.0) ** 0.5}
    chance = {level: _band(theta, error, level) for level in levels}
    if limits_method == "exact":
        chance = {
            level: binomial_limits(theta, np.maximum(np.rint(people), 1), level=level) for level in levels
        }
    allowed = (
        {level: _band(theta, wider[over_dispersion], level) for level in levels}
        if over_dispersion in wider
        else chance
    )
    return Funnel(
        theta, satisfied, people, share, z, chance, limits_method, phi, tau2,
        (share - theta) / wider["additive"], (share - theta) / wider["multiplicative"],
        over_dispersion, allowed,
    )  # fmt: skip


@checked
def funnel_outliers(funnel: Funnel, *, adjustment: str = "bh", alpha: float = 0.05) -> FunnelOutliers:
    """Which units lie outside, after adjustment for how many were looked at.

    Parameters
    ----------
    funnel : Funnel
    adjustment : {"bh", "holm", "hochberg", "bonferroni", "by"}
        "bh" for a screen, "holm" where a consequence follows.
    alpha : float in (0, 1)
        Share of false alarms among the units named ("bh"), or chance of any ("holm").

    Returns
    -------
    FunnelOutliers

    Notes
    -----
    P values are normal, from the z of the funnel's allowance. Without an allowance and with exact limits they are
    twice the smaller binomial tail.

    References
    ----------
    Jones, Ohlssen and Spiegelhalter (2008), Journal of Clinical Epidemiology 61:232-240.

    Examples
    --------
    >>> funnel = funnel_limits([88, 90, 70, 89], [100] * 4, center=0.88, over_dispersion="none")
    >>> funnel_outliers(funnel).codes.tolist()
    [0, 0, -1, 0]
    """
    require_share(alpha, name="alpha")
    p_values = _exact_p_values(funnel) if _is_exact(funnel) else _normal_p_values(funnel)
    adjusted = adjust_p_values(p_values, method=adjustment)
    codes = np.where(adjusted <= alpha, np.sign(funnel.p - funnel.center), 0).astype(np.int8)
    return FunnelOutliers(codes, p_values, adjusted, adjustment, funnel.over_dispersion, alpha)


@checked
def binomial_limits(center: float, n: ArrayLike, *, level: float) -> tuple[FloatArray, FloatArray]:
    """Exact two-sided limits of a share of n people when the true one is the centre.

    Parameters
    ----------
    center : float in (0, 1)
    n : array_like of whole numbers >= 1
    level : float in (0, 1)
        Two-sided.

    Returns
    -------
    pair of ndarray
        In [0, 1]. A share outside one of them has a probability below (1 - level)/2 of lying so far out or
        further; near 100 % no share is too high.

    Notes
    -----
    With r the smallest count of ``F(r) >= q``, the lower limit is ``(r - (F(r) - q)/(F(r) - F(r-1)))/n``: the
    quantile interpolated between counts, so that limits of neighbouring n do not jump. The upper limit is that of
    the dissatisfied, mirrored: the same formula at 1 - q would lie below counts that chance makes often.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24:1185-1202, section A.1.1.

    Examples
    --------
    >>> low, high = binomial_limits(0.95, [10, 100], level=0.95)
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.718, 0.898], [1.0, 0.994])
    """
    require_share(center, name="center")
    people = finite_array(n, name="n")
    if (people < 1).any() or (people > MOST_EXACT).any():
        raise InvalidCounts(
            expected=f"1 <= n <= {MOST_EXACT:g}",
            got=f"{people.min():g} to {people.max():g}",
            hint="leave out empty units; beyond it use normal limits",
        )
    tail = (1 - level_of(level)) / 2
    return _binomial_quantile(center, people, tail), 1 - _binomial_quantile(1 - center, people, tail)


def _binomial_quantile(center: float, n: FloatArray, q: float) -> FloatArray:
    r = stats.binom.ppf(q, n, center)
    at, below = stats.binom.cdf(r, n, center), stats.binom.cdf(r - 1, n, center)
    share: FloatArray = np.clip((r - (at - q) / (at - below)) / n, 0.0, 1.0)
    return share


def _units(k: ArrayLike, n: ArrayLike, design_effect: ArrayLike) -> tuple[FloatArray, FloatArray]:
    satisfied, people = counts_of(k, n)
    if satisfied.ndim != 1 or not len(people) or (people < 1).any():
        raise InvalidCounts(
            expected="units with respondents", got="an empty unit or none", hint="leave out empty units"
        )
    satisfied, people, effects = together(
        satisfied, people, finite_positive(design_effect, name="design_effect")
    )
    return satisfied / effects, people / effects


def _require_options(limits_method: str, over_dispersion: str, winsorised: float) -> None:
    require_known(limits_method, ("normal", "exact"), name="limits_method")
    require_known(over_dispersion, ("additive", "multiplicative", "none"), name="over_dispersion")
    if not 0 <= winsorised < 0.5:
        raise InvalidOption(
            expected="0 <= winsorised < 0.5", got=repr(winsorised), hint="0.1 pulls in a tenth at each end"
        )


def _dispersion(z: FloatArray, error: FloatArray, winsorised: float) -> tuple[float, float]:
    phi = float((np.clip(z, *np.quantile(z, [winsorised, 1 - winsorised])) ** 2).mean())
    w = error**-2.0
    freedom = float(w.sum() - (w**2).sum() / w.sum())
    tau2 = max(0.0, (len(z) * phi - (len(z) - 1)) / freedom) if len(z) > 1 else 0.0
    return phi, tau2


def _band(center: float, error: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    half = normal_critical(level) * error
    return center - half, center + half


def _is_exact(funnel: Funnel) -> bool:
    return funnel.over_dispersion == "none" and funnel.limits_method == "exact"


def _normal_p_values(funnel: Funnel) -> FloatArray:
    z = {"additive": funnel.z_additive, "multiplicative": funnel.z_multiplicative, "none": funnel.z}
    p_values: FloatArray = 2 * special.ndtr(-np.abs(z[funnel.over_dispersion]))
    return p_values


def _exact_p_values(funnel: Funnel) -> FloatArray:
    n = np.maximum(np.rint(funnel.n), 1)
    k = np.rint(funnel.p * n)
    lower, upper = stats.binom.cdf(k, n, funnel.center), stats.binom.sf(k - 1, n, funnel.center)
    p_values: FloatArray = np.minimum(2 * np.minimum(lower, upper), 1.0)
    return p_values
