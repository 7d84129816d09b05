"""Calibration of replicate weights: the full sample and every replicate are adjusted, each by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts
from analysis.surveys.replicate_weights import ReplicateWeights
from analysis.types import FloatArray
from analysis.validation import finite_array
from analysis.weighting.calibration import calibration_matrix
from analysis.weighting.calibration_weights import calibrated_weights
from analysis.weighting.margins import Margin, Variables, require_sampled
from analysis.weighting.raking import matched_margins, raked_factors

if TYPE_CHECKING:
    from analysis.surveys.replicates import ReplicateSurvey


@checked
def raked_replicates(
    survey: ReplicateSurvey,
    margins: Mapping[Variables, Mapping[Any, float]],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> ReplicateWeights:
    """Rake the full sample and every replicate; one margin post-stratifies them.

    Parameters
    ----------
    survey : ReplicateSurvey
    margins : mapping of str or tuple of str to mapping of label to float
        As in `analysis.weighting.raking.raking`.
    tolerance, max_iterations
        As in `analysis.weighting.raking.raking`.

    Returns
    -------
    ReplicateWeights

    Raises
    ------
    InvalidCounts
        A cell that some replicate leaves without respondents.
    NoConvergence
        As in `analysis.weighting.raking.raking`.

    Notes
    -----
    The variance then holds what the adjustment gains and what its own uncertainty costs.

    References
    ----------
    Valliant (1993), JASA 88:89-96. Rust and Rao (1996), Statistical Methods in Medical Research 5:283-310.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"sex": ["f", "f", "m", "m"], "top": [1, 0, 1, 1]}).jackknife()
    >>> raked_replicates(survey, {"sex": {"f": 60, "m": 40}}).matrix().sum(axis=0).round(6).tolist()
    [100.0, 100.0, 100.0, 100.0]
    """
    known = matched_margins(survey.table, margins)
    full, matrix = survey.weights, survey.replicates.matrix()
    for margin in known:
        require_sampled(margin, full)
        _require_in_replicates(margin, matrix)
    sets = np.column_stack([full, matrix])
    factors, _ = raked_factors(known, sets.T, tolerance=tolerance, max_iterations=max_iterations)
    raked = sets * factors.T
    return survey.replicates.with_matrix(raked[:, 0], raked[:, 1:])


@checked
def calibrated_replicates(
    survey: ReplicateSurvey,
    totals: Mapping[str, float],
    *,
    columns: Mapping[str, ArrayLike] | None = None,
    distance: str = "linear",
    bounds: tuple[float, float] | None = None,
) -> ReplicateWeights:
    """Calibrate the full sample and every replicate to known totals.

    Parameters
    ----------
    survey : ReplicateSurvey
    totals : mapping of str to float
    columns : mapping of str to (N,) array_like, optional
        As in `analysis.weighting.calibration.calibration`.
    distance, bounds
        As in `analysis.weighting.calibration_weights.calibrated_weights`. A linear distance without bounds is
        solved for all replicates at once; its weights may fall below 0.

    Returns
    -------
    ReplicateWeights

    Raises
    ------
    InvalidCounts
        Columns that depend on each other in some replicate.
    InvalidOption, NoConvergence
        As in `calibrated_weights`.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"age": [20.0, 40.0, 60.0, 30.0]}).jackknife()
    >>> found = calibrated_replicates(survey, {"(Intercept)": 8, "age": 320})
    >>> (np.array([20.0, 40.0, 60.0, 30.0]) @ found.matrix()).round(6).tolist()
    [320.0, 320.0, 320.0, 320.0]
    """
    x, t = (
        calibration_matrix(survey.table, totals, columns),
        finite_array(list(totals.values()), name="totals"),
    )
    full = calibrated_weights(x, survey.weights, t, distance=distance, bounds=bounds).factors
    matrix = survey.replicates.matrix()
    if distance == "linear" and bounds is None:
        factors = _linear_factors(x, matrix, t, survey.weights)
    else:
        factors = np.column_stack(
            [calibrated_weights(x, own, t, distance=distance, bounds=bounds).factors for own in matrix.T]
        )
    return survey.replicates.with_matrix(survey.weights * full, matrix * factors)


def _linear_factors(x: FloatArray, matrix: FloatArray, totals: FloatArray, full: FloatArray) -> FloatArray:
    """g = 1 + xᵀλ of each replicate, (N, R): R systems of p equations, solved together."""
    size = np.sqrt(full @ x**2)
    z, target = x / size, totals / size
    missing = target[:, None] - z.T @ matrix
    p = z.shape[1]
    products = (z[:, :, None] * z[:, None, :]).reshape(len(z), p * p)
    curvature = (products.T @ matrix).T.reshape(-1, p, p)
    if (np.linalg.cond(curvature) > 1e12).any():
        raise InvalidCounts(
            expected="calibration columns that vary in every replicate",
            got="some that depend on each other in one",
            hint="drop columns, or use the bootstrap or Fay's method, which leave fewer respondents out",
        )
    multipliers = np.linalg.solve(curvature, missing.T[:, :, None])[:, :, 0]
    factors: FloatArray = 1 + z @ multipliers.T
    return factors


def _require_in_replicates(margin: Margin, matrix: FloatArray) -> None:
    size = len(margin.labels)
    for label, population, code in zip(margin.labels, margin.population, range(size), strict=True):
        empty = (matrix[margin.codes == code].sum(axis=0) <= 0) & (population > 0)
        if empty.any():
            raise InvalidCounts(
                expected=f"respondents of every {margin.name} in every replicate",
                got=f"none of {label!r} in {int(empty.sum())} replicates",
                hint="collapse the cell, or use Fay's method, which leaves nobody out",
            )
