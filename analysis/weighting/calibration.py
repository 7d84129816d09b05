"""Calibration of a survey to known totals of any variables (the generalised regression estimator and its kin)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidShape
from analysis.surveys.columns import Table
from analysis.surveys.projection import Projection
from analysis.types import FloatArray
from analysis.validation import finite_array
from analysis.weighting.calibration_weights import calibrated_weights
from analysis.weighting.reports import Adjustment

if TYPE_CHECKING:
    from analysis.design import Survey

INTERCEPT = "(Intercept)"


@checked
def calibration(
    survey: Survey,
    totals: Mapping[str, float],
    *,
    columns: Mapping[str, ArrayLike] | None = None,
    distance: str = "linear",
    bounds: tuple[float, float] | None = None,
    scale: str | None = None,
    allow_negative: bool = False,
    tolerance: float = 1e-10,
    max_iterations: int = 100,
) -> Adjustment:
    """Weights that reproduce known totals, as close to the old ones as a distance measures.

    Parameters
    ----------
    survey : Survey
    totals : mapping of str to float
        Population total of each calibration variable.
    columns : mapping of str to (N,) array_like, optional
        The variables, such as `treatment_coded` makes; columns of the survey where not given, "(Intercept)"
        standing for 1.
    distance, bounds, tolerance, max_iterations
        As in `analysis.weighting.calibration_weights.calibrated_weights`.
    scale : str, optional
        Column of q > 0: rows with a larger one move more.
    allow_negative : bool
        Keep weights below 0, which a linear distance without bounds may give. Means and totals stay
        unbiased; shares may leave [0, 1] and quantiles lose their meaning.

    Returns
    -------
    Adjustment

    Raises
    ------
    InvalidShape
        A total without a column.
    InvalidCounts
        Missing values; contradictory totals; negative weights where they are not allowed.
    InvalidOption, NoConvergence
        As in `calibrated_weights`.

    Notes
    -----
    Whatever the distance, variances are those of residuals from the regression on the calibration variables
    with the weights before calibration (times q), each times its new weight.

    References
    ----------
    Deville and Särndal (1992), JASA 87:376-382. Särndal, Swensson and Wretman (1992), chapter 6.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"age": [20.0, 40.0, 60.0], "top": [0, 1, 1]})
    >>> found = calibration(survey, {"(Intercept)": 30, "age": 1300})
    >>> found.survey.weights.round(3).tolist(), round(found.survey.total("age")["age"].value, 6)
    ([7.5, 10.0, 12.5], 1300.0)
    """
    matrix = calibration_matrix(survey.table, totals, columns)
    q = np.ones(survey.n) if scale is None else survey.table.complete(scale)
    found = calibrated_weights(
        matrix, survey.weights, list(totals.values()), distance=distance, bounds=bounds, scale=q,
        tolerance=tolerance, max_iterations=max_iterations,
    )  # fmt: skip
    weights = survey.weights * found.factors
    if not allow_negative:
        _require_positive(weights)
    adjusted = survey.calibrated(
        weights, Projection.of(matrix, survey.weights * q), allow_negative=allow_negative
    )
    return Adjustment(
        adjusted, f"calibration_{distance}", np.where(survey.weights > 0, found.factors, 1.0),
        n_iterations=found.n_iterations, largest_error=found.largest_error,
    )  # fmt: skip


@checked
def treatment_coded(
    table: Any,
    names: str | Sequence[str],
    *,
    base: Mapping[str, Any] | None = None,
    categories: Sequence[str] = (),
    intercept: bool = True,
) -> dict[str, FloatArray]:
    """Columns of a linear model: numbers as they are, words as indicators of all labels but the base.

    Parameters
    ----------
    table : Survey, mapping of arrays or dataframe
    names : str or sequence of str
    base : mapping of column to label, optional
        The label without an indicator; the first in order where not given, None for an indicator of each.
    categories : sequence of str
        Columns of numbers that are labels.
    intercept : bool
        Whether a column of ones, "(Intercept)", comes first.

    Returns
    -------
    dict of str to (N,) ndarray
        Indicators are named by column and label together: "stypeH".

    Examples
    --------
    >>> columns = treatment_coded({"stype": ["E", "H", "M"], "api99": [600.0, 500.0, 550.0]}, ["stype", "api99"])
    >>> list(columns), columns["stypeH"].tolist()
    (['(Intercept)', 'stypeH', 'stypeM', 'api99'], [0.0, 1.0, 0.0])
    """
    known = Table.of(getattr(table, "table", table))
    for name in categories:
        known.raw(name)
    found = {INTERCEPT: np.ones(known.n_rows)} if intercept else {}
    for name in [names] if isinstance(names, str) else names:
        if known.raw(name).dtype.kind in "biuf" and name not in categories:
            found[name] = known.complete(name)
            continue
        labels = known.labels(name)
        left_out = (base or {}).get(name, labels.values[0])
        if left_out is not None and left_out not in labels.values:
            raise InvalidShape(
                expected=f"a base of {name} among {', '.join(map(repr, labels.values[:20]))}",
                got=repr(left_out),
                hint="a base without respondents cannot be one",
            )
        for code, label in enumerate(labels.values):
            if label != left_out:
                found[f"{name}{_text(label)}"] = (labels.codes == code).astype(np.float64)
    return found


def calibration_matrix(
    table: Table, totals: Mapping[str, float], columns: Mapping[str, ArrayLike] | None = None
) -> FloatArray:
    """The calibration variables of a table side by side.

    Parameters
    ----------
    table : Table
    totals, columns
        As in `calibration`.

    Returns
    -------
    (N, p) ndarray
    """
    if not totals:
        raise InvalidShape(expected="one or more totals", got="none", hint="give {'column': total}")
    return np.column_stack([_column(table, name, columns) for name in totals])


def _text(label: Any) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)


def _column(table: Table, name: str, columns: Mapping[str, ArrayLike] | None) -> FloatArray:
    if columns is None:
        return np.ones(table.n_rows) if name == INTERCEPT else table.complete(name)
    if name not in columns:
        raise InvalidShape(
            expected=f"a column for each total, among {', '.join(columns)}"[:300],
            got=repr(name),
            hint="name totals as the columns are named, an indicator by column and label",
        )
    values = finite_array(columns[name], name=name)
    if values.shape != (table.n_rows,):
        raise InvalidShape(
            expected=f"{table.n_rows} values of {name}", got=str(values.shape), hint="one per respondent"
        )
    return values


def _require_positive(weights: FloatArray) -> None:
    below = weights < 0
    if below.any():
        raise InvalidCounts(
            expected="weights >= 0",
            got=f"{int(below.sum())} below 0, the least {weights.min():.4g}",
            hint="use distance='raking', bounds, or fewer totals; or allow_negative=True",
        )
