"""Raking: the weights of a survey fitted to several margins in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.types import FloatArray
from analysis.validation import require_known
from analysis.weighting.cell_means import CellMeans, distinct_cells
from analysis.weighting.margins import Margin, margin_of, require_sampled
from analysis.weighting.raked_cells import (
    CellMargin,
    RakedCells,
    fitted_cells,
    one_population,
    require_fitted,
    require_people,
)
from analysis.weighting.reports import Adjustment

if TYPE_CHECKING:
    from analysis.design import Survey
    from analysis.surveys.columns import Table

SWEEPS_OF_UNWEIGHTED = 10


@checked
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
        As in `analysis.weighting.raked_cells.raked_cells`.
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
        As in `analysis.weighting.raked_cells.raked_cells`.

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
    scaled = one_population(
        [CellMargin.of(margin.name, margin.codes, margin.population[None]) for margin in known]
    )
    return [replace(margin, population=own.totals[0]) for margin, own in zip(known, scaled, strict=True)]


def raked_factors(
    margins: Sequence[Margin], weights: FloatArray, *, tolerance: float = 1e-10, max_iterations: int = 1000
) -> tuple[FloatArray, RakedCells]:
    """Factors that rake R sets of weights of the same rows, found on the cells the margins make.

    Parameters
    ----------
    margins : sequence of Margin
    weights : (R, N) ndarray >= 0
    tolerance, max_iterations
        As in `analysis.weighting.raked_cells.raked_cells`.

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
    known = [
        CellMargin.of(
            margin.name, categories[:, position],
            np.broadcast_to(margin.population, (len(base), len(margin.population))),
        )
        for position, margin in enumerate(margins)
    ]  # fmt: skip
    require_people(base, known)
    fitted = fitted_cells(base, known, tolerance=tolerance, max_iterations=max_iterations)
    require_fitted(fitted, tolerance)
    factors = quotient(fitted.weights, base, empty=1.0)
    return factors[:, cell], fitted
