"""Estimates with normal errors, independent or not: what ranks, pairs and tiers are worked out from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray
from analysis.validation import finite_array, numbers_of


@dataclass(frozen=True, slots=True, eq=False)
class NormalErrors:
    """Estimates of K units, and the law of their errors.

    Attributes
    ----------
    all_values : (K0,) ndarray
        As given, NaN where there is no estimate.
    value : (K,) ndarray
        Those that are known.
    standard_error : (K,) ndarray
    root : (K, K) ndarray or None
        Matrix of which the covariance is ``root root'``; None for independent estimates.
    """

    all_values: FloatArray
    value: FloatArray
    standard_error: FloatArray
    root: FloatArray | None

    def draws(self, size: int, *, rng: np.random.Generator) -> FloatArray:
        """Errors of mean 0, one row per draw."""
        standard = rng.standard_normal((size, len(self.value)))
        drawn: FloatArray = standard * self.standard_error if self.root is None else standard @ self.root.T
        return drawn

    def full_covariance(self) -> FloatArray:
        """(K, K) covariance."""
        covariance: FloatArray = (
            np.diag(self.standard_error**2) if self.root is None else self.root @ self.root.T
        )
        return covariance

    def variance_of_differences(self) -> FloatArray:
        """(K, K), 0 on the diagonal."""
        square = self.standard_error**2
        shared = 0.0 if self.root is None else 2 * self.full_covariance()
        variance: FloatArray = np.maximum(square[:, None] + square - shared, 0.0)
        np.fill_diagonal(variance, 0.0)
        return variance


def normal_errors(
    value: ArrayLike, *, standard_error: ArrayLike | None = None, covariance: ArrayLike | None = None
) -> NormalErrors:
    """Estimates with their errors, checked; units without an estimate set apart.

    Parameters
    ----------
    value : (K0,) array_like
        NaN where a unit has no estimate.
    standard_error : (K0,) array_like > 0, optional
        Of independent estimates. An error of 0, as estimated for a share of 100 %, is refused: it would make
        the unit's rank certain.
    covariance : (K0, K0) array_like, optional
        In its place.

    Returns
    -------
    NormalErrors

    Examples
    --------
    >>> errors = normal_errors([0.9, np.nan, 0.8], standard_error=[0.01, np.nan, 0.02])
    >>> errors.value.tolist(), errors.standard_error.tolist()
    ([0.9, 0.8], [0.01, 0.02])
    """
    values = numbers_of(value, name="value")
    if values.ndim != 1 or np.isinf(values).any():
        raise InvalidShape(
            expected="one finite estimate per unit, NaN where there is none",
            got=f"shape {values.shape}, or infinity",
            hint="pass a plain list",
        )
    known = ~np.isnan(values)
    if (standard_error is None) == (covariance is None):
        raise InvalidOption(
            expected="standard_error or covariance",
            got="neither or both",
            hint="the covariance holds the errors",
        )
    root = None
    if covariance is None:
        errors = _part(
            numbers_of(np.nan if standard_error is None else standard_error, name="standard_error"),
            known,
            values.shape,
        )
    else:
        matrix = _part(numbers_of(covariance, name="covariance"), known, values.shape * 2)
        root = _root(matrix)
        errors = np.sqrt(np.maximum(np.diagonal(matrix), 0.0))
    if not (errors > 0).all():
        raise InvalidCounts(
            expected="standard errors > 0",
            got=f"{errors.min():g}",
            hint="where everyone is satisfied borrow a design effect, or use joint_rank_intervals",
        )
    return NormalErrors(values, values[known], errors, root)


def _part(array: FloatArray, known: np.ndarray, shape: tuple[int, ...]) -> FloatArray:
    """Rows, and columns of a matrix, of the units that are known."""
    if array.shape != shape:
        raise InvalidShape(
            expected=f"errors of shape {shape}", got=f"{array.shape}", hint="one entry per unit"
        )
    part = array[known] if array.ndim == 1 else array[np.ix_(known, known)]
    return finite_array(part, name="errors")


def _root(matrix: FloatArray) -> FloatArray:
    if not np.allclose(
        matrix, matrix.T, rtol=1e-8, atol=1e-12 * max(float(np.abs(matrix).max(initial=0)), 1e-300)
    ):
        raise InvalidCounts(
            expected="a symmetric covariance", got="an asymmetric one", hint="check its order"
        )
    roots, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    if roots.min(initial=0.0) < -1e-8 * max(roots.max(initial=0.0), 1e-300):
        raise InvalidCounts(
            expected="a covariance without negative variances",
            got=f"eigenvalue {roots.min():g}",
            hint="check it",
        )
    root: FloatArray = vectors * np.sqrt(np.maximum(roots, 0.0))
    return root
