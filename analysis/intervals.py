"""Intervals of a share: counts of respondents in, estimates with limits out."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from analysis.errors import InvalidOption
from analysis.types import Estimates, FloatArray
from analysis.validation import counts_of, finite_array, level_of, population_of, positive, together


def wilson_interval(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    population: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> Estimates:
    """Share of satisfied respondents with its Wilson score interval.

    Parameters
    ----------
    k : array_like, 0 <= k <= n
        Satisfied respondents; weighted counts allowed.
    n : array_like of whole numbers >= 0
        Respondents who answered. With n = 0 nothing is known: value NaN, limits 0 and 1.
    design_effect : array_like > 0
        The interval uses n / design_effect respondents (Kish 1965).
    df : array_like > 0, optional
        Degrees of freedom of an estimated design effect: t(df) replaces z.
    population : array_like >= n, optional
        Population of a random sample; only then does n_eff grow by 1 / (1 - n/N).
    confidence_level : float in (0, 1)
        Two-sided level.

    Returns
    -------
    Estimates
        In the broadcast shape of the arguments.

    Notes
    -----
    With p = k/n and n_eff = n / (deff (1 - n/N)),
    ``(p + c²/2n_eff ± c sqrt(p(1-p)/n_eff + c²/4n_eff²)) / (1 + c²/n_eff)``.
    There is no second shrinkage of n_eff by df, as in R survey 4.5.

    References
    ----------
    Wilson (1927), JASA 22:209-212.

    Examples
    --------
    >>> estimate = wilson_interval([27], [30])[0]
    >>> f"{estimate.ci_low:.3f} to {estimate.ci_high:.3f}"
    '0.744 to 0.965'
    """
    k, n, n_effective, df = _effective(k, n, design_effect, df, population)
    low, high = wilson_limits(_share(k, n), n_effective, _critical(df, confidence_level))
    return _estimates(k, n, n_effective, df, (low, high), method="wilson", confidence_level=confidence_level)


def clopper_pearson_interval(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    population: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> Estimates:
    """Share with its exact binomial (Clopper-Pearson) interval.

    Parameters
    ----------
    k, n, design_effect, df, population, confidence_level
        As in `wilson_interval`. A finite `df` shrinks n_eff by (t(n-1) / t(df))².

    Returns
    -------
    Estimates

    Notes
    -----
    Limits are the alpha/2 quantile of Beta(x, n_eff - x + 1) and the 1 - alpha/2 quantile of
    Beta(x + 1, n_eff - x), x = p n_eff. With `df` this is method "beta" of R survey.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26:404-413.
    Korn and Graubard (1998), Survey Methodology 24:193-201.

    Examples
    --------
    >>> round(clopper_pearson_interval(30, 30).ci_low.item(), 4)
    0.8843
    """
    k, n, n_effective, df = _effective(k, n, design_effect, df, population)
    n_effective = n_effective * _df_shrinkage(n, df, confidence_level)
    low, high = _beta_limits(_share(k, n), n_effective, confidence_level)
    return _estimates(
        k, n, n_effective, df, (low, high), method="clopper_pearson", confidence_level=confidence_level
    )


def korn_graubard_interval(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    population: ArrayLike | None = None,
    borrowed_design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> Estimates:
    """Share from a survey design with its Korn-Graubard interval, NCHS rules.

    Parameters
    ----------
    k, n, design_effect, df, population, confidence_level
        As in `clopper_pearson_interval`.
    borrowed_design_effect : array_like > 0
        Used where everyone, or nobody, is satisfied: there the sample itself gives no variance.
        Take it from the pooled units (`analysis.design.pooled_design_effect`).

    Returns
    -------
    Estimates

    Notes
    -----
    Clopper-Pearson on n_eff = n / deff (t(n-1) / t(df))², never more than n.

    References
    ----------
    Korn and Graubard (1998). Parker et al. (2017), NCHS Vital and Health Statistics 2(175).

    Examples
    --------
    >>> round(korn_graubard_interval(183, 183, df=14).ci_low.item(), 6)
    0.976463
    """
    k, n = counts_of(k, n)
    at_boundary = (k == 0) | (k == n)
    used = np.where(
        at_boundary, positive(borrowed_design_effect, name="borrowed_design_effect"), design_effect
    )
    k, n, n_effective, df = _effective(k, n, used, df, population)
    n_effective = np.minimum(n_effective * _df_shrinkage(n, df, confidence_level), n)
    low, high = _beta_limits(_share(k, n), n_effective, confidence_level)
    return _estimates(
        k, n, n_effective, df, (low, high), method="korn_graubard", confidence_level=confidence_level
    )


def jeffreys_interval(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    population: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> Estimates:
    """Share with its Jeffreys interval, closed at 0 % and 100 %.

    Parameters
    ----------
    k, n, design_effect, df, population, confidence_level
        As in `clopper_pearson_interval`.

    Returns
    -------
    Estimates

    Notes
    -----
    Equal-tailed quantiles of Beta(x + 1/2, n_eff - x + 1/2); the lower limit is 0 at x = 0 and the upper is
    1 at x = n, as Brown, Cai and DasGupta advise, so that the interval holds the estimate.

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16:101-133.

    Examples
    --------
    >>> round(jeffreys_interval(30, 30).ci_low.item(), 4)
    0.9203
    """
    k, n, n_effective, df = _effective(k, n, design_effect, df, population)
    n_effective = n_effective * _df_shrinkage(n, df, confidence_level)
    p, alpha = _share(k, n), 1 - level_of(confidence_level)
    x, rest = p * n_effective, (1 - p) * n_effective
    low = np.where(k == 0, 0.0, special.betaincinv(x + 0.5, rest + 0.5, alpha / 2))
    high = np.where(k == n, 1.0, special.betaincinv(x + 0.5, rest + 0.5, 1 - alpha / 2))
    low, high = _pinned(p, n_effective, low, high)
    return _estimates(
        k, n, n_effective, df, (low, high), method="jeffreys", confidence_level=confidence_level
    )


def hypergeometric_interval(
    k: ArrayLike, n: ArrayLike, *, population: ArrayLike, confidence_level: float = 0.95
) -> Estimates:
    """Share of a small finite population with its exact interval.

    Parameters
    ----------
    k, n, population : array_like of whole numbers, 0 <= k <= n <= population
        Satisfied and answering respondents of a simple random sample, and all dossiers.
    confidence_level : float in (0, 1)
        Two-sided level.

    Returns
    -------
    Estimates
        Limits are K/N for whole K.

    Notes
    -----
    Holds every K with P(X >= k | K) > alpha/2 and P(X <= k | K) > alpha/2 (equal-tailed test inversion).

    References
    ----------
    Konijn (1973), Statistical Theory of Sample Survey Design. Wright (1991), Exact Confidence Bounds.

    Examples
    --------
    >>> small = hypergeometric_interval(27, 30, population=60)
    >>> round(small.ci_low.item() * 60), round(small.ci_high.item() * 60)
    (47, 57)
    """
    k, n = counts_of(k, n)
    sizes = population_of(population, n)
    k, n, sizes = together(k, n, sizes)
    if (k != np.rint(k)).any():
        raise InvalidOption(
            expected="whole k", got=f"{k.flat[0]:g}", hint="use wilson_interval for weighted counts"
        )
    tail = (1 - level_of(confidence_level)) / 2
    bounds = np.array([_possible_totals(*row, tail) for row in zip(k.flat, n.flat, sizes.flat, strict=True)])
    low, high = (bounds.T / sizes.ravel()).reshape(2, *k.shape)
    fpc = 1 - n / sizes
    with np.errstate(divide="ignore"):
        n_effective = n / fpc
    return _estimates(
        k,
        n,
        n_effective,
        np.full(k.shape, np.inf),
        (low, high),
        method="hypergeometric",
        confidence_level=confidence_level,
    )


INTERVALS: dict[str, Callable[..., Estimates]] = {
    "wilson": wilson_interval,
    "clopper_pearson": clopper_pearson_interval,
    "korn_graubard": korn_graubard_interval,
    "jeffreys": jeffreys_interval,
}


def proportion_interval(
    k: ArrayLike, n: ArrayLike, *, method: str = "wilson", **options: object
) -> Estimates:
    """Share with the interval of the given name.

    Parameters
    ----------
    k, n : array_like
        As in `wilson_interval`.
    method : {"wilson", "clopper_pearson", "korn_graubard", "jeffreys"}
    **options
        Passed to the named interval.

    Returns
    -------
    Estimates

    Examples
    --------
    >>> proportion_interval(9, 10, method="jeffreys").method
    'jeffreys'
    """
    if method not in INTERVALS:
        raise InvalidOption(
            expected=f"one of {', '.join(INTERVALS)}", got=repr(method), hint="check the spelling"
        )
    return INTERVALS[method](k, n, **options)


def bounded_mean_interval(
    value: FloatArray,
    n_effective: FloatArray,
    n: ArrayLike,
    *,
    design_effect: FloatArray,
    df: FloatArray,
    standard_error: FloatArray,
    bounds: tuple[ArrayLike, ArrayLike] = (0.0, 1.0),
    confidence_level: float = 0.95,
) -> Estimates:
    """Mean of a bounded quantity (an index, a mean score) with a Wilson-type interval.

    Parameters
    ----------
    value : ndarray
        Mean inside the bounds; NaN where nobody answered.
    n_effective : ndarray >= 0
        Yes-or-no respondents whose share would have the same variance.
    n : array_like of int
        Respondents.
    design_effect, df, standard_error : ndarray
        Reported with the result; `df` gives the critical value t(df).
    bounds : pair of array_like
        Smallest and largest value one respondent can give.
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates

    Notes
    -----
    With p = (value - low) / (high - low) and n_eff = p(1-p) / var(p), Wilson's limits of p, put back on the
    scale. They never leave the bounds and keep a width when everyone is satisfied.

    Examples
    --------
    >>> one = np.ones(1)
    >>> best = bounded_mean_interval(5 * one, 30 * one, 30 * one, design_effect=one, df=np.inf * one,
    ...                              standard_error=0 * one, bounds=(1, 5))
    >>> best[0].ci_low.__round__(2), best[0].ci_high
    (4.55, 5.0)
    """
    bottom, top = (np.asarray(bound, dtype=np.float64) for bound in bounds)
    p = np.clip((value - bottom) / (top - bottom), 0.0, 1.0)
    low, high = (
        bottom + (top - bottom) * limit
        for limit in wilson_limits(p, n_effective, _critical(df, confidence_level))
    )
    return Estimates(
        value,
        np.fmin(low, value),
        np.fmax(high, value),
        np.asarray(n).astype(np.int64),
        design_effect,
        n_effective,
        df,
        standard_error,
        method="wilson_mean",
        confidence_level=confidence_level,
    )


def wilson_limits(
    p: FloatArray, n_effective: FloatArray, critical: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Wilson limits of a share given its effective number of respondents.

    Parameters
    ----------
    p : ndarray in [0, 1]
        NaN where nobody answered.
    n_effective : ndarray >= 0
        May be infinite (a census).
    critical : ndarray
        Quantile of the normal or t distribution.

    Returns
    -------
    tuple of ndarray
        Lower and upper limits; 0 and 1 where `p` is NaN.

    Examples
    --------
    >>> [limit.round(4).item() for limit in wilson_limits(np.array(1.0), np.array(30.0), np.array(1.96))]
    [0.8865, 1.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = critical**2 / n_effective
        centre = (p + ratio / 2) / (1 + ratio)
        half = critical * np.sqrt(p * (1 - p) / n_effective + (ratio / critical) ** 2 / 4) / (1 + ratio)
    low, high = np.where(p == 0, 0.0, centre - half), np.where(p == 1, 1.0, centre + half)
    return _pinned(p, n_effective, low, high)


def _effective(
    k: ArrayLike, n: ArrayLike, design_effect: ArrayLike, df: ArrayLike | None, population: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Checked k, n, effective n and df in one shape."""
    k, n = counts_of(k, n)
    effect = positive(finite_array(design_effect, name="design_effect"), name="design_effect")
    freedom = positive(np.inf if df is None else df, name="df")
    sizes = n if population is None else population_of(population, n)
    k, n, effect, freedom, sizes = together(k, n, effect, freedom, sizes)
    fpc = 1.0 if population is None else 1 - np.divide(n, sizes, out=np.zeros_like(n), where=sizes > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        n_effective = np.where(n == 0, 0.0, n / (effect * fpc))
    return k, n, n_effective, freedom


def _share(k: FloatArray, n: FloatArray) -> FloatArray:
    share: FloatArray = np.divide(np.minimum(k, n), n, out=np.full(k.shape, np.nan), where=n > 0)
    return share


def _critical(df: FloatArray, confidence_level: float) -> FloatArray:
    return np.asarray(special.stdtrit(df, 0.5 + level_of(confidence_level) / 2))


def _df_shrinkage(n: FloatArray, df: FloatArray, confidence_level: float) -> FloatArray:
    """(t(n-1) / t(df))², Korn and Graubard (1998); 1 where df is not given."""
    simple = _critical(np.maximum(n - 1, 1), confidence_level)
    return np.where(np.isinf(df), 1.0, (simple / _critical(df, confidence_level)) ** 2)


def _beta_limits(
    p: FloatArray, n_effective: FloatArray, confidence_level: float
) -> tuple[FloatArray, FloatArray]:
    tail = (1 - level_of(confidence_level)) / 2
    x, rest = p * n_effective, (1 - p) * n_effective
    low = np.where(p == 0, 0.0, special.betaincinv(x, rest + 1, tail))
    high = np.where(p == 1, 1.0, special.betaincinv(x + 1, rest, 1 - tail))
    return _pinned(p, n_effective, low, high)


def _pinned(
    p: FloatArray, n_effective: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Limits that hold the estimate: the estimate itself in a census, [0, 1] where nobody answered."""
    census = np.isinf(n_effective)
    low, high = np.where(census, p, np.fmin(low, p)), np.where(census, p, np.fmax(high, p))
    return np.where(np.isnan(p), 0.0, low), np.where(np.isnan(p), 1.0, high)


def _possible_totals(k: float, n: float, size: float, tail: float) -> tuple[int, int]:
    totals = np.arange(k, size - n + k + 1)
    enough = stats.hypergeom.sf(k - 1, size, totals, n) > tail
    few = stats.hypergeom.cdf(k, size, totals, n) > tail
    possible = totals[enough & few]
    return int(possible[0]), int(possible[-1])


def _estimates(
    k: FloatArray,
    n: FloatArray,
    n_effective: FloatArray,
    df: FloatArray,
    limits: tuple[FloatArray, FloatArray],
    *,
    method: str,
    confidence_level: float,
) -> Estimates:
    p = _share(k, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(n > 0, n / n_effective, 1.0)
        error = np.sqrt(p * (1 - p) / n_effective)
    return Estimates(
        p,
        *limits,
        n.astype(np.int64),
        effect,
        n_effective,
        df,
        error,
        method=method,
        confidence_level=confidence_level,
    )
