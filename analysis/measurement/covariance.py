"""Covariance matrices from sums that add, so that a matrix of a province is made of its units' sums."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray
from analysis.validation import finite_array, labels_of, measured_array, require_known

# A variance below this part of the mean square is rounding of a constant.
ROUNDING = 1e-13
SYMMETRY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class PairSums:
    """Sums over the people who answered both of two items; sums of disjoint people add.

    Attributes
    ----------
    n : (..., p, p) ndarray
        People who answered items j and k; the diagonal counts those who answered j.
    sums : (..., p, p) ndarray
        Sum of item j over them.
    products : (..., p, p) ndarray
        Sum of item j times item k over them.
    """

    n: FloatArray
    sums: FloatArray
    products: FloatArray

    @classmethod
    def of_moments(cls, n: ArrayLike, sums: ArrayLike, products: ArrayLike) -> PairSums:
        """Pair sums of people who all answered every item.

        Parameters
        ----------
        n : (...) array_like
            People.
        sums : (..., p) array_like
        products : (..., p, p) array_like

        Returns
        -------
        PairSums

        Examples
        --------
        >>> covariance_matrix(PairSums.of_moments(3, [6, 6], [[14, 10], [10, 14]])).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
        """
        people, totals = finite_array(n, name="n"), finite_array(sums, name="sums")
        squares = finite_array(products, name="products")
        if squares.shape != (*people.shape, totals.shape[-1], totals.shape[-1]) or totals.ndim < 1:
            raise InvalidShape(
                expected=f"products of shape {(*people.shape, *totals.shape[-1:] * 2)}",
                got=str(squares.shape),
                hint="one square of products per n",
            )
        ones = np.ones_like(squares)
        return cls(people[..., None, None] * ones, totals[..., :, None] * ones, squares)

    def __add__(self, other: PairSums) -> PairSums:
        """Sums of both sets of people."""
        if self.n.shape != other.n.shape:
            raise InvalidShape(
                expected=f"sums of shape {self.n.shape}", got=str(other.n.shape), hint="add the same items"
            )
        return PairSums(self.n + other.n, self.sums + other.sums, self.products + other.products)

    def total(self) -> PairSums:
        """Sums over the first axis: the province of its units."""
        return PairSums(self.n.sum(axis=0), self.sums.sum(axis=0), self.products.sum(axis=0))

    def without_each(self) -> PairSums:
        """The total without each group in turn, for a jackknife over clusters; groups of nobody are passed over."""
        filled = self.n.reshape(len(self.n), -1).any(axis=1) if self.n.ndim > 2 else np.zeros(0, dtype=bool)
        if filled.sum() < 2:
            raise InvalidShape(
                expected="sums of at least two groups",
                got=f"shape {self.n.shape}",
                hint="pass groups to pair_sums",
            )
        whole = self.total()
        return PairSums(
            whole.n - self.n[filled],
            whole.sums - self.sums[filled],
            whole.products - self.products[filled],
        )


@checked
def pair_sums(
    values: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_groups: int = 1,
    missing: str = "complete",
) -> PairSums:
    """Pair sums of a table of scores.

    Parameters
    ----------
    values : (N, p) array_like
        Scores, NaN where there is no answer. Take off a constant first if they are far from 0.
    groups : (N,) array_like of int in [0, n_groups), optional
        Cluster or unit of each person; the result then has a first axis of groups.
    n_groups : int
    missing : {"complete", "pairwise"}
        "complete" uses people who answered every item; "pairwise" each pair's own people.

    Returns
    -------
    PairSums
        Of shape (p, p), or (n_groups, p, p) with `groups`.

    Examples
    --------
    >>> pair_sums([[1, 2], [3, np.nan], [5, 4]]).n.tolist()
    [[2.0, 2.0], [2.0, 2.0]]
    >>> pair_sums([[1, 2], [3, np.nan], [5, 4]], missing="pairwise").n.tolist()
    [[3.0, 2.0], [2.0, 2.0]]
    """
    rows = measured_array(values, name="scores")
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise InvalidShape(expected="scores of shape (N, p)", got=str(rows.shape), hint="one row per person")
    if np.isinf(rows).any():
        raise InvalidCounts(expected="finite scores or NaN", got="infinity", hint="code no answer as NaN")
    require_known(missing, ("complete", "pairwise"), name="missing")
    if missing == "complete":
        rows = np.where(np.isnan(rows).any(axis=1, keepdims=True), np.nan, rows)
    if groups is None:
        return _block_sums(rows)
    labels = labels_of(groups, size=len(rows), below=n_groups, name="groups")
    order = np.argsort(labels, kind="stable")
    edges = np.searchsorted(labels[order], np.arange(n_groups + 1))
    blocks = [_block_sums(rows[order[start:stop]]) for start, stop in pairwise(edges)]
    return PairSums(*(np.array([getattr(block, name) for block in blocks]) for name in PairSums.__slots__))


def covariance_matrix(sums: PairSums) -> FloatArray:
    """Sample covariance matrix, divisor n - 1 of each pair.

    Parameters
    ----------
    sums : PairSums
        At least two people in every pair.

    Returns
    -------
    (..., p, p) ndarray
        Rows of an item with one score only are exactly 0.

    Notes
    -----
    ``(Σ x_j x_k - Σ x_j Σ x_k / n_jk) / (n_jk - 1)``, each sum over the people of the pair. With pairwise sums
    the matrix need not be positive definite.

    Examples
    --------
    >>> covariance_matrix(pair_sums([[1, 2], [3, 1], [5, 6]])).tolist()
    [[4.0, 4.0], [4.0, 7.0]]
    """
    if sums.n.size == 0 or sums.n.min() < 2:
        raise InvalidCounts(
            expected="two people or more in every pair of items",
            got=f"{sums.n.min() if sums.n.size else 0:g}",
            hint="leave out items or units hardly anybody answered",
        )
    return _scatter(sums) / (sums.n - 1)


def within_covariance(sums: PairSums) -> FloatArray:
    """Covariance of people inside their groups, pooled: what is left when units differ in level.

    Parameters
    ----------
    sums : PairSums
        With a first axis of groups.

    Returns
    -------
    (p, p) ndarray

    Notes
    -----
    Σ over groups of the group's scatter, divided by Σ (n_g - 1) over groups with anybody.

    Examples
    --------
    >>> grouped = pair_sums([[1, 9], [2, 10], [6, 1], [7, 2]], [0, 0, 1, 1], n_groups=2)
    >>> covariance_matrix(grouped.total())[0, 1].round(3).item(), within_covariance(grouped)[0, 1].item()
    (-13.0, 0.5)
    """
    if sums.n.ndim != 3:
        raise InvalidShape(
            expected="sums with a first axis of groups",
            got=f"shape {sums.n.shape}",
            hint="pass groups to pair_sums",
        )
    freedom = np.maximum(sums.n - 1, 0).sum(axis=0)
    if freedom.min() < 1:
        raise InvalidCounts(
            expected="a group with two people or more in every pair of items",
            got="groups of one",
            hint="use larger groups",
        )
    return np.asarray(_scatter(sums).sum(axis=0) / freedom)


@checked
def correlation_of(covariance: ArrayLike) -> FloatArray:
    """Correlation matrix of a covariance matrix.

    Parameters
    ----------
    covariance : (..., p, p) array_like
        Variances above 0.

    Returns
    -------
    (..., p, p) ndarray
        Exactly 1 on the diagonal.

    Examples
    --------
    >>> correlation_of([[4, 3], [3, 9]]).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    matrix = checked_covariance(covariance)
    variances = np.diagonal(matrix, axis1=-2, axis2=-1)
    if (variances <= 0).any():
        raise InvalidCounts(
            expected="a variance above 0 for every item",
            got=f"0 for item {int(np.argmax(np.any(variances <= 0, axis=tuple(range(variances.ndim - 1)))))}",
            hint="leave out items to which everyone gave the same answer",
        )
    scale = 1 / np.sqrt(variances)
    correlation = matrix * scale[..., :, None] * scale[..., None, :]
    diagonal = np.arange(matrix.shape[-1])
    correlation[..., diagonal, diagonal] = 1.0
    return np.asarray(correlation)


@checked
def checked_covariance(covariance: ArrayLike, *, n_items_at_least: int = 1) -> FloatArray:
    """The covariance matrix, refused where it cannot be one.

    Parameters
    ----------
    covariance : (..., p, p) array_like
    n_items_at_least : int

    Returns
    -------
    (..., p, p) ndarray
        Symmetric to the last digit.
    """
    matrix = finite_array(covariance, name="covariance")
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.shape[-1] < n_items_at_least:
        raise InvalidShape(
            expected=f"a square covariance matrix of {n_items_at_least} items or more",
            got=f"shape {matrix.shape}",
            hint="one row and one column per item",
        )
    variances = np.diagonal(matrix, axis1=-2, axis2=-1)
    transposed = np.swapaxes(matrix, -1, -2)
    if (variances < 0).any():
        raise InvalidCounts(expected="variances >= 0", got=f"{variances.min():g}", hint="pass covariances")
    if matrix.size and np.abs(matrix - transposed).max() > SYMMETRY * max(np.abs(matrix).max(), 1e-300):
        raise InvalidShape(
            expected="a symmetric matrix", got="another above than below", hint="cov(j, k) = cov(k, j)"
        )
    return (matrix + transposed) / 2


@checked
def jackknife_variance(
    value: ArrayLike, replicates: ArrayLike, *, scale: ArrayLike | None = None
) -> FloatArray:
    """Variance of anything computed from a covariance matrix, from its replicates.

    Parameters
    ----------
    value : (...) array_like
        The figure from all people.
    replicates : (G, ...) array_like
        The same figure without each of G clusters in turn, or from G replicate weights.
    scale : float or (G,) array_like, optional
        Factor of each squared distance; (G - 1) / G, the delete-one jackknife, unless given.

    Returns
    -------
    (...) ndarray
        ``Σ_g scale_g (value_g - value)²``.

    References
    ----------
    Wolter (2007), Introduction to Variance Estimation, chapter 4.

    Examples
    --------
    >>> jackknife_variance(2.0, [2.5, 2.0, 1.5]).round(4).item()
    0.3333
    """
    centre, each = finite_array(value, name="value"), finite_array(replicates, name="replicates")
    if not each.ndim or each.shape[1:] != centre.shape or len(each) < 2:
        raise InvalidShape(
            expected=f"two replicates or more of shape {centre.shape}",
            got=str(each.shape),
            hint="one replicate per cluster left out",
        )
    size = len(each)
    factor = finite_array((size - 1) / size if scale is None else scale, name="scale")
    if factor.shape not in ((), (size,)) or (factor < 0).any():
        raise InvalidShape(
            expected=f"one scale >= 0, or {size}", got=str(factor.shape), hint="as with replicate weights"
        )
    return np.asarray(np.tensordot(np.broadcast_to(factor, (size,)), (each - centre) ** 2, axes=1))


def _block_sums(rows: FloatArray) -> PairSums:
    answered = np.isfinite(rows).astype(np.float64)
    scores = np.nan_to_num(rows)
    return PairSums(answered.T @ answered, scores.T @ answered, scores.T @ scores)


def _scatter(sums: PairSums) -> FloatArray:
    """Sums of products about the means of each pair; 0 for constants and for nobody."""
    people = np.maximum(sums.n, 1)
    scatter = sums.products - sums.sums * np.swapaxes(sums.sums, -1, -2) / people
    own = np.diagonal(scatter, axis1=-2, axis2=-1)
    constant = own <= ROUNDING * np.diagonal(sums.products, axis1=-2, axis2=-1)
    return np.where(constant[..., :, None] | constant[..., None, :], 0.0, scatter)
