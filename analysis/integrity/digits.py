"""Last digits of reported counts: people who invent numbers do not invent them evenly."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidOption, InvalidShape
from analysis.integrity.scores import Reason, Scores, first_reason, scores_of
from analysis.integrity.tails import upper_tail
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, require_whole

ROUND_DIGITS = (0, 5)


@checked
def last_digit_counts(counts: ArrayLike, *, smallest: int = 20) -> IntArray:
    """How often each last digit occurs among counts large enough to have an even one.

    Parameters
    ----------
    counts : (N,) array_like of whole numbers
        Reported numbers of one unit: forms per paper batch, dossiers per day.
    smallest : int >= 10
        Smaller counts are left out: their last digit is nearly the count itself.

    Returns
    -------
    (10,) ndarray of int

    Examples
    --------
    >>> last_digit_counts([25, 30, 45, 7, 120])
    array([2, 0, 0, 0, 0, 2, 0, 0, 0, 0])
    """
    numbers = finite_array(counts, name="counts").ravel()
    require_whole(numbers, name="counts")
    if smallest < 10:
        raise InvalidOption(expected="smallest >= 10", got=repr(smallest), hint="one digit is no last digit")
    kept = numbers[numbers >= smallest].astype(np.int64)
    return np.bincount(kept % 10, minlength=10)


@checked
def last_digit_scores(
    digit_counts: ArrayLike, *, rng: np.random.Generator, n_resamples: int = 9_999, min_n: int = 20
) -> Scores:
    """Last digits against an even spread.

    Parameters
    ----------
    digit_counts : (U, 10) array_like of whole numbers
        From `last_digit_counts`.
    rng : numpy.random.Generator
    n_resamples : int >= 1
        The smallest p value is 1 / (n_resamples + 1).
    min_n : int >= 1

    Returns
    -------
    Scores
        `statistic` is Pearson's chi-square, 9 degrees of freedom; `place` the most frequent digit.

    Notes
    -----
    The p value is by resampling, so it holds for few numbers too; even spread itself needs counts that vary over
    several tens.

    References
    ----------
    Beber and Scacco (2012), Political Analysis 20:211-234.

    Examples
    --------
    >>> scores = last_digit_scores([[5] * 10, [30, 1, 1, 1, 1, 12, 1, 1, 1, 1]], rng=np.random.default_rng(1))
    >>> scores.p_value.tolist(), scores.place[1].item()
    ([1.0, 0.0001], 0)
    """
    table = _digits_of(digit_counts)
    if n_resamples < 1:
        raise InvalidOption(expected="n_resamples >= 1", got=repr(n_resamples), hint="9 999 is usual")
    n = table.sum(axis=1)
    statistic, p_value = _chi_square(table), np.ones_like(n)
    for size in np.unique(n[n >= min_n]):
        resampled = np.sort(_chi_square(rng.multinomial(int(size), np.full(10, 0.1), size=n_resamples)))
        units = n == size
        above = n_resamples - np.searchsorted(resampled, statistic[units] - 1e-9, side="left")
        p_value[units] = (1 + above) / (n_resamples + 1)
    reason = first_reason((n == 0, Reason.NO_RESPONSES), (n < min_n, Reason.TOO_FEW))
    place = np.argmax(table, axis=1)
    return scores_of(statistic, 9.0, p_value, n, reason=reason, place=place, method="last_digit")


@checked
def heaping_scores(digit_counts: ArrayLike, *, min_n: int = 20) -> Scores:
    """Share of counts that end in 0 or 5, against one in five.

    Parameters
    ----------
    digit_counts : (U, 10) array_like of whole numbers
    min_n : int >= 1

    Returns
    -------
    Scores
        One-sided exact binomial: too many.

    Examples
    --------
    >>> heaping_scores([[20, 2, 2, 2, 2, 18, 2, 1, 2, 2]])[0].p_value < 0.001
    True
    """
    table = _digits_of(digit_counts)
    n, rounded = table.sum(axis=1), table[:, ROUND_DIGITS].sum(axis=1)
    share = quotient(rounded, n, empty=0.0)
    reason = first_reason((n == 0, Reason.NO_RESPONSES), (n < min_n, Reason.TOO_FEW))
    return scores_of(share, 0.2, upper_tail(rounded, n, 0.2), n, reason=reason, method="heaping")


def _chi_square(table: ArrayLike) -> FloatArray:
    counts = np.asarray(table, dtype=np.float64)
    mean = np.maximum(counts.sum(axis=1, keepdims=True) / 10, 1e-12)
    return np.asarray(((counts - mean) ** 2 / mean).sum(axis=1))


def _digits_of(digit_counts: ArrayLike) -> FloatArray:
    table = finite_array(digit_counts, name="digit_counts")
    require_whole(table, name="digit_counts")
    if table.ndim != 2 or table.shape[1] != 10:
        raise InvalidShape(expected="ten columns", got=f"shape {table.shape}", hint="use last_digit_counts")
    return table
