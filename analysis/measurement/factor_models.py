"""Confirmatory factor models by maximum likelihood: do the items measure the factors they were written for?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.measurement.covariance import checked_covariance, correlation_of
from analysis.measurement.factor_estimation import (
    Structure,
    least_discrepancy,
    markers_of,
    oriented,
    parameter_covariance,
)
from analysis.measurement.factor_fit import FitIndices, fit_indices
from analysis.types import FloatArray, IntArray
from analysis.validation import level_of, require_groups, require_known

IDENTIFICATIONS = ("unit_variance", "marker")
LIKELIHOODS = ("normal", "wishart")


@dataclass(frozen=True, slots=True, eq=False)
class FactorModel:
    """A fitted confirmatory model of p items on m correlated factors.

    Attributes
    ----------
    items, factors : tuple of str
        In the order of every array below.
    factor_of_item : (p,) ndarray of int
    identification : str
        "unit_variance": factors have variance 1; "marker": the first loading of each factor is 1.
    loadings, loading_errors : (p,) ndarray
        Score units per unit of the factor; the standard error of a marker is 0.
    residual_variances, residual_errors : (p,) ndarray
    factor_covariance, factor_covariance_errors : (m, m) ndarray
    standardised_loadings, standardised_errors : (p,) ndarray
        Correlation of item and factor.
    factor_correlation : (m, m) ndarray
    implied : (p, p) ndarray
        Covariance matrix of the model.
    parameter_covariance : (q, q) ndarray
        Of unit-variance loadings, residual variances and factor correlations, expected information.
    fit : FitIndices
    improper : tuple of str
        What cannot be in a population: residual variances not above 0 (Heywood cases), factor correlations of 1
        or beyond. Empty for a proper solution.
    n : int
        Respondents.
    """

    items: tuple[str, ...]
    factors: tuple[str, ...]
    factor_of_item: IntArray
    identification: str
    loadings: FloatArray
    loading_errors: FloatArray
    residual_variances: FloatArray
    residual_errors: FloatArray
    factor_covariance: FloatArray
    factor_covariance_errors: FloatArray
    standardised_loadings: FloatArray
    standardised_errors: FloatArray
    factor_correlation: FloatArray
    implied: FloatArray
    parameter_covariance: FloatArray
    fit: FitIndices
    improper: tuple[str, ...]
    n: int

    @property
    def average_variance_extracted(self) -> FloatArray:
        """Mean squared standardised loading of each factor; above ½ the factor outweighs the noise."""
        squares = np.bincount(self.factor_of_item, weights=self.standardised_loadings**2)
        return np.asarray(squares / np.bincount(self.factor_of_item))


@checked
def confirmatory_factor_model(
    covariance: ArrayLike,
    *,
    n: int,
    factors: Mapping[str, Sequence[str]],
    items: Sequence[str],
    identification: str = "unit_variance",
    likelihood: str = "normal",
    rmsea_level: float = 0.90,
) -> FactorModel:
    """Confirmatory factor model in which each item measures one factor.

    Parameters
    ----------
    covariance : (k, k) array_like
        Sample covariance matrix, divisor n - 1, of complete cases.
    n : int
        Respondents.
    factors : mapping of factor name to item names
        Two items or more each; three for a single factor. Items not named are left out.
    items : sequence of k str
        Names of the rows of `covariance`.
    identification : {"unit_variance", "marker"}
        What fixes the scale of a factor: variance 1, or loading 1 of its first item.
    likelihood : {"normal", "wishart"}
        "normal" uses divisor n and multiplier n; "wishart" n - 1 and n - 1.
    rmsea_level : float in (0, 1)

    Returns
    -------
    FactorModel
        Loadings of a factor sum to a positive number; a marker is positive.

    Raises
    ------
    NoConvergence
        When the search does not arrive.

    Notes
    -----
    Minimises ``ln|Σ| + tr(S Σ⁻¹) - ln|S| - p``, ``Σ = Λ Φ Λ' + Θ``, by Fisher scoring damped as by Levenberg and
    Marquardt. Residual variances are not held above 0: a Heywood case is reported, not hidden.

    References
    ----------
    Jöreskog (1969), Psychometrika 34:183-202. Bollen (1989), Structural Equations with Latent Variables.

    Examples
    --------
    >>> loadings = np.array([0.8, 0.7, 0.6, 0.5])
    >>> s = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    >>> model = confirmatory_factor_model(s * 200 / 199, n=200, factors={"f": "abcd"}, items="abcd")
    >>> model.loadings.round(3).tolist(), round(model.fit.chi_square, 6)
    ([0.8, 0.7, 0.6, 0.5], 0.0)
    """
    require_known(identification, IDENTIFICATIONS, name="identification")
    require_known(likelihood, LIKELIHOODS, name="likelihood")
    level_of(rmsea_level)
    matrix, names, belongs = _selected(covariance, factors, items)
    if n != int(n) or n <= len(names):
        raise InvalidCounts(
            expected=f"more than {len(names)} respondents", got=f"n = {n}", hint="n counts complete cases"
        )
    observed, multiplier = (matrix * (n - 1) / n, n) if likelihood == "normal" else (matrix, n - 1)
    scale = np.sqrt(np.diag(observed))
    structure = Structure(belongs)
    theta = oriented(least_discrepancy(correlation_of(observed), structure), structure, identification)
    covariances = parameter_covariance(theta, structure, multiplier)
    # From correlation units to score units: loadings by the deviation, residuals by the variance.
    units = np.concatenate([scale, scale**2, np.ones(structure.n_correlations)])
    fit = fit_indices(
        observed,
        structure.implied(theta) * np.outer(scale, scale),
        n=int(n),
        n_parameters=len(theta),
        multiplier=multiplier,
        rmsea_level=rmsea_level,
    )
    return _model(
        names,
        tuple(factors),
        structure,
        theta * units,
        covariances * np.outer(units, units),
        fit=fit,
        identification=identification,
    )


def _model(
    names: tuple[str, ...],
    factors: tuple[str, ...],
    structure: Structure,
    theta: FloatArray,
    covariances: FloatArray,
    *,
    fit: FitIndices,
    identification: str,
) -> FactorModel:
    """The result, from unit-variance parameters in score units."""
    size = structure.n_items
    loadings, errors = theta[:size], np.sqrt(np.diag(covariances))
    correlation = structure.parts(theta)[2]
    residuals = theta[size : 2 * size]
    total = loadings**2 + residuals
    by_loading, by_residual = residuals / total**1.5, -loadings / (2 * total**1.5)
    jacobian = np.hstack([np.diag(by_loading), np.diag(by_residual)])
    standard = np.einsum("iq,qr,ir->i", jacobian, covariances[: 2 * size, : 2 * size], jacobian)
    scaled = _unit_variance if identification == "unit_variance" else _marker
    found, found_errors, between, between_errors = scaled(theta, covariances, structure)
    return FactorModel(
        names,
        factors,
        structure.factor_of_item,
        identification,
        found,
        found_errors,
        residuals,
        errors[size : 2 * size],
        between,
        between_errors,
        loadings / np.sqrt(total),
        np.sqrt(standard),
        correlation,
        structure.implied(theta),
        covariances,
        fit,
        _improper(names, factors, residuals, correlation),
        fit.n,
    )


def _unit_variance(
    theta: FloatArray, covariances: FloatArray, structure: Structure
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Loadings and factor covariances with their standard errors, factors of variance 1."""
    size, errors = structure.n_items, np.sqrt(np.diag(covariances))
    between = np.zeros((structure.n_factors, structure.n_factors))
    first, second = np.triu_indices(structure.n_factors, 1)
    between[first, second] = between[second, first] = errors[2 * size :]
    return theta[:size], errors[:size], structure.parts(theta)[2], between


def _marker(
    theta: FloatArray, covariances: FloatArray, structure: Structure
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The same with the first loading of each factor 1, by the delta method."""
    size, factor_of = structure.n_items, structure.factor_of_item
    marker = markers_of(structure)
    scale, correlation = theta[marker], structure.parts(theta)[2]
    at = np.arange(size)
    to_loadings = np.zeros((size, len(theta)))
    to_loadings[at, at] = 1 / scale[factor_of]
    to_loadings[at, marker[factor_of]] -= theta[:size] / scale[factor_of] ** 2
    to_loadings[marker] = 0.0
    first, second = np.triu_indices(structure.n_factors)
    to_between = np.zeros((len(first), len(theta)))
    row = np.arange(len(first))
    to_between[row, marker[first]] += (correlation * scale)[first, second]
    to_between[row, marker[second]] += (correlation * scale)[second, first]
    apart = first != second
    to_between[row[apart], 2 * size + np.arange(apart.sum())] = (scale[first] * scale[second])[apart]
    errors = [
        np.sqrt(np.maximum(np.einsum("iq,qr,ir->i", part, covariances, part), 0.0))
        for part in (to_loadings, to_between)
    ]
    between = np.zeros((structure.n_factors, structure.n_factors))
    between[first, second] = between[second, first] = errors[1]
    return theta[:size] / scale[factor_of], errors[0], correlation * np.outer(scale, scale), between


def _improper(
    names: tuple[str, ...], factors: tuple[str, ...], residuals: FloatArray, correlation: FloatArray
) -> tuple[str, ...]:
    found = [
        f"residual variance of {name} is {value:.3g}"
        for name, value in zip(names, residuals, strict=True)
        if value <= 0
    ]
    first, second = np.triu_indices(len(factors), 1)
    found += [
        f"correlation of {factors[a]} and {factors[b]} is {correlation[a, b]:.3g}"
        for a, b in zip(first, second, strict=True)
        if abs(correlation[a, b]) >= 1
    ]
    if not found and np.linalg.eigvalsh(correlation)[0] <= 0:
        found.append("factor correlations that contradict each other")
    return tuple(found)


def _selected(
    covariance: ArrayLike, factors: Mapping[str, Sequence[str]], items: Sequence[str]
) -> tuple[FloatArray, tuple[str, ...], IntArray]:
    """Covariances of the items of the model in its order, their names, and the factor of each."""
    matrix = checked_covariance(covariance)
    known = {name: position for position, name in enumerate(items)}
    if matrix.ndim != 2 or len(known) != len(matrix) or len(items) != len(matrix):
        raise InvalidShape(
            expected=f"{matrix.shape[-1]} different item names for one matrix",
            got=f"{len(known)} names, shape {matrix.shape}",
            hint="one name per row",
        )
    require_groups(factors, name="factors")
    names = tuple(name for members in factors.values() for name in members)
    unknown = [name for name in names if name not in known]
    if unknown or len(set(names)) != len(names):
        raise InvalidShape(
            expected="every item of the model once, among the rows",
            got=f"unknown {unknown}" if unknown else "an item on two factors",
            hint="each item measures one factor",
        )
    least = 3 if len(factors) == 1 else 2
    short = [factor for factor, members in factors.items() if len(members) < least]
    if short or not factors:
        raise InvalidOption(
            expected=f"factors of {least} items or more",
            got=f"fewer for {short}",
            hint="a factor of so few items is not identified; merge it or leave it out",
        )
    belongs = np.repeat(np.arange(len(factors)), [len(members) for members in factors.values()])
    at = [known[name] for name in names]
    return matrix[np.ix_(at, at)], names, belongs.astype(np.int64)
