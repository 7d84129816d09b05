"""Forms filled faster than they can be read."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidShape
from analysis.integrity.outliers import class_counts, ridit_scores
from analysis.integrity.scores import Scores
from analysis.integrity.shares import excess_share_scores
from analysis.types import FloatArray
from analysis.validation import finite_array, numbers_of, positive


@checked
def reading_floor(n_words: ArrayLike, *, seconds_per_word: float = 0.3) -> FloatArray:
    """Seconds below which a form has hardly been read.

    Parameters
    ----------
    n_words : array_like >= 0
        Words (in Vietnamese: syllables) of all questions on the path; answer labels need no second reading.
    seconds_per_word : float > 0

    Returns
    -------
    ndarray

    References
    ----------
    Zhang and Conrad (2014), Survey Research Methods 8:127-135.

    Examples
    --------
    >>> reading_floor([12, 230]).tolist()
    [3.6, 69.0]
    """
    words = finite_array(n_words, name="n_words")
    pace = float(positive(finite_array(seconds_per_word, name="seconds_per_word"), name="seconds_per_word"))
    return np.asarray(np.round(words * pace, 9))


@checked
def too_fast_counts(duration_counts: ArrayLike, upper_edges: ArrayLike, *, floor: float) -> FloatArray:
    """Forms that took less than the floor for certain.

    Parameters
    ----------
    duration_counts : (U, K) array_like of whole numbers
        Forms by unit and bucket of duration.
    upper_edges : (K,) array_like, ascending
        Upper end of each bucket in seconds; the last may be infinite.
    floor : float
        Seconds. A bucket across the floor does not count.

    Returns
    -------
    (U,) ndarray

    Examples
    --------
    >>> too_fast_counts([[3, 10, 50]], [5, 30, np.inf], floor=12).tolist()
    [3.0]
    """
    table, edges = class_counts(duration_counts), numbers_of(upper_edges, name="upper_edges")
    if edges.shape != (table.shape[1],) or not ((edges[1:] > edges[:-1]).all() and (edges > 0).all()):
        raise InvalidShape(
            expected=f"{table.shape[1]} ascending edges",
            got=repr(upper_edges)[:60],
            hint="one upper end per bucket",
        )
    return np.asarray(table[:, edges <= floor].sum(axis=1))


@checked
def speeding_scores(
    duration_counts: ArrayLike,
    upper_edges: ArrayLike,
    *,
    floor: float,
    intraclass_correlation: float | None = None,
    min_n: int = 20,
) -> Scores:
    """Share of forms filled below the reading floor, against the other units.

    Parameters
    ----------
    duration_counts, upper_edges, floor
        As in `too_fast_counts`; forms of one version and channel.
    intraclass_correlation, min_n
        As in `shares.excess_share_scores`.

    Returns
    -------
    Scores

    Examples
    --------
    >>> table = [[2, 20, 80], [1, 22, 77], [3, 25, 72], [2, 18, 80], [60, 20, 20]]
    >>> np.flatnonzero(speeding_scores(table, [5, 30, np.inf], floor=12).p_value < 0.01).tolist()
    [4]
    """
    table = class_counts(duration_counts)
    return excess_share_scores(
        too_fast_counts(table, upper_edges, floor=floor),
        table.sum(axis=1),
        intraclass_correlation=intraclass_correlation,
        min_n=min_n,
        method="speeding",
    )


@checked
def fast_pool_scores(duration_counts: ArrayLike, *, min_n: int = 20) -> Scores:
    """Units whose forms are faster throughout than the others', whatever the floor.

    Parameters
    ----------
    duration_counts : (U, K) array_like of whole numbers
        As in `too_fast_counts`, buckets ascending.
    min_n : int >= 1

    Returns
    -------
    Scores
        Mean ridit, one-sided: faster.

    Examples
    --------
    >>> scores = fast_pool_scores([[5, 20, 80]] * 5 + [[70, 20, 10]])
    >>> bool(scores.p_value[5] < 0.01)
    True
    """
    return ridit_scores(duration_counts, alternative="less", min_n=min_n, method="fast_pool")
