"""Limits of a share by any method, from the share, its effective n and its degrees of freedom."""

import numpy as np

from analysis.arguments import checked
from analysis.distributions import t_critical
from analysis.errors import InvalidOption
from analysis.intervals.limits import CRITICAL_METHODS, Limits
from analysis.intervals.tail_limits import TAIL_METHODS
from analysis.types import FloatArray
from analysis.validation import level_of

ALIASES = {
    "mean": "wald",
    "xlogit": "logit",
    "asin": "arcsine",
    "beta": "clopper_pearson",
    "korn_graubard_nchs": "korn_graubard",
    "likelihood_ratio": "likelihood",
    "jeffreys_bcd": "jeffreys",
}
"""Names of other programs and papers."""


def share_limits(
    p: FloatArray,
    n_effective: FloatArray,
    *,
    df: FloatArray | float = np.inf,
    method: str = "wilson",
    confidence_level: float = 0.95,
    clip: bool = True,
) -> Limits:
    """Limits of shares whose effective numbers of respondents are known.

    Parameters
    ----------
    p : ndarray in [0, 1]
        NaN where nobody answered.
    n_effective : ndarray >= 0
        Independent respondents; infinite in a census.
    df : ndarray > 0 or float
        t(df) is the critical value of `CRITICAL_METHODS`; `TAIL_METHODS` make no use of it.
    method : str
        A name of either table, or of `ALIASES`.
    confidence_level : float in (0, 1)
        Two-sided level.
    clip : bool
        Cut limits at 0 and 1. Only "wald", "wald_cc" and "agresti_coull" ever leave them.

    Returns
    -------
    tuple of ndarray
        Lower and upper limits: 0 and 1 where `p` is NaN, `p` itself in a census, NaN where the method has no
        answer ("logit" at 0 and 100 %).

    Examples
    --------
    >>> low, high = share_limits(np.array([0.9]), np.array([30.0]), method="agresti_coull")
    >>> low.round(4).item(), high.round(4).item()
    (0.7358, 0.9734)
    """
    name = method_named(method)
    known = (n_effective > 0) & np.isfinite(n_effective) & np.isfinite(p)
    share, size = np.where(known, p, 0.5), np.where(known, n_effective, 1.0)
    if name in TAIL_METHODS:
        low, high = TAIL_METHODS[name](share, size, (1 - level_of(confidence_level)) / 2)
    else:
        low, high = CRITICAL_METHODS[name](share, size, t_critical(df, confidence_level))
    if clip:
        low, high = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
    if name != "jeffreys_equal_tailed":
        # Neither rounding nor a fraction of a person may push the estimate out of its own interval.
        low, high = np.minimum(low, share), np.maximum(high, share)
    is_census = np.isinf(n_effective) & np.isfinite(p)
    return (
        np.where(known, low, np.where(is_census, p, 0.0)),
        np.where(known, high, np.where(is_census, p, 1.0)),
    )


@checked
def method_named(method: str) -> str:
    """Our name of an interval method.

    Parameters
    ----------
    method : str
        A name of `CRITICAL_METHODS`, `TAIL_METHODS` or `ALIASES`.

    Returns
    -------
    str

    Raises
    ------
    InvalidOption
        For any other name.

    Examples
    --------
    >>> method_named("beta")
    'clopper_pearson'
    """
    name = ALIASES.get(method, method)
    if name not in CRITICAL_METHODS and name not in TAIL_METHODS:
        offered = ", ".join([*CRITICAL_METHODS, *TAIL_METHODS, *ALIASES])
        raise InvalidOption(expected=f"one of {offered}", got=repr(method), hint="check the spelling")
    return name
