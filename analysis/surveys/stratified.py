"""Shares of stratified samples from counts alone, thousands of units and items at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts, InvalidShape
from analysis.intervals.shares import design_interval
from analysis.types import Estimates, FloatArray, IntArray
from analysis.validation import counts_of, finite_array, labels_of, population_of


@checked
def stratified_shares(
    satisfied: ArrayLike,
    answered: ArrayLike,
    sampled: ArrayLike,
    population: ArrayLike,
    *,
    units: ArrayLike,
    n_units: int,
    method: str = "wilson",
    confidence_level: float = 0.95,
) -> Estimates:
    """Share of satisfied answers of every unit and item, from counts by stratum.

    Parameters
    ----------
    satisfied, answered : (H, S) array_like of whole numbers
        By stratum and item: satisfied answers, and answers. Other respondents of the stratum gave none.
    sampled, population : (H,) array_like of whole numbers
        Respondents of the stratum, and people in its frame.
    units : (H,) array_like of int in [0, n_units)
        Unit of each stratum.
    n_units : int
    method : str
        Of `analysis.intervals.shares.design_interval`; "logit" has no limits at 0 and 100 %: NaN.
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates
        Of shape (U, S): NaN in [0, 1] where no one answered, or where a stratum of the unit is empty.

    Notes
    -----
    Weights are equal inside a stratum, w = N/n, so three counts carry the variance:
    ``p = Σ w x / Σ w r``, ``var = Σ (1 - n/N) n/(n-1) w² [x (1 - 2p) + p² r - (x - p r)²/n] / (Σ w r)²``,
    df = Σ (n - 1). A stratum with one respondent is centred at the unit's share.

    References
    ----------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 5.6.

    Examples
    --------
    >>> found = stratified_shares([[8], [15]], [[10], [20]], [10, 20], [100, 100], units=[0, 0], n_units=1)
    >>> round(found[0, 0].value, 3), int(found[0, 0].df)
    (0.775, 28)
    """
    x, r = counts_of(satisfied, answered)
    n, of = _sizes(r, sampled, population)
    unit = labels_of(units, size=len(n), below=n_units, name="units")
    weight = quotient(of, n, empty=0.0)
    empty = np.bincount(unit, weights=(n == 0) & (of > 0), minlength=n_units) > 0
    below = _by_unit(weight[:, None] * r, unit, n_units)
    below[empty] = 0
    p = quotient(_by_unit(weight[:, None] * x, unit, n_units), below)
    left = 1 - quotient(n, of, empty=1.0)
    scale = left * weight**2 * np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)
    variance = _by_unit(scale[:, None] * _spread(x, r, n, np.nan_to_num(p)[unit]), unit, n_units)
    variance = np.divide(
        np.maximum(variance, 0.0), below**2, out=np.full(below.shape, np.nan), where=below > 0
    )
    people = np.where(below > 0, _by_unit(r, unit, n_units), 0)
    df = np.bincount(unit, weights=np.maximum(n - 1, 0), minlength=n_units)[:, None]
    return design_interval(
        p, variance, people, np.maximum(df, 1), method=method, confidence_level=confidence_level
    )


def _sizes(answered: FloatArray, sampled: ArrayLike, population: ArrayLike) -> tuple[FloatArray, FloatArray]:
    n = finite_array(sampled, name="sampled")
    if answered.ndim != 2 or n.shape != answered.shape[:1]:
        raise InvalidShape(
            expected="counts of shape (H, S) and H stratum sizes",
            got=f"{answered.shape} and {n.shape}",
            hint="one row per stratum, one column per item",
        )
    if (answered > n[:, None]).any():
        raise InvalidCounts(
            expected="answered <= sampled", got="an item with more answers", hint="sampled counts respondents"
        )
    of = population_of(population, n)
    if of.shape != n.shape:
        raise InvalidShape(expected=f"{len(n)} populations", got=f"shape {of.shape}", hint="one per stratum")
    return n, of


def _spread(x: FloatArray, r: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    """Σ (t - p a)² over respondents, t satisfied and a answered, about the stratum's mean."""
    centre = np.where(n > 1, 1 / np.maximum(n, 1), 0.0)
    spread: FloatArray = x - 2 * p * x + p**2 * r - centre[:, None] * (x - p * r) ** 2
    return spread


def _by_unit(rows: FloatArray, unit: IntArray, n_units: int) -> FloatArray:
    """Sums over the strata of each unit."""
    order = np.argsort(unit, kind="stable")
    labels = unit[order]
    total = np.zeros((n_units, rows.shape[1]))
    if len(labels):
        starts = np.flatnonzero(np.diff(labels, prepend=labels[0] - 1))
        total[labels[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return total
