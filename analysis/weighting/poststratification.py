"""Post-stratification of a survey: the cells of one margin are weighted to their sizes in the population."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.types import FloatArray
from analysis.weighting.cell_means import CellMeans, cell_sums
from analysis.weighting.collapsing import Collapsing, collapsed_cells
from analysis.weighting.margins import Margin, Variables, margin_of, require_sampled
from analysis.weighting.reports import Adjustment

if TYPE_CHECKING:
    from analysis.design import Survey


@checked
def poststratification(
    survey: Survey,
    variables: Variables,
    population: Mapping[Any, float],
    *,
    collapse: Collapsing | None = None,
) -> Adjustment:
    """Weight the cells of one or several variables to their known sizes.

    Parameters
    ----------
    survey : Survey
    variables : str or sequence of str
        Columns whose combinations are the cells.
    population : mapping of label to float >= 0
        Size of each cell; labels of several columns are tuples. Shares do, where no totals are wanted.
    collapse : Collapsing, optional
        How cells with too few respondents join others, its parents in the order of `population`. Without it
        a cell without a respondent is an error that names it.

    Returns
    -------
    Adjustment

    Raises
    ------
    InvalidShape
        A label in the sample without a population.
    InvalidCounts
        A cell without respondents, or respondents of a cell without population, and no rule to collapse it.

    Notes
    -----
    ``w_i N_g / Σ_g w``. Variances are those of the residuals from the weighted cell means.

    References
    ----------
    Holt and Smith (1979), JRSS A 142:33-46. Valliant (1993), JASA 88:89-96.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"sex": ["f", "f", "f", "m"], "top": [1, 1, 0, 0]})
    >>> found = poststratification(survey, "sex", {"f": 50, "m": 50})
    >>> round(found.survey.mean("top")["top"].value, 4), found.survey.weights.round(2).tolist()
    (0.3333, [16.67, 16.67, 16.67, 50.0])
    """
    margin = margin_of(survey.table, variables, population)
    joined, collapsed = _collapsed(margin, survey.weights, collapse)
    require_sampled(joined, survey.weights)
    factor = cell_factors(joined, survey.weights)[joined.codes]
    adjusted = survey.calibrated(survey.weights * factor, CellMeans.of([joined.codes], survey.weights))
    g = np.where(survey.weights > 0, factor, 1.0)
    return Adjustment(adjusted, "poststratification", g, collapsed=collapsed)


def cell_factors(margin: Margin, weights: FloatArray) -> FloatArray:
    """What takes the sum of weights of each cell to its population, (G,); 1 where there is nobody.

    Parameters
    ----------
    margin : Margin
    weights : (N,) ndarray

    Returns
    -------
    (G,) ndarray
    """
    sampled = margin.sampled(weights)
    return quotient(margin.population, sampled, empty=1.0)


def _collapsed(
    margin: Margin, weights: FloatArray, rule: Collapsing | None
) -> tuple[Margin, tuple[tuple[Any, Any], ...]]:
    """The margin with cells joined by the rule, and which joined which."""
    if rule is None:
        return margin, ()
    size = len(margin.labels)
    people = cell_sums((weights > 0).astype(np.float64), margin.codes, size)
    cells = collapsed_cells(people[None], margin.population[None], rule)[0]
    joined = Margin(
        margin.name, margin.labels, cells[margin.codes],
        cell_sums(margin.population, cells, size),
    )  # fmt: skip
    moved = tuple(
        (margin.labels[cell], margin.labels[target]) for cell, target in enumerate(cells) if cell != target
    )
    return joined, moved
