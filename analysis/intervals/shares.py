"""Intervals of a share: counts of respondents, or a design's variance, in; estimates with limits out."""

from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.intervals.bounded_mean import bounded_mean_interval
from analysis.intervals.hypergeometric import hypergeometric_interval
from analysis.intervals.limits import CRITICAL_METHODS, wilson_limits
from analysis.intervals.recommended import recommended_for_shares, recommended_interval
from analysis.intervals.sampled_shares import counted_shares, designed_shares
from analysis.intervals.share_limits import method_named
from analysis.intervals.tail_limits import TAIL_METHODS
from analysis.types import Estimates

__all__ = [
    "INTERVALS",
    "bounded_mean_interval",
    "clopper_pearson_interval",
    "design_interval",
    "hypergeometric_interval",
    "jeffreys_interval",
    "korn_graubard_interval",
    "proportion_interval",
    "wilson_interval",
    "wilson_limits",
]


@checked
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
    shares = counted_shares(k, n, design_effect=design_effect, df=df, population=population)
    return shares.estimates("wilson", confidence_level=confidence_level)


@checked
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
    shares = counted_shares(k, n, design_effect=design_effect, df=df, population=population)
    return shares.estimates("clopper_pearson", confidence_level=confidence_level)


@checked
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
        Take it from the pooled units (`analysis.surveys.design_effects.pooled_design_effect`).

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
    shares = counted_shares(
        k,
        n,
        design_effect=design_effect,
        df=df,
        population=population,
        borrowed_design_effect=borrowed_design_effect,
    )
    return shares.estimates("korn_graubard", confidence_level=confidence_level)


@checked
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
    shares = counted_shares(k, n, design_effect=design_effect, df=df, population=population)
    return shares.estimates("jeffreys", confidence_level=confidence_level)


@checked
def proportion_interval(
    k: ArrayLike,
    n: ArrayLike,
    *,
    method: str = "wilson",
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    population: ArrayLike | None = None,
    borrowed_design_effect: ArrayLike | None = None,
    confidence_level: float = 0.95,
    clip: bool = True,
) -> Estimates:
    """Share from counts with the interval of the given name.

    Parameters
    ----------
    k, n, design_effect, df, population, confidence_level
        As in `wilson_interval`.
    method : str
        "auto" (`analysis.intervals.recommended`), or one of the names below.
    borrowed_design_effect : array_like > 0, optional
        Takes the place of `design_effect` where everyone, or nobody, is satisfied: there the sample itself
        gives no variance. "korn_graubard" takes 1 unless told, as the NCHS does.
    clip : bool
        Cut limits at 0 and 1. Only "wald", "wald_cc" and "agresti_coull" ever leave them.

    Returns
    -------
    Estimates
        With n = 0 nothing is known: value NaN, limits 0 and 1. In a census (n = population) the limits are
        the value. "logit" has no limits at 0 and 100 %: NaN.

    Notes
    -----
    With p = k/n, n_eff = n / (deff (1 - n/N)), x = p n_eff and c the normal quantile, or t(df) where `df` is
    given:

    ========================= =============================================================
    wald (mean)               p ± c s, s² = p(1-p)/n_eff
    wald_cc                   p ± (c s + 1/2n_eff)
    wilson                    roots of (p - pi)² = c² pi(1-pi)/n_eff
    wilson_cc                 the same for p ∓ 1/2n_eff
    agresti_coull             wald of (x + c²/2) out of (n_eff + c²)
    logit (xlogit)            logit p ± c s / (p(1-p)), put back
    arcsine (asin)            arcsin √p ± c / (2 √n_eff), put back
    arcsine_anscombe          the same around arcsin √((x + 3/8) / (n_eff + 3/4))
    likelihood                n_eff [p log(p/pi) + (1-p) log((1-p)/(1-pi))] = c²/2
    clopper_pearson (beta)    P(X >= x | low) = P(X <= x | high) = alpha/2
    mid_p                     the same, P(X = x) counted half
    jeffreys (jeffreys_bcd)   quantiles of Beta(x + 1/2, n_eff - x + 1/2), closed at 0 and 100 %
    jeffreys_equal_tailed     the same, not closed
    korn_graubard             clopper_pearson on at most n, NCHS rules
    ========================= =============================================================

    The last five shrink n_eff by (t(n-1) / t(df))² where `df` is given, and keep their tails.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:857-872. Brown, Cai and DasGupta (2001), Statistical Science
    16:101-133. Franco, Little, Louis and Slud (2019), Journal of Survey Statistics and Methodology 7:334-364.

    Examples
    --------
    >>> proportion_interval(9, 10, method="jeffreys").method
    'jeffreys'
    >>> proportion_interval([9, 90], [10, 100], method="auto").method
    'auto: korn_graubard/wilson'
    """
    if method == "auto":
        return recommended_interval(
            k,
            n,
            design_effect=design_effect,
            df=df,
            population=population,
            borrowed_design_effect=borrowed_design_effect,
            confidence_level=confidence_level,
        ).estimates
    name = method_named(method)
    if name == "korn_graubard" and borrowed_design_effect is None:
        borrowed_design_effect = 1.0
    shares = counted_shares(
        k,
        n,
        design_effect=design_effect,
        df=df,
        population=population,
        borrowed_design_effect=borrowed_design_effect,
    )
    return shares.estimates(name, confidence_level=confidence_level, clip=clip)


@checked
def design_interval(
    p: ArrayLike,
    variance: ArrayLike,
    n: ArrayLike,
    df: ArrayLike,
    *,
    method: str = "wilson",
    borrowed_design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
    clip: bool = True,
) -> Estimates:
    """Share of a survey design with the interval of the given name.

    Parameters
    ----------
    p : array_like in [0, 1]
        Weighted share; anything where n = 0.
    variance : array_like >= 0
        Its linearised or replicated variance, finite population correction included. NaN where the sample
        gives none (one cluster in all).
    n : array_like of whole numbers >= 0
        Respondents.
    df : array_like > 0
        Clusters minus strata. May be 0 or NaN where the variance says nothing; then it counts as infinite.
    method : str
        As in `proportion_interval`.
    borrowed_design_effect : array_like > 0
        Gives n_eff = n / it where the variance says nothing: NaN, or everyone or nobody satisfied. Take it
        from the pooled units (`analysis.surveys.design_effects.pooled_design_effect`).
    confidence_level : float in (0, 1)
        Two-sided level.
    clip : bool
        As in `proportion_interval`.

    Returns
    -------
    Estimates
        In the broadcast shape of the arguments. A variance of 0 strictly inside (0, 1) is a census: limits
        equal to the value.

    Notes
    -----
    n_eff = p(1-p) / variance, then the formulas of `proportion_interval`, for "likelihood" on n_eff (n-1)/n.
    R survey's `svyciprop` gives the same for "mean", "logit", "xlogit", "asin", "beta" and "wilson" (version
    4.5), and for "likelihood" up to its own interpolation of the profile, a few units of the fourth digit.
    Where it has no answer, at 0 and 100 %, ours is that of the borrowed design effect. Its "mean" is not
    clipped.

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24:193-201. Rao and Scott (1984), Annals of Statistics
    12:46-60. Parker et al. (2017), NCHS Vital and Health Statistics 2(175).

    Examples
    --------
    >>> schools = design_interval(0.3442623, 0.08130783**2, 183, 14, method="beta").at()
    >>> f"{schools.ci_low:.4f} {schools.ci_high:.4f}"
    '0.1787 0.5431'
    """
    shares = designed_shares(p, variance, n, df, borrowed_design_effect=borrowed_design_effect)
    if method == "auto":
        return recommended_for_shares(shares, confidence_level=confidence_level).estimates
    return shares.estimates(method, confidence_level=confidence_level, clip=clip)


def _named_interval(method: str) -> Callable[..., Estimates]:
    def interval(k: ArrayLike, n: ArrayLike, **options: Any) -> Estimates:
        return proportion_interval(k, n, method=method, **options)

    interval.__name__, interval.__doc__ = f"{method}_interval", f"`proportion_interval` of method {method!r}."
    return interval


INTERVALS: dict[str, Callable[..., Estimates]] = {
    method: _named_interval(method) for method in [*CRITICAL_METHODS, *TAIL_METHODS]
}
"""Every interval by name."""
