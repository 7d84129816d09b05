"""Runs of satisfied and dissatisfied answers within a batch: stuffing leaves long ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import log_choose
from analysis.errors import InvalidCounts
from analysis.integrity.scores import Reason, Scores, first_reason, scores_of
from analysis.types import FloatArray
from analysis.validation import finite_array, require_known, require_whole, together

ALTERNATIVES = ("few", "many", "two-sided")


@checked
def runs_scores(
    n_satisfied: ArrayLike, n_dissatisfied: ArrayLike, n_runs: ArrayLike, *, alternative: str = "few"
) -> Scores:
    """Wald and Wolfowitz's runs test of each batch, exact.

    Parameters
    ----------
    n_satisfied, n_dissatisfied : (B,) array_like of whole numbers
        Answers of a batch (a device-day, a stack of paper forms) whose order nobody stores.
    n_runs : (B,) array_like of whole numbers
        Stretches of equal answers, counted where they arose.
    alternative : {"few", "many", "two-sided"}
        "few": blocks of equal answers. "many": answers that take turns too regularly.

    Returns
    -------
    Scores
        A batch of one kind only has no variation.

    Notes
    -----
    Given the numbers, ``P(2k) = 2 C(n1-1, k-1) C(n2-1, k-1)/C(n, n1)`` and
    ``P(2k+1) = [C(n1-1, k) C(n2-1, k-1) + C(n1-1, k-1) C(n2-1, k)]/C(n, n1)``. Two-sided: twice the smaller tail.

    References
    ----------
    Wald and Wolfowitz (1940), Annals of Mathematical Statistics 11:147-162.

    Examples
    --------
    >>> scores = runs_scores([20, 20], [10, 10], [14, 4])
    >>> scores.expected.round(2).tolist(), (scores.p_value < 0.001).tolist()
    ([14.33, 14.33], [False, True])
    """
    require_known(alternative, ALTERNATIVES, name="alternative")
    n1, n2, runs = together(
        finite_array(np.atleast_1d(n_satisfied), name="n_satisfied"),
        finite_array(n_dissatisfied, name="n_dissatisfied"),
        finite_array(n_runs, name="n_runs"),
    )
    for array, name in ((n1, "n_satisfied"), (n2, "n_dissatisfied"), (runs, "n_runs")):
        require_whole(array, name=name)
    if n1.ndim != 1:
        raise InvalidCounts(expected="one entry per batch", got=f"shape {n1.shape}", hint="pass plain lists")
    _require_possible(n1, n2, runs)
    reason = first_reason((n1 + n2 == 0, Reason.NO_RESPONSES), ((n1 == 0) | (n2 == 0), Reason.NO_VARIATION))
    chance = _run_chances(n1, n2)
    position = np.arange(chance.shape[1])[None, :]
    few = np.where(position <= runs[:, None], chance, 0).sum(axis=1)
    many = np.where(position >= runs[:, None], chance, 0).sum(axis=1)
    tails = {"few": few, "many": many, "two-sided": 2 * np.minimum(few, many)}
    expected = 1 + 2 * n1 * n2 / np.maximum(n1 + n2, 1)
    return scores_of(runs, expected, tails[alternative], n1 + n2, reason=reason, method="runs")


@checked
def longest_run_scores(n_satisfied: ArrayLike, n_dissatisfied: ArrayLike, longest: ArrayLike) -> Scores:
    """Longest unbroken run of satisfied answers of each batch: the sharpest sign of one block of stuffing.

    Parameters
    ----------
    n_satisfied, n_dissatisfied : (B,) array_like of whole numbers
        As in `runs_scores`.
    longest : (B,) array_like of whole numbers
        At most `n_satisfied`.

    Returns
    -------
    Scores
        `expected` is the mean run of satisfied answers, ``n1/(n2 + 1)``.

    Notes
    -----
    The n2 dissatisfied answers leave n2 + 1 gaps; the chance that one of them holds L or more satisfied ones is at
    most ``(n2 + 1) C(n - L, n2)/C(n, n2)``, the first term of inclusion and exclusion. It is an upper bound, and
    close where it is small.

    References
    ----------
    Feller (1968), An Introduction to Probability Theory and Its Applications, vol. 1, ch. II.

    Examples
    --------
    >>> longest_run_scores([90, 90], [10, 10], [22, 70]).p_value.round(6).tolist()
    [0.799609, 1.9e-05]
    """
    n1, n2, run = together(
        finite_array(np.atleast_1d(n_satisfied), name="n_satisfied"),
        finite_array(n_dissatisfied, name="n_dissatisfied"),
        finite_array(longest, name="longest"),
    )
    for array, name in ((n1, "n_satisfied"), (n2, "n_dissatisfied"), (run, "longest")):
        require_whole(array, name=name)
    least = np.ceil(n1 / (n2 + 1))
    if ((run < least) | (run > n1)).any():
        raise InvalidCounts(
            expected="a longest run that such a batch can have",
            got=f"{run.flat[np.argmax(np.maximum(least - run, run - n1))]:g}",
            hint="from n_satisfied / (n_dissatisfied + 1) up to n_satisfied",
        )
    reason = first_reason((n1 + n2 == 0, Reason.NO_RESPONSES), ((n1 == 0) | (n2 == 0), Reason.NO_VARIATION))
    bound = np.exp(np.log(n2 + 1) + log_choose(n1 + n2 - run, n2) - log_choose(n1 + n2, n2))
    return scores_of(run, n1 / (n2 + 1), bound, n1 + n2, reason=reason, method="longest_run")


def _run_chances(n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Chance of each number of runs, from 0 to the most any batch can have."""
    most = int((2 * np.minimum(n1, n2)).max(initial=0)) + 1
    runs = np.arange(most + 1, dtype=np.float64)[None, :]
    a, b = np.maximum(n1, 1)[:, None], np.maximum(n2, 1)[:, None]
    half = runs // 2
    even = np.log(2) + log_choose(a - 1, half - 1) + log_choose(b - 1, half - 1)
    odd = np.logaddexp(
        log_choose(a - 1, half) + log_choose(b - 1, half - 1),
        log_choose(a - 1, half - 1) + log_choose(b - 1, half),
    )
    chance = np.exp(np.where(runs % 2 == 0, even, odd) - log_choose(a + b, a))
    return np.where(runs >= 2, chance, 0.0)


def _require_possible(n1: FloatArray, n2: FloatArray, runs: FloatArray) -> None:
    smaller = np.minimum(n1, n2)
    least = (n1 > 0).astype(np.float64) + (n2 > 0)
    most = 2 * smaller + (n1 != n2)
    if ((runs < least) | (runs > most)).any():
        raise InvalidCounts(
            expected="a number of runs that such a batch can have",
            got=f"{runs.flat[np.argmax(np.maximum(least - runs, runs - most))]:g}",
            hint="at least one per kind of answer, at most twice the rarer kind and one",
        )
