"""Shares with what their sample says of them, and the interval of any method around each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.distributions import t_critical
from analysis.errors import InvalidCounts
from analysis.intervals.share_limits import method_named, share_limits
from analysis.intervals.tail_limits import TAIL_METHODS
from analysis.types import Estimates, FloatArray
from analysis.validation import (
    counts_of,
    finite_array,
    finite_positive,
    measured_array,
    numbers_of,
    population_of,
    positive,
    require_whole,
    together,
)

ROUNDING = 1e-12
"""A weighted share this near 0 or 1 is 0 or 1."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledShares:
    """Shares of one shape with the precision of their sample.

    Attributes
    ----------
    value : ndarray in [0, 1]
        NaN where nobody answered.
    n : ndarray of whole floats >= 0
        Respondents.
    n_effective : ndarray >= 0
        Independent respondents with the same variance; infinite in a census, 0 where nobody answered.
    df : ndarray > 0
        Degrees of freedom of the variance; infinite where the design effect is taken as known.
    is_of_design : bool
        Whether n_eff comes of an estimated variance. The likelihood interval of a design then divides by the
        dispersion n / (n-1) of weighted answers, as R survey does.
    """

    value: FloatArray
    n: FloatArray
    n_effective: FloatArray
    df: FloatArray
    is_of_design: bool = False

    def estimates(self, method: str, *, confidence_level: float = 0.95, clip: bool = True) -> Estimates:
        """Every share with its interval.

        `method` is a name of `CRITICAL_METHODS`, `TAIL_METHODS` or `ALIASES`; `clip` cuts limits at 0 and 1.
        `n_effective` of the result is what went into the formula, `design_effect` that of the sample.
        """
        name = method_named(method)
        used = self._effective_n_in(name, confidence_level)
        low, high = share_limits(
            self.value, used, df=self.df, method=name, confidence_level=confidence_level, clip=clip
        )
        return self.with_limits(low, high, method=name, confidence_level=confidence_level, n_effective=used)

    def with_limits(
        self,
        low: FloatArray,
        high: FloatArray,
        *,
        method: str,
        confidence_level: float,
        n_effective: FloatArray | None = None,
    ) -> Estimates:
        """Every share with limits found elsewhere; [0, 1] where nobody answered."""
        answered = self.n > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            effect = np.where(answered, self.n / self.n_effective, 1.0)
            error = np.sqrt(self.value * (1 - self.value) / self.n_effective)
        return Estimates(
            self.value,
            np.where(answered, low, 0.0),
            np.where(answered, high, 1.0),
            self.n.astype(np.int64),
            effect,
            self.n_effective if n_effective is None else n_effective,
            self.df,
            error,
            method=method,
            confidence_level=confidence_level,
        )

    def of(self, cells: NDArray[np.bool_]) -> SampledShares:
        """The chosen cells, in one row."""
        return replace(
            self,
            value=self.value[cells],
            n=self.n[cells],
            n_effective=self.n_effective[cells],
            df=self.df[cells],
        )

    def _effective_n_in(self, name: str, confidence_level: float) -> FloatArray:
        """Effective n of a method: a finite df shrinks it where no t takes the place of z."""
        used = self.n_effective
        if name == "likelihood" and self.is_of_design:
            return used * np.maximum(self.n - 1, 0) / np.maximum(self.n, 1)
        if name not in TAIL_METHODS:
            return used
        if np.isfinite(self.df).any():
            simple = t_critical(np.maximum(self.n - 1, 1), confidence_level)
            used = used * np.where(
                np.isinf(self.df), 1.0, (simple / t_critical(self.df, confidence_level)) ** 2
            )
        return np.minimum(used, self.n) if name == "korn_graubard" else used


@checked
def counted_shares(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    population: ArrayLike | None = None,
    borrowed_design_effect: ArrayLike | None = None,
) -> SampledShares:
    """Shares from counts of respondents.

    Parameters
    ----------
    k, n, design_effect, df, population, borrowed_design_effect
        As in `analysis.intervals.shares.proportion_interval`.

    Returns
    -------
    SampledShares

    Examples
    --------
    >>> counted_shares(27, 30, design_effect=1.5).n_effective.item()
    20.0
    """
    k, n = counts_of(k, n)
    effect = finite_positive(design_effect, name="design_effect")
    if borrowed_design_effect is not None:
        borrowed = finite_positive(borrowed_design_effect, name="borrowed_design_effect")
        k, n, effect, borrowed = together(k, n, effect, borrowed)
        effect = np.where((k == 0) | (k == n), borrowed, effect)
    freedom = positive(np.inf if df is None else df, name="df")
    size = n if population is None else population_of(population, n)
    k, n, effect, freedom, size = together(k, n, effect, freedom, size)
    left = 1.0 if population is None else 1 - quotient(n, size, empty=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        n_effective = np.where(n == 0, 0.0, n / (effect * left))
    value = quotient(np.minimum(k, n), n)
    return SampledShares(value, n, n_effective, freedom)


@checked
def designed_shares(
    p: ArrayLike,
    variance: ArrayLike,
    n: ArrayLike,
    df: ArrayLike,
    *,
    borrowed_design_effect: ArrayLike = 1.0,
) -> SampledShares:
    """Shares from a survey design.

    Parameters
    ----------
    p, variance, n, df, borrowed_design_effect
        As in `analysis.intervals.shares.design_interval`.

    Returns
    -------
    SampledShares

    Examples
    --------
    >>> shares = designed_shares([0.5, 1.0], [0.01, 0.0], [100, 60], [14, 14], borrowed_design_effect=2)
    >>> shares.n_effective.tolist()
    [25.0, 30.0]
    """
    value, spread, freedom = (
        measured_array(p, name="p"),
        measured_array(variance, name="variance"),
        numbers_of(df, name="df"),
    )
    people = finite_array(n, name="n")
    require_whole(people, name="n")
    borrowed = finite_positive(borrowed_design_effect, name="borrowed_design_effect")
    value, spread, people, freedom, borrowed = together(value, spread, people, freedom, borrowed)
    answered = people > 0
    value = _inside(value, answered)
    _require_variances(spread, answered)
    says_nothing = np.isnan(spread) | (value == 0) | (value == 1)
    freedom = np.where(answered & ~(says_nothing & ~(freedom > 0)), freedom, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = value * (1 - value) / spread
    n_effective = np.where(answered, np.where(says_nothing, people / borrowed, own), 0.0)
    return SampledShares(value, people, n_effective, positive(freedom, name="df"), is_of_design=True)


def _inside(value: FloatArray, answered: NDArray[np.bool_]) -> FloatArray:
    """Shares in [0, 1] wherever somebody answered, rounded off at both ends; NaN elsewhere."""
    outside = answered & ~((value >= -ROUNDING) & (value <= 1 + ROUNDING))
    if outside.any():
        raise InvalidCounts(
            expected="shares in [0, 1]",
            got=f"{value[outside].flat[0]:g}",
            hint="divide by 100, or give n = 0 where nobody answered",
        )
    value = np.where(value < ROUNDING, 0.0, np.where(value > 1 - ROUNDING, 1.0, value))
    return np.where(answered, value, np.nan)


def _require_variances(variance: FloatArray, answered: NDArray[np.bool_]) -> None:
    wrong = answered & ((variance < 0) | np.isinf(variance))
    if wrong.any():
        raise InvalidCounts(
            expected="variance >= 0, or NaN where one cluster gives none",
            got=f"{variance[wrong].flat[0]:g}",
            hint="pass the squared standard error",
        )
