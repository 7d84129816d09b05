"""From sums to standard errors: estimated totals with their design covariance, and smooth functions of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.counting.moments import Moments
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, labels_of, population_of, require_known

Columns = str | Sequence[str]

LONELY = ("adjust", "average", "remove", "certainty", "fail")
"""What a stratum with one sampled cluster adds to the variance: its distance from the centre of everything
("adjust"), the average of the other strata ("average"), nothing ("remove", or drawn with certainty), an error."""


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
    n_clusters : (K,) ndarray of int, optional
        Clusters sampled in the whole stratum where the rows are a domain of it: those without a member of the
        domain count as zeros, they are not dropped. The moments' own number when left out.
    lonely : str
        One of `LONELY`, for strata with one sampled cluster.
    """

    units: IntArray
    n_units: int
    population: FloatArray | None = None
    cluster_population: FloatArray | None = None
    n_clusters: IntArray | None = None
    lonely: str = "adjust"


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Estimated totals of d columns by unit, with all that a linearised figure needs; they add over strata.

    Attributes
    ----------
    columns : tuple of str
    n : (U,) ndarray of int
        Respondents.
    n_weighted : (U,) ndarray
        Sum of weights.
    counts : (U, d) ndarray
        Unweighted sums of the columns: of a 0/1 column, the people it holds for.
    value : (U, d) ndarray
        Weighted totals.
    covariance : (U, d, d) ndarray
        Design covariance of `value`, after finite population corrections.
    uncorrected : (U, d, d) ndarray
        The same without them.
    spread : (U, d, d) ndarray
        Σ w v vᵀ over respondents, for the variance of as many independent ones.
    df : (U,) ndarray
        Clusters minus strata; 0 where there is no variance to estimate.
    """

    columns: tuple[str, ...]
    n: IntArray
    n_weighted: FloatArray
    counts: FloatArray
    value: FloatArray
    covariance: FloatArray
    uncorrected: FloatArray
    spread: FloatArray
    df: FloatArray

    def column(self, name: str) -> int:
        """Position of a column; a missing one is an error that lists those present."""
        if name not in self.columns:
            raise InvalidShape(
                expected=f"a column among {', '.join(self.columns)}",
                got=name,
                hint="this version does not ask it",
            )
        return self.columns.index(name)

    def indicator(self, columns: Columns) -> FloatArray:
        """1 at each of the columns named, 0 elsewhere, (d,)."""
        mask = np.zeros(len(self.columns))
        mask[[self.column(name) for name in ([columns] if isinstance(columns, str) else columns)]] = 1.0
        return mask

    def people(self, name: str) -> FloatArray:
        """Unweighted sum of a column, (U,): of a 0/1 column, the people it holds for."""
        people: FloatArray = self.counts[:, self.column(name)]
        return people


@dataclass(frozen=True, slots=True, eq=False)
class Linearised:
    """A smooth function of totals with its linearised variance, by unit.

    Attributes
    ----------
    value : (U,) ndarray
    variance : (U,) ndarray
        Between clusters inside strata; NaN where a unit has one cluster.
    simple_variance : (U,) ndarray
        The same respondents taken as independent, drawn with replacement.
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
        effect: FloatArray = quotient(self.variance, self.simple_variance)
        return effect


def design_totals(moments: Moments, strata: Strata | None = None) -> Totals:
    """Weighted totals of every column by unit, with their design covariance.

    Parameters
    ----------
    moments : Moments
        By unit, or by stratum when `strata` is given.
    strata : Strata, optional
        Without it each unit is one stratum with weight 1 and no finite population correction.

    Returns
    -------
    Totals

    Raises
    ------
    InvalidCounts
        Where a population is smaller than its sample, a stratum of a unit is empty beside others, or a
        stratum has one cluster and the policy is "fail".

    Notes
    -----
    With V_c the cluster totals, m_h clusters sampled and S_h = Σ V_c, the covariance of the totals is
    ``Σ_h (1 - f_h) w_h² m_h/(m_h - 1) [Σ_c V_c V_cᵀ - S_h S_hᵀ / m_h]``.

    References
    ----------
    Binder (1983), International Statistical Review 51:279-292.

    Examples
    --------
    >>> from analysis.counting.moments import moments
    >>> m = moments([[1.0], [0.0], [1.0], [1.0]], [0, 0, 0, 0], n_units=1, columns=("s",))
    >>> total = design_totals(m)
    >>> total.value.item(), total.covariance.item()
    (3.0, 1.0)
    """
    weights, units, n_units = _rows(moments, strata)
    m = moments.n_clusters if strata is None or strata.n_clusters is None else strata.n_clusters
    lonely = "adjust" if strata is None else strata.lonely
    sampled = _sampled_part(moments, m, strata)
    scale, plain_scale = (
        weights**2 * lonely_scale(m, fraction, lonely=lonely, groups=units, n_groups=n_units)
        for fraction in (sampled, np.zeros(len(m)))
    )
    centred = moments.cluster_products - np.where(m < 2, 0.0, 1 / np.maximum(m, 1))[
        :, None, None
    ] * np.einsum("ki,kj->kij", moments.sums, moments.sums)
    by_unit = _Sum(units, n_units)
    covariance = by_unit(scale[:, None, None] * centred)
    return Totals(
        moments.columns,
        by_unit(moments.n).astype(np.int64),
        by_unit(weights * moments.n),
        by_unit(moments.sums),
        by_unit(weights[:, None] * moments.sums),
        covariance,
        by_unit(plain_scale[:, None, None] * centred) if sampled.any() else covariance,
        by_unit(weights[:, None, None] * moments.products),
        by_unit(np.maximum(m - 1, 0).astype(np.float64)),
    )


def linearised(totals: Totals, value: FloatArray, gradient: FloatArray) -> Linearised:
    """Variance of a function of totals from its gradient.

    Parameters
    ----------
    totals : Totals
    value : (U,) ndarray
        The function at the totals.
    gradient : (U, d) ndarray
        Its derivative with respect to each total. It must vanish along the totals themselves, as it does for
        every ratio and every mean of ratios.

    Returns
    -------
    Linearised

    Notes
    -----
    ``var = gᵀ Cov g``; taken as n independent respondents, ``W gᵀ (Σ w v vᵀ) g / (n - 1)``, W = Σ w. A
    stratum with one cluster is centred at zero (the unit's mean of gᵀV), which overstates its share of the
    variance rather than losing it; a unit with one cluster in all has no variance: NaN.

    References
    ----------
    Binder (1983), International Statistical Review 51:279-292.
    """
    variance = np.maximum(_quadratic(totals.covariance, gradient), 0.0)
    uncorrected = _quadratic(totals.uncorrected, gradient)
    correction = quotient(variance, uncorrected, empty=1.0)
    spread = np.maximum(_quadratic(totals.spread, gradient), 0.0)
    n = totals.n
    simple_variance = spread * totals.n_weighted / np.maximum(n - 1, 1)
    known = np.isfinite(value)
    return Linearised(
        value,
        np.where(known & (totals.df > 0), variance, np.nan),
        np.where(known & (n > 1), simple_variance, np.nan),
        totals.df,
        correction,
    )


@checked
def ratio(totals: Totals, numerator: Columns, denominator: Columns) -> Linearised:
    """Ratio of two totals, or of two sums of totals, with its linearised variance.

    Parameters
    ----------
    totals : Totals
    numerator, denominator : str or sequence of str
        Columns summed above and below the line.

    Returns
    -------
    Linearised

    Examples
    --------
    >>> from analysis.counting.moments import moments
    >>> m = moments([[1, 1], [0, 1], [1, 1], [1, 1]], [0, 0, 0, 0], n_units=1, columns=("s", "r"))
    >>> share = ratio(design_totals(m), "s", "r")
    >>> share.value.item(), round(share.variance.item(), 4)
    (0.75, 0.0625)
    """
    return linearised(totals, *ratio_gradient(totals, numerator, denominator))


@checked
def ratio_gradient(totals: Totals, numerator: Columns, denominator: Columns) -> tuple[FloatArray, FloatArray]:
    """A ratio of totals and its derivative with respect to each total.

    Parameters
    ----------
    totals : Totals
    numerator, denominator : str or sequence of str

    Returns
    -------
    value : (U,) ndarray
        NaN where the denominator is 0.
    gradient : (U, d) ndarray
    """
    above, below = totals.indicator(numerator), totals.indicator(denominator)
    bottom = totals.value @ below
    value = quotient(totals.value @ above, bottom)
    inverse = quotient(1.0, bottom, empty=0.0)
    return value, inverse[:, None] * (above - np.nan_to_num(value)[:, None] * below)


@checked
def contrast(totals: Totals, ratios: Sequence[tuple[Columns, Columns]], weights: ArrayLike) -> Linearised:
    """Weighted sum of ratios of the same respondents, with the covariance between them.

    Parameters
    ----------
    totals : Totals
    ratios : sequence of J pairs of columns
        Numerator and denominator of each.
    weights : (J,) array_like
        1/J each for a mean of ratios; 1 and -1 for a difference.

    Returns
    -------
    Linearised
        NaN where one of the ratios has no denominator.

    Examples
    --------
    >>> from analysis.counting.moments import moments
    >>> rows = [[1, 1, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1], [0, 1, 1, 1]]
    >>> m = moments(rows, [0, 0, 0, 0], n_units=1, columns=("s:a", "r:a", "s:b", "r:b"))
    >>> contrast(design_totals(m), [("s:b", "r:b"), ("s:a", "r:a")], [1, -1]).value.item()
    0.5
    """
    parts = [ratio_gradient(totals, *pair) for pair in ratios]
    coefficients = finite_array(weights, name="weights")
    if coefficients.shape != (len(parts),):
        raise InvalidShape(
            expected=f"{len(parts)} weights", got=str(coefficients.shape), hint="one weight per ratio"
        )
    value = np.tensordot(coefficients, np.array([value for value, _ in parts]), axes=1)
    gradient = np.tensordot(coefficients, np.array([gradient for _, gradient in parts]), axes=1)
    return linearised(totals, value, gradient)


@checked
def lonely_scale(
    m: IntArray, fraction: FloatArray, *, lonely: str, groups: IntArray, n_groups: int
) -> FloatArray:
    """What multiplies the centred products of each stratum: (1 - f) m/(m - 1), and the rule for m = 1.

    Parameters
    ----------
    m : (H,) ndarray of int >= 0
        Clusters sampled in each stratum.
    fraction : (H,) ndarray in [0, 1]
        Part of the stratum's clusters that was sampled.
    lonely : str
        One of `LONELY`.
    groups : (H,) ndarray of int in [0, n_groups)
        Unit of each stratum, within which "average" averages.
    n_groups : int

    Returns
    -------
    (H,) ndarray
        A stratum sampled whole adds nothing, lonely or not.

    Examples
    --------
    >>> m, all_of_them = np.array([3, 1]), np.zeros(2)
    >>> lonely_scale(m, all_of_them, lonely="remove", groups=np.zeros(2, int), n_groups=1).tolist()
    [1.5, 0.0]
    """
    require_known(lonely, LONELY, name="lonely")
    clusters, left = m, 1 - fraction
    is_lonely = (clusters == 1) & (left > 1e-7)
    if lonely == "fail" and is_lonely.any():
        raise InvalidCounts(
            expected="two or more clusters in every stratum",
            got=f"{int(is_lonely.sum())} with one",
            hint="merge strata by the rule fixed before fieldwork, or choose a policy for lonely clusters",
        )
    scale = np.where(clusters > 1, left * clusters / np.maximum(clusters - 1, 1), left)
    if lonely == "adjust":
        return np.asarray(scale)
    scale = np.where(is_lonely, 0.0, scale)
    if lonely == "average":
        present = np.bincount(groups, weights=clusters > 0, minlength=n_groups)
        alone = np.bincount(groups, weights=is_lonely, minlength=n_groups)
        inflate = np.divide(present, present - alone, out=np.ones(n_groups), where=present > alone)
        scale = scale * inflate[groups]
    return np.asarray(scale)


class _Sum:
    """Sums over the rows of each unit."""

    def __init__(self, units: IntArray, n_units: int) -> None:
        self.n_units = n_units
        self.each = len(units) // max(n_units, 1)
        # Units of equally many rows that follow each other are summed without sorting.
        self.is_regular = bool(
            self.each * n_units == len(units) and (units == np.repeat(np.arange(n_units), self.each)).all()
        )
        self.order = np.argsort(units, kind="stable")
        labels = units[self.order]
        self.starts = np.flatnonzero(np.diff(labels, prepend=-1))
        self.present = labels[self.starts]

    def __call__(self, rows: FloatArray | IntArray) -> FloatArray:
        values = np.asarray(rows, dtype=np.float64)
        if self.is_regular:
            regular: FloatArray = values.reshape(self.n_units, self.each, *values.shape[1:]).sum(axis=1)
            return regular
        total = np.zeros((self.n_units, *values.shape[1:]))
        if len(self.starts):
            total[self.present] = np.add.reduceat(values[self.order], self.starts, axis=0)
        return total


def _quadratic(matrices: FloatArray, gradient: FloatArray) -> FloatArray:
    quadratic: FloatArray = np.einsum("ki,kij,kj->k", gradient, matrices, gradient, optimize=True)
    return quadratic


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


def _sampled_part(moments: Moments, m: IntArray, strata: Strata | None) -> FloatArray:
    """The sampled part of each stratum, of clusters where clusters were drawn."""
    if strata is None:
        return np.zeros(len(m))
    if strata.cluster_population is not None:
        return m / population_of(strata.cluster_population, m.astype(float))
    if strata.population is None:
        return np.zeros(len(m))
    return np.asarray(moments.n / np.maximum(strata.population, 1))
