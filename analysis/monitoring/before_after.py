"""Before and after: the change of a share at a date, with what periods vary beyond chance, and a mark for breaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from analysis.arguments import checked
from analysis.distributions import t_critical
from analysis.errors import InvalidOption
from analysis.intervals.shares import wilson_interval
from analysis.intervals.two_shares import difference_of_estimates
from analysis.monitoring.period_errors import Coefficient, period_coefficient, period_counts
from analysis.monitoring.trend import levels_between
from analysis.types import Difference, Estimate, FloatArray
from analysis.validation import level_of


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Change of a share at a date.

    Attributes
    ----------
    difference : Difference
        After minus before.
    before, after : Estimate
        Of all periods of each side together.
    inflation : float >= 1
        Variance of the difference over the binomial one, beyond the design effect.
    autocorrelation : float in [0, 0.95]
    df : float
    at : int
        Index of the first period after.
    breaks : tuple of int
        Breaks of the method among the periods.
    is_same_measure : bool
        False where a break lies among the periods: the difference then holds the change of the method too.
    error : str
    reason : str
        What to say beside the difference; empty where there is nothing.
    """

    difference: Difference
    before: Estimate
    after: Estimate
    inflation: float
    autocorrelation: float
    df: float
    at: int
    breaks: tuple[int, ...]
    is_same_measure: bool
    error: str
    reason: str


@checked
def before_after_difference(
    x: ArrayLike,
    n: ArrayLike,
    *,
    at: int,
    breaks: Sequence[int] = (),
    design_effect: ArrayLike = 1.0,
    error: str = "autoregressive",
    confidence_level: float = 0.95,
) -> BeforeAfter:
    """Difference of a share after a date and before it.

    Parameters
    ----------
    x, n : (T,) array_like of counts, n >= 1
        Whole periods of one length, in order. A month that has just begun does not compare with whole months.
    at : int in [1, T - 1]
        Index of the first period after.
    breaks : sequence of int
        Indices at which the method changed (another questionnaire, another mix of channels).
    design_effect : array_like > 0
        By period.
    error : {"autoregressive", "over_dispersed", "newey_west", "binomial"}
        "binomial" takes all people as one independent sample each side: for two waves, not for weeks.
    confidence_level : float in (0, 1)

    Returns
    -------
    BeforeAfter

    Notes
    -----
    Periods of one side vary by more than chance, and neighbours resemble each other: the inflation of the variance of
    the step, from `analysis.monitoring.period_errors.period_coefficient`, multiplies the design effect of both
    sides, and
    Newcombe's hybrid of two Wilson intervals is taken with its t(df). A trend running through the date is read as
    a step: look at the chart.

    Examples
    --------
    >>> change = before_after_difference([80, 84, 79, 82, 88, 91, 90, 87], [100] * 8, at=4)
    >>> f"{change.difference.value:.4f} {change.difference.ci_low:.4f} {change.difference.ci_high:.4f}"
    '0.0775 0.0158 0.1391'
    """
    satisfied, people, effects = period_counts(x, n, design_effect)
    size = len(people)
    if not 1 <= at < size:
        raise InvalidOption(
            expected=f"at in 1..{size - 1}", got=str(at), hint="the index of the first period after"
        )
    levels_between(breaks, size)
    weight, share = people / effects, satisfied / people
    step = _step(share, weight, at, error)
    sides = [
        _side(share[part], weight[part], people[part], step, confidence_level)
        for part in (slice(0, at), slice(at, size))
    ]
    return BeforeAfter(
        _difference(sides[1], sides[0], confidence_level), sides[0], sides[1], step.inflation,
        step.autocorrelation, step.df, at, tuple(int(index) for index in breaks), not breaks, error,
        _reason(breaks, at),
    )  # fmt: skip


@checked
def difference_in_differences(
    treated: BeforeAfter, control: BeforeAfter, *, confidence_level: float = 0.95
) -> Difference:
    """How much more a share changed where something was done than where it was not.

    Parameters
    ----------
    treated, control : BeforeAfter
        Of different people, over the same periods and at the same date.
    confidence_level : float in (0, 1)
        The level at which both were made.

    Returns
    -------
    Difference
        Change of the treated minus change of the controls; NaN where one of them is not known.

    Notes
    -----
    With changes d, e and their limits (l, u), (m, v): ``d - e - √((d - l)² + (v - e)²)`` and
    ``d - e + √((u - d)² + (e - m)²)``, which recover each variance at its own limit. The p value refers
    d - e over the half width towards zero to t with the degrees of freedom of Welch. It supposes that both
    would have changed alike; nothing in the numbers can show that.

    References
    ----------
    Zou and Donner (2008), Statistics in Medicine 27:1693-1702. Angrist and Pischke (2009), Mostly Harmless
    Econometrics, chapter 5.

    Examples
    --------
    >>> treated = before_after_difference([80, 84, 79, 82, 88, 91, 90, 87], [100] * 8, at=4)
    >>> control = before_after_difference([81, 82, 80, 83, 82, 84, 81, 83], [100] * 8, at=4)
    >>> found = difference_in_differences(treated, control)
    >>> f"{found.value:.3f} {found.ci_low:.3f} {found.ci_high:.3f}"
    '0.068 -0.023 0.158'
    """
    level_of(confidence_level)
    one, other = treated.difference, control.difference
    value = one.value - other.value
    low = value - float(np.hypot(one.value - one.ci_low, other.ci_high - other.value))
    high = value + float(np.hypot(one.ci_high - one.value, other.value - other.ci_low))
    df = _welch_df((one, other), np.array([treated.df, control.df]), confidence_level)
    half = value - low if value > 0 else high - value
    scaled = abs(value) / half * float(t_critical(df, confidence_level)) if half > 0 else float("nan")
    p_value = float(2 * stats.t.sf(scaled, df))
    return Difference(
        value, max(-2.0, low), min(2.0, high), p_value, "difference_in_differences", confidence_level
    )


def _welch_df(changes: Sequence[Difference], dfs: FloatArray, confidence_level: float) -> float:
    """Degrees of freedom of the difference of two changes, each with its own."""
    halves = np.array([(each.ci_high - each.ci_low) / 2 for each in changes])
    variance = (halves / t_critical(dfs, confidence_level)) ** 2
    part = float((variance**2 / dfs).sum())
    return float(variance.sum()) ** 2 / part if part > 0 else float("inf")


def _step(share: FloatArray, weight: FloatArray, at: int, error: str) -> Coefficient:
    size = len(share)
    after = (np.arange(size) >= at).astype(np.float64)
    pooled = float(np.average(share, weights=weight))
    if not 1e-15 < pooled < 1 - 1e-15:
        return Coefficient(0.0, np.nan, np.inf, 1.0, 1.0, 0.0)
    return period_coefficient(share, weight, others=np.ones((size, 1)), column=after, error=error)


def _side(
    share: FloatArray, weight: FloatArray, people: FloatArray, step: Coefficient, confidence_level: float
) -> Estimate:
    total = float(people.sum())
    mean = float(np.average(share, weights=weight))
    return wilson_interval(
        mean * total,
        total,
        design_effect=total / float(weight.sum()) * step.inflation,
        df=None if np.isinf(step.df) else step.df,
        confidence_level=confidence_level,
    ).at()


def _difference(after: Estimate, before: Estimate, confidence_level: float) -> Difference:
    """With the degrees of freedom of the step, which both sides share, and not Welch's sum of two."""
    variance = np.array([one.value * (1 - one.value) / one.n_effective for one in (after, before)])
    total = float(variance.sum())
    part = float((variance**2).sum()) / total**2 if total > 0 else 1.0
    shared = [replace(one, df=one.df * part) for one in (after, before)]
    return difference_of_estimates(*shared, confidence_level=confidence_level).at()


def _reason(breaks: Sequence[int], at: int) -> str:
    if not breaks:
        return ""
    if at in breaks:
        return f"the method changed at period {at}: the difference holds that change too"
    listed = ", ".join(str(index) for index in breaks)
    return f"the method changed at period {listed}: one side mixes two methods"
