"""Forms answered with one and the same level throughout, beyond what equally pleased people do elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidShape
from analysis.integrity.outliers import ridit_scores
from analysis.integrity.scores import Scores
from analysis.integrity.shares import excess_share_scores
from analysis.types import IntArray
from analysis.validation import labels_of, marks_of


@checked
def longest_runs(answers: ArrayLike, is_answered: ArrayLike) -> IntArray:
    """Long-string index: the most answers in a row at one level.

    Parameters
    ----------
    answers : (N, J) array_like of int
        Levels, in the order of the form; items of one scale only.
    is_answered : (N, J) array_like of bool
        Unanswered items neither lengthen a run nor break it.

    Returns
    -------
    (N,) ndarray of int

    References
    ----------
    Johnson (2005), Journal of Research in Personality 39:103-129. Meade and Craig (2012).

    Examples
    --------
    >>> longest_runs([[5, 5, 5, 4], [5, 0, 5, 5], [1, 2, 3, 4]], np.array([[1, 1, 1, 1], [1, 0, 1, 1], [1] * 4]))
    array([3, 3, 1])
    """
    levels, answered = _forms_of(answers, is_answered)
    last = np.full(len(levels), -1, dtype=np.int64)
    run = np.zeros(len(levels), dtype=np.int64)
    longest = run.copy()
    for level, given in zip(levels.T, answered.T, strict=True):
        run = np.where(given, np.where(level == last, run + 1, 1), run)
        last = np.where(given, level, last)
        longest = np.maximum(longest, run)
    return longest


@checked
def straight_line_counts(
    answers: ArrayLike,
    is_answered: ArrayLike,
    *,
    stratum: ArrayLike,
    n_strata: int,
    min_items: int = 5,
) -> tuple[IntArray, IntArray]:
    """Forms at one level throughout, and forms long enough to tell, by stratum.

    Parameters
    ----------
    answers, is_answered
        As in `longest_runs`.
    stratum : (N,) array_like of int in [0, n_strata)
        Unit and level of the overall answer in one number, say.
    n_strata : int
    min_items : int >= 2
        Forms with fewer answers are not counted: three equal answers say nothing.

    Returns
    -------
    tuple of (n_strata,) ndarray of int
        Counts add over months and units.

    Examples
    --------
    >>> straight_line_counts([[5] * 6, [5, 4, 5, 5, 5, 5]], np.ones((2, 6)), stratum=[0, 0], n_strata=1)
    (array([1]), array([2]))
    """
    _, answered = _forms_of(answers, is_answered)
    labels = labels_of(np.asarray(stratum), size=len(answered), below=n_strata, name="strata")
    n_answers = answered.sum(axis=1)
    is_long = n_answers >= min_items
    is_straight = is_long & (longest_runs(answers, is_answered) == n_answers)
    straight, forms = (np.bincount(labels[kept], minlength=n_strata) for kept in (is_straight, is_long))
    return straight, forms


@checked
def straight_line_scores(
    n_straight: ArrayLike,
    n_forms: ArrayLike,
    *,
    intraclass_correlation: float | None = None,
    min_n: int = 20,
) -> Scores:
    """Share of forms at one level throughout, against units with the same mix of overall answers.

    Parameters
    ----------
    n_straight, n_forms : (U, C) array_like of whole numbers
        By unit and level of the overall answer: people who are content with everything tick one column, and a
        good unit is not to be suspected for it.
    intraclass_correlation, min_n
        As in `shares.excess_share_scores`.

    Returns
    -------
    Scores

    Notes
    -----
    Independence of items is no yardstick: factors move together, and one honest form in six is straight. The rate
    among people who gave the same overall answer elsewhere, on the same channel and version, is.

    Examples
    --------
    >>> scores = straight_line_scores([[2, 8], [1, 9], [3, 7], [2, 9], [1, 60]], [[20, 60]] * 5)
    >>> np.flatnonzero(scores.p_value < 0.01).tolist()
    [4]
    """
    return excess_share_scores(
        n_straight,
        n_forms,
        intraclass_correlation=intraclass_correlation,
        min_n=min_n,
        method="straight_line",
    )


@checked
def long_string_scores(run_counts: ArrayLike, *, min_n: int = 20) -> Scores:
    """Units whose forms have longer runs of one level than the others'.

    Parameters
    ----------
    run_counts : (U, J + 1) array_like of whole numbers
        Forms by unit and length of their longest run.
    min_n : int >= 1

    Returns
    -------
    Scores
        Mean ridit, one-sided: longer.

    Examples
    --------
    >>> scores = long_string_scores([[0, 10, 30, 10]] * 5 + [[0, 0, 5, 45]])
    >>> bool(scores.p_value[5] < 0.01)
    True
    """
    return ridit_scores(run_counts, alternative="greater", min_n=min_n, method="long_string")


def _forms_of(answers: ArrayLike, is_answered: ArrayLike) -> tuple[IntArray, NDArray[np.bool_]]:
    levels, answered = np.asarray(answers), marks_of(is_answered, name="is_answered")
    if levels.ndim != 2 or levels.shape != answered.shape or not np.issubdtype(levels.dtype, np.integer):
        raise InvalidShape(
            expected="two tables of one shape, levels whole",
            got=f"{levels.dtype} {levels.shape} and {answered.shape}",
            hint="one row per form, one column per item",
        )
    return levels, answered
