"""Raking: weights fitted to several margins in turn, of respondents or of the cells of many units at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from analysis.cell_means import CellMeans, distinct_cells
from analysis.errors import InvalidCounts, InvalidShape, NoConvergence
from analysis.margins import Margin, margin_of, require_sampled
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, labels_of, require_known
from analysis.weighting import Adjustment

if TYPE_CHECKING:
    from analysis.columns import Table
    from analysis.design import Survey

SAME_TOTAL = 1e-6
SWEEPS_OF_UNWEIGHTED = 10


@dataclass(frozen=True, slots=True, eq=False)
class RakedCells:
    """Cells of U units fitted to their margins.

    Attributes
    ----------
    weights : (U, K) ndarray
        Fitted sums of weights; over the base they are the factor of each respondent of the cell.
    n_iterations : (U,) ndarray of int
        Rounds over the margins.
    largest_error : (U,) ndarray
        Largest relative distance of a margin from its total.
    """

    weights: FloatArray
    n_iterations: IntArray
    largest_error: FloatArray


def raked_cells(
    base: ArrayLike,
    margins: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> RakedCells:
    """Cells of many units fitted to the margins of each (iterative proportional fitting).

    Parameters
    ----------
    base : (U, K) or (K,) array_like >= 0
        Respondents, or sums of weights, of each unit in each cell (channel x field x age).
    margins : sequence of pairs
        Of each margin the category of each cell, (K,) int in [0, A), and the totals (U, A) or (A,).
    tolerance : float > 0
        Largest relative error allowed in any margin.
    max_iterations : int
        Rounds over all margins.

    Returns
    -------
    RakedCells

    Raises
    ------
    InvalidCounts
        Margins of one unit that sum to different populations; a category with a total and nobody in it.
    NoConvergence
        Empty cells that no weights can bridge, or too few iterations.

    Notes
    -----
    Each round multiplies the cells of every category of every margin in turn by total over current sum. The
    limit is the closest table to the base in Kullback-Leibler distance, the calibration with distance "raking".

    References
    ----------
    Deming and Stephan (1940), Annals of Mathematical Statistics 11:427-444.
    Deville, Särndal and Sautory (1993), JASA 88:1013-1020.

    Examples
    --------
    >>> table = [[30, 10, 20, 40]]
    >>> found = raked_cells(table, [([0, 0, 1, 1], [[50, 50]]), ([0, 1, 0, 1], [[60, 40]])])
    >>> found.weights.round(2).tolist()
    [[40.0, 10.0, 20.0, 30.0]]
    """
    cells = np.atleast_2d(finite_array(base, name="base"))
    if cells.ndim != 2 or (cells < 0).any():
        raise InvalidCounts(
            expected="(U, K) cells >= 0", got=f"{cells.shape}, {cells.min(initial=0):g}", hint="pass counts"
        )
    checked = [_checked(*margin, cells.shape) for margin in margins]
    names = [f"margin {position}" for position in range(len(checked))]
    _require_margins(names)
    totals = _one_population(names, [totals for _, totals in checked])
    checked = [(codes, own) for (codes, _), own in zip(checked, totals, strict=True)]
    _require_bases(cells, names, checked)
    return _fitted(cells, checked, tolerance=tolerance, max_iterations=max_iterations)


def raking(
    survey: Survey,
    margins: Mapping[Any, Mapping[Any, float]],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
    residuals: str = "weighted",
) -> Adjustment:
    """Weight a survey to several margins.

    Parameters
    ----------
    survey : Survey
    margins : mapping of str or tuple of str to mapping of label to float
        Of each variable, or combination of variables, the population of each label.
    tolerance, max_iterations
        As in `raked_cells`.
    residuals : {"weighted", "unweighted"}
        Variances are of residuals from the main effects of the margins, found with the weights before raking
        ("weighted", Deville et al.), or as R survey finds them: ten sweeps of unweighted means.

    Returns
    -------
    Adjustment

    Raises
    ------
    InvalidCounts
        Margins with different populations, by name; cells without respondents, by label.
    NoConvergence
        As in `raked_cells`.

    References
    ----------
    Deming and Stephan (1940), Annals of Mathematical Statistics 11:427-444.
    Deville, Särndal and Sautory (1993), JASA 88:1013-1020.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"sex": ["f", "f", "m", "m"], "age": ["old", "young", "old", "old"]})
    >>> found = raking(survey, {"sex": {"f": 60, "m": 40}, "age": {"old": 70, "young": 30}})
    >>> found.survey.weights.round(6).tolist()
    [30.0, 30.0, 20.0, 20.0]
    """
    require_known(residuals, ("weighted", "unweighted"), name="residuals")
    known = matched_margins(survey.table, margins)
    for margin in known:
        require_sampled(margin, survey.weights)
    g, fitted = raked_factors(known, survey.weights[None], tolerance=tolerance, max_iterations=max_iterations)
    weighted = residuals == "weighted"
    explained = CellMeans.of(
        [margin.codes for margin in known],
        survey.weights if weighted else np.ones(survey.n),
        n_sweeps=None if weighted else SWEEPS_OF_UNWEIGHTED,
    )
    adjusted = survey.calibrated(survey.weights * g[0], explained)
    return Adjustment(
        adjusted, "raking", np.where(survey.weights > 0, g[0], 1.0),
        n_iterations=int(fitted.n_iterations[0]), largest_error=float(fitted.largest_error[0]),
    )  # fmt: skip


def matched_margins(table: Table, margins: Mapping[Any, Mapping[Any, float]]) -> list[Margin]:
    """The margins of one population, matched to the rows of a table.

    Parameters
    ----------
    table : Table
    margins
        As in `raking`.

    Returns
    -------
    list of Margin
    """
    known = [margin_of(table, variables, totals) for variables, totals in margins.items()]
    names = [margin.name for margin in known]
    _require_margins(names)
    totals = _one_population(names, [margin.population[None] for margin in known])
    return [replace(margin, population=own[0]) for margin, own in zip(known, totals, strict=True)]


def raked_factors(
    margins: Sequence[Margin], weights: FloatArray, *, tolerance: float = 1e-10, max_iterations: int = 1000
) -> tuple[FloatArray, RakedCells]:
    """Factors that rake R sets of weights of the same rows, found on the cells the margins make.

    Parameters
    ----------
    margins : sequence of Margin
    weights : (R, N) ndarray >= 0
    tolerance, max_iterations
        As in `raked_cells`.

    Returns
    -------
    factors : (R, N) ndarray
    fitted : RakedCells
        Of the R sets, over the distinct combinations of categories.
    """
    categories, cell = distinct_cells([margin.codes for margin in margins])
    rows, size = np.arange(len(cell)), len(categories)
    members = sparse.csr_array((np.ones(len(cell)), (rows, cell)), shape=(len(cell), size))
    base = np.asarray(weights @ members)
    checked = [
        (categories[:, position], np.broadcast_to(margin.population, (len(base), len(margin.population))))
        for position, margin in enumerate(margins)
    ]
    _require_bases(base, [margin.name for margin in margins], checked)
    fitted = _fitted(base, checked, tolerance=tolerance, max_iterations=max_iterations)
    factors = np.divide(fitted.weights, base, out=np.ones_like(base), where=base > 0)
    return factors[:, cell], fitted


def _fitted(
    base: FloatArray, margins: list[tuple[IntArray, FloatArray]], *, tolerance: float, max_iterations: int
) -> RakedCells:
    indicators = [
        sparse.csr_array(
            (np.ones(len(codes)), (np.arange(len(codes)), codes)), shape=(len(codes), totals.shape[1])
        )
        for codes, totals in margins
    ]
    cells, done = base.copy(), np.zeros(len(base), dtype=np.int64)
    error = _errors(cells, margins, indicators)
    for iteration in range(1, max_iterations + 1):
        left = np.flatnonzero(error > tolerance)
        if not left.size:
            return RakedCells(cells, done, error)
        moving = cells[left]
        for (codes, totals), indicator in zip(margins, indicators, strict=True):
            sums = np.asarray(moving @ indicator)
            factor = np.divide(totals[left], sums, out=np.zeros_like(sums), where=sums > 0)
            moving = moving * factor[:, codes]
        cells[left], done[left] = moving, iteration
        error[left] = _errors(moving, [(c, t[left]) for c, t in margins], indicators)
    if (error > tolerance).any():
        raise NoConvergence(
            expected=f"margins met to {tolerance:g} in {max_iterations} rounds",
            got=f"a relative error of {error.max():.3g}",
            hint="empty cells may contradict the margins: collapse categories, or drop a margin",
        )
    return RakedCells(cells, done, error)


def _errors(
    cells: FloatArray, margins: list[tuple[IntArray, FloatArray]], indicators: list[sparse.csr_array]
) -> FloatArray:
    """Largest relative error of each unit over its margins; a category without a total must be empty."""
    worst = np.zeros(len(cells))
    for (_, totals), indicator in zip(margins, indicators, strict=True):
        distance = np.abs(np.asarray(cells @ indicator) - totals)
        relative = np.divide(distance, totals, out=distance.copy(), where=totals > 0)
        worst = np.maximum(worst, relative.max(axis=1, initial=0.0))
    return worst


def _checked(categories: ArrayLike, totals: ArrayLike, shape: tuple[int, ...]) -> tuple[IntArray, FloatArray]:
    sizes = np.atleast_2d(finite_array(totals, name="totals of a margin"))
    codes = labels_of(categories, size=shape[1], below=sizes.shape[1], name="categories of a margin")
    if sizes.shape[0] not in (1, shape[0]) or (sizes < 0).any():
        raise InvalidShape(
            expected=f"({shape[0]}, A) totals >= 0", got=f"{sizes.shape}, {sizes.min():g}",
            hint="one row of totals per unit",
        )  # fmt: skip
    return codes.astype(np.int64), np.broadcast_to(sizes, (shape[0], sizes.shape[1]))


def _require_margins(names: list[str]) -> None:
    if not names:
        raise InvalidShape(expected="one or more margins", got="none", hint="give the totals of a variable")


def _one_population(names: list[str], totals: list[FloatArray]) -> list[FloatArray]:
    """The totals, scaled to the first margin's sum, from which they may differ by rounding only."""
    sums = [sizes.sum(axis=1) for sizes in totals]
    for name, own in zip(names[1:], sums[1:], strict=True):
        apart = np.abs(own - sums[0]) > SAME_TOTAL * np.maximum(sums[0], own)
        if apart.any():
            unit = int(np.argmax(apart))
            raise InvalidCounts(
                expected="margins of one population",
                got=f"{names[0]} sums to {sums[0][unit]:g}, {name} to {own[unit]:g}",
                hint="scale them to the population that is known best",
            )
    return [
        sizes * np.divide(sums[0], own, out=np.ones_like(own), where=own > 0)[:, None]
        for sizes, own in zip(totals, sums, strict=True)
    ]


def _require_bases(cells: FloatArray, names: list[str], margins: list[tuple[IntArray, FloatArray]]) -> None:
    for name, (codes, totals) in zip(names, margins, strict=True):
        indicator = np.eye(totals.shape[1])[codes]
        lost = ((cells @ indicator) <= 0) & (totals > 0)
        if lost.any():
            unit, category = np.argwhere(lost)[0].tolist()
            raise InvalidCounts(
                expected=f"someone in every category of {name} that has a total",
                got=f"nobody in category {category} of set {unit}",
                hint="collapse the category with another in the cells and in the totals",
            )
