"""Design effects: how much respondents of one cluster, or with unequal weights, really tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts
from analysis.surveys.linearisation import Columns, Linearised, Totals, ratio
from analysis.types import FloatArray
from analysis.validation import finite_array, finite_positive, together


@checked
def cluster_design_effect(
    totals: Totals,
    numerator: Columns,
    denominator: Columns,
    *,
    floor: float = 0.0,
) -> FloatArray:
    """Design effect of a ratio: its variance between clusters over that between independent respondents.

    Parameters
    ----------
    totals : Totals
    numerator, denominator : str or sequence of str
    floor : float >= 0
        Lowest value returned; 1 for kiosk streams, where clustering cannot honestly help.

    Returns
    -------
    (U,) ndarray
        NaN where it cannot be estimated: one cluster, or everyone gave the same answer.

    References
    ----------
    Kish (1965), Survey Sampling, section 5.4.

    Examples
    --------
    >>> from analysis.surveys.linearisation import design_totals
    >>> from analysis.counting.moments import moments
    >>> v = [[1, 1], [1, 1], [0, 1], [0, 1]]
    >>> m = moments(v, [0] * 4, [1, 1, 2, 2], n_units=1, columns=("s", "r"))
    >>> cluster_design_effect(design_totals(m), "s", "r").round(6).tolist()
    [3.0]
    """
    return np.maximum(ratio(totals, numerator, denominator).design_effect, floor)


@checked
def pooled_design_effect(estimate: Linearised, *, floor: float = 1.0) -> float:
    """One design effect from all units, to lend to those that cannot estimate their own.

    Parameters
    ----------
    estimate : Linearised
    floor : float
        Lowest value returned, and the value when no unit can tell.

    Returns
    -------
    float
        Sum of variances over sum of simple variances, of units with both.

    Examples
    --------
    >>> unknown = np.array([np.nan])
    >>> pooled_design_effect(Linearised(unknown, unknown, unknown, np.array([0.0]), np.array([1.0])))
    1.0
    """
    both = np.isfinite(estimate.variance) & (np.nan_to_num(estimate.simple_variance) > 0)
    if not both.any():
        return floor
    return max(floor, float(estimate.variance[both].sum() / estimate.simple_variance[both].sum()))


@checked
def kish_design_effect(weights: ArrayLike) -> float:
    """Loss from unequal weights.

    Parameters
    ----------
    weights : (n,) array_like >= 0

    Returns
    -------
    float
        ``n Σw² / (Σw)²``, at least 1.

    References
    ----------
    Kish (1992), Journal of Official Statistics 8:183-200.

    Examples
    --------
    >>> kish_design_effect([1, 1, 2])
    1.125
    """
    w = finite_array(weights, name="weights")
    if w.size == 0 or (w < 0).any() or w.sum() == 0:
        raise InvalidCounts(
            expected="weights >= 0, not all 0", got=repr(weights)[:60], hint="one weight per respondent"
        )
    return float(w.size * (w**2).sum() / w.sum() ** 2)


@checked
def effective_n(n: ArrayLike, design_effect: ArrayLike) -> FloatArray:
    """Independent respondents that tell as much as n clustered ones.

    Parameters
    ----------
    n : array_like >= 0
    design_effect : array_like > 0

    Returns
    -------
    ndarray

    Examples
    --------
    >>> effective_n([300], 1.5).tolist()
    [200.0]
    """
    people, effect = together(finite_array(n, name="n"), finite_positive(design_effect, name="design_effect"))
    return people / effect
