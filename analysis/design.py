"""Design effects and linearised variances: how much respondents of one cluster or stratum really tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import InvalidCounts, InvalidShape
from analysis.tallies import Moments
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, labels_of, population_of, positive, together

Columns = str | Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Which unit each row of stratum moments belongs to, and how many people the stratum holds.

    Attributes
    ----------
    units : (K,) ndarray of int in [0, n_units)
        Unit of each stratum row of the moments.
    n_units : int
    population : (K,) ndarray of int, optional
        Respondents in the frame, N_h: weight N_h / n_h and correction 1 - n_h / N_h. Without it the values
        already carry their weights and nothing is corrected.
    cluster_population : (K,) ndarray of int, optional
        Clusters in the frame, M_h, where whole clusters were drawn: the correction is then 1 - m_h / M_h.
    """

    units: IntArray
    n_units: int
    population: FloatArray | None = None
    cluster_population: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Linearised:
    """A smooth function of totals with its linearised variance, by unit.

    Attributes
    ----------
    value : (U,) ndarray
    variance : (U,) ndarray
        Between clusters inside strata; NaN where a unit has one cluster.
    simple_variance : (U,) ndarray
        The same respondents taken as independent.
    df : (U,) ndarray
        Clusters minus strata.
    correction : (U,) ndarray
        What the finite population correction left of the variance; 1 without one.
    """

    value: FloatArray
    variance: FloatArray
    simple_variance: FloatArray
    df: FloatArray
    correction: FloatArray

    @property
    def design_effect(self) -> FloatArray:
        """Variance over simple variance; NaN where either says nothing."""
        effect: FloatArray = np.divide(
            self.variance,
            self.simple_variance,
            out=np.full(self.value.shape, np.nan),
            where=self.simple_variance > 0,
        )
        return effect


def unit_totals(moments: Moments, strata: Strata | None = None) -> FloatArray:
    """Weighted totals of every column by unit.

    Parameters
    ----------
    moments : Moments
        By unit, or by stratum when `strata` is given.
    strata : Strata, optional

    Returns
    -------
    (U, d) ndarray
    """
    weights, units, n_units = _rows(moments, strata)
    totals = np.zeros((n_units, len(moments.columns)))
    np.add.at(totals, units, weights[:, None] * moments.sums)
    return totals


def linearised(
    moments: Moments, value: FloatArray, gradient: FloatArray, *, strata: Strata | None = None
) -> Linearised:
    """Variance of a function of totals from its gradient.

    Parameters
    ----------
    moments : Moments
        By unit, or by stratum when `strata` is given.
    value : (U,) ndarray
        The function at the totals.
    gradient : (U, d) ndarray
        Its derivative with respect to each total. It must vanish along the totals themselves, as it does for
        every ratio and every mean of ratios.
    strata : Strata, optional
        Without it each unit is one stratum with weight 1 and no finite population correction.

    Returns
    -------
    Linearised

    Notes
    -----
    With g the gradient, m_h clusters with totals V_c and S_h their sum,
    ``var = Σ_h (1 - n_h/N_h) w_h² m_h/(m_h - 1) [Σ_c (gᵀV_c)² - (gᵀS_h)²/m_h]``. A stratum with one cluster
    is centred at zero (the unit's mean of gᵀV), which overstates its share of the variance rather than
    losing it; a unit with one cluster in all has no variance: NaN.

    References
    ----------
    Binder (1983), International Statistical Review 51:279-292.
    """
    weights, units, n_units = _rows(moments, strata)
    g = gradient[units]
    squares = np.einsum("ki,kij,kj->k", g, moments.cluster_products, g, optimize=True)
    m, total = moments.n_clusters, np.einsum("ki,ki->k", g, moments.sums)
    lonely = m < 2
    within = np.where(lonely, squares, m / np.maximum(m - 1, 1) * (squares - total**2 / np.maximum(m, 1)))
    fpc = _finite_correction(moments, strata)
    df = _summed(np.maximum(m - 1, 0).astype(float), units, n_units)
    variance = np.maximum(_summed(fpc * weights**2 * within, units, n_units), 0.0)
    uncorrected = _summed(weights**2 * within, units, n_units)
    correction = np.divide(variance, uncorrected, out=np.ones(n_units), where=uncorrected > 0)
    simple = np.einsum("ki,kij,kj->k", g, moments.products, g, optimize=True)
    n = _summed(moments.n.astype(float), units, n_units)
    frame = _summed(weights * moments.n, units, n_units)
    with np.errstate(divide="ignore", invalid="ignore"):
        simple_variance = np.maximum(_summed(weights * simple, units, n_units), 0.0) * frame / (n - 1)
    known = np.isfinite(value)
    return Linearised(
        value,
        np.where(known & (df > 0), variance, np.nan),
        np.where(known & (n > 1), simple_variance, np.nan),
        df,
        correction,
    )


def ratio(
    moments: Moments, numerator: Columns, denominator: Columns, *, strata: Strata | None = None
) -> Linearised:
    """Ratio of two totals, or of two sums of totals, with its linearised variance.

    Parameters
    ----------
    moments : Moments
    numerator, denominator : str or sequence of str
        Columns summed above and below the line.
    strata : Strata, optional

    Returns
    -------
    Linearised

    Examples
    --------
    >>> from analysis.tallies import moments
    >>> m = moments([[1, 1], [0, 1], [1, 1], [1, 1]], [0, 0, 0, 0], n_units=1, columns=("s", "r"))
    >>> share = ratio(m, "s", "r")
    >>> share.value.item(), round(share.variance.item(), 4)
    (0.75, 0.0625)
    """
    totals = unit_totals(moments, strata)
    value, gradient = ratio_gradient(moments, totals, numerator, denominator)
    return linearised(moments, value, gradient, strata=strata)


def ratio_gradient(
    moments: Moments, totals: FloatArray, numerator: Columns, denominator: Columns
) -> tuple[FloatArray, FloatArray]:
    """A ratio of totals and its derivative with respect to each total.

    Parameters
    ----------
    moments : Moments
        Gives the column names.
    totals : (U, d) ndarray
    numerator, denominator : str or sequence of str

    Returns
    -------
    value : (U,) ndarray
        NaN where the denominator is 0.
    gradient : (U, d) ndarray
    """
    above, below = _indicator(moments, numerator), _indicator(moments, denominator)
    bottom = totals @ below
    value = np.divide(totals @ above, bottom, out=np.full(bottom.shape, np.nan), where=bottom > 0)
    inverse = np.divide(1.0, bottom, out=np.zeros(bottom.shape), where=bottom > 0)
    return value, inverse[:, None] * (above - np.nan_to_num(value)[:, None] * below)


def cluster_design_effect(
    moments: Moments,
    numerator: Columns,
    denominator: Columns,
    *,
    floor: float = 0.0,
    strata: Strata | None = None,
) -> FloatArray:
    """Design effect of a ratio: its variance between clusters over that between independent respondents.

    Parameters
    ----------
    moments : Moments
    numerator, denominator : str or sequence of str
    floor : float >= 0
        Lowest value returned; 1 for kiosk streams, where clustering cannot honestly help.
    strata : Strata, optional

    Returns
    -------
    (U,) ndarray
        NaN where it cannot be estimated: one cluster, or everyone gave the same answer.

    References
    ----------
    Kish (1965), Survey Sampling, section 5.4.

    Examples
    --------
    >>> from analysis.tallies import moments
    >>> v = [[1, 1], [1, 1], [0, 1], [0, 1]]
    >>> m = moments(v, [0] * 4, [1, 1, 2, 2], n_units=1, columns=("s", "r"))
    >>> cluster_design_effect(m, "s", "r").round(6).tolist()
    [3.0]
    """
    return np.maximum(ratio(moments, numerator, denominator, strata=strata).design_effect, floor)


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
    people, effect = together(finite_array(n, name="n"), positive(design_effect, name="design_effect"))
    return people / effect


def _indicator(moments: Moments, columns: Columns) -> FloatArray:
    names = [columns] if isinstance(columns, str) else list(columns)
    mask = np.zeros(len(moments.columns))
    mask[[moments.column(name) for name in names]] = 1.0
    return mask


def _rows(moments: Moments, strata: Strata | None) -> tuple[FloatArray, IntArray, int]:
    """Weight and unit of each row of the moments."""
    if strata is None:
        return np.ones(len(moments.n)), np.arange(len(moments.n)), len(moments.n)
    units = labels_of(strata.units, size=len(moments.n), below=strata.n_units, name="strata")
    if strata.population is None:
        return np.ones(len(moments.n)), units, strata.n_units
    population = population_of(strata.population, moments.n.astype(float))
    if population.shape != moments.n.shape:
        raise InvalidShape(
            expected=f"{len(moments.n)} populations", got=str(population.shape), hint="one per stratum"
        )
    empty = moments.n == 0
    # A unit without any respondent simply has no estimate; an empty stratum beside others would bias its unit.
    if (np.bincount(units, minlength=strata.n_units)[units[empty]] > 1).any():
        raise InvalidCounts(
            expected="respondents in every stratum",
            got="an empty stratum",
            hint="merge it with a neighbour by the rule fixed before fieldwork",
        )
    return np.where(empty, 0.0, population / np.maximum(moments.n, 1)), units, strata.n_units


def _finite_correction(moments: Moments, strata: Strata | None) -> FloatArray | float:
    """1 minus the sampled part of each stratum, of clusters where clusters were drawn."""
    if strata is None:
        return 1.0
    if strata.cluster_population is not None:
        return 1 - moments.n_clusters / population_of(
            strata.cluster_population, moments.n_clusters.astype(float)
        )
    return 1.0 if strata.population is None else 1 - moments.n / np.maximum(strata.population, 1)


def _summed(values: FloatArray, units: IntArray, n_units: int) -> FloatArray:
    return np.bincount(units, weights=values, minlength=n_units).astype(np.float64)
