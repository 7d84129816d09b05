"""Whole forms that repeat each other more than forms of the same pool do."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidOption, InvalidShape
from analysis.integrity.scores import Reason, Scores, first_reason, scores_of
from analysis.types import FloatArray, IntArray
from analysis.validation import codes_of, finite_array, labels_of, require_whole


@checked
def collision_rate(pattern_counts: ArrayLike) -> FloatArray:
    """Share of pairs of forms that are alike in every answer.

    Parameters
    ----------
    pattern_counts : (..., P) array_like of whole numbers
        Forms by pattern of answers.

    Returns
    -------
    ndarray in [0, 1]
        NaN with fewer than two forms: there is no pair.

    Notes
    -----
    ``Σ m(m-1) / (n(n-1))``, the unbiased estimate of Σπ².

    References
    ----------
    Simpson (1949), Nature 163:688.

    Examples
    --------
    >>> collision_rate([[3, 1, 1], [1, 1, 1]]).tolist()
    [0.3, 0.0]
    """
    table = finite_array(pattern_counts, name="pattern_counts")
    require_whole(table, name="pattern_counts")
    n = table.sum(axis=-1)
    pairs, alike = n * (n - 1), (table * (table - 1)).sum(axis=-1)
    return np.asarray(quotient(alike, pairs))


@checked
def duplicate_scores(
    pattern_counts: ArrayLike,
    *,
    rng: np.random.Generator,
    stratum: ArrayLike | None = None,
    n_resamples: int = 999,
    min_n: int = 10,
) -> Scores:
    """Repeated forms within each batch, against random batches of the same pool.

    Parameters
    ----------
    pattern_counts : (B, P) array_like of whole numbers
        Forms by batch (device-day, paper batch) and pattern, all of one unit or of like units, one channel and
        one version. The batches together are the pool, so marginals, correlations of items and popular patterns
        ("all satisfied") are in the yardstick.
    rng : numpy.random.Generator
    stratum : (P,) array_like of int, optional
        Level of the overall answer in each pattern: random batches then keep the batch's own levels, and a good
        day is no duplicate.
    n_resamples : int >= 1
        The smallest p value is 1 / (n_resamples + 1).
    min_n : int >= 2

    Returns
    -------
    Scores
        `statistic` is the batch's collision rate, `expected` that of random batches. A pool of one pattern, or a
        batch that is the whole pool, has no variation.

    Notes
    -----
    Permutation test: the batch's forms are redrawn from the pool without replacement (multivariate
    hypergeometric) in each stratum; ``p = (1 + #{rate* >= rate}) / (R + 1)``, exact if batches are random parts.

    References
    ----------
    Phipson and Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9:39.

    Examples
    --------
    >>> honest = np.random.default_rng(5).multinomial(40, np.ones(30) / 30, size=6)
    >>> honest[0] = 0
    >>> honest[0, :2] = 30, 10
    >>> scores = duplicate_scores(honest, rng=np.random.default_rng(1))
    >>> scores.p_value[0].item(), bool((scores.p_value[1:] > 0.05).all())
    (0.001, True)
    """
    table = finite_array(pattern_counts, name="pattern_counts")
    if table.ndim != 2:
        raise InvalidShape(
            expected="batches by patterns", got=f"shape {table.shape}", hint="one row per batch"
        )
    require_whole(table, name="pattern_counts")
    if n_resamples < 1 or min_n < 2:
        raise InvalidOption(expected="n_resamples >= 1, min_n >= 2", got="less", hint="999 and 10 are usual")
    used = table.sum(axis=0) > 0
    labels = (
        np.zeros(table.shape[1], dtype=np.int64)
        if stratum is None
        else codes_of(stratum, size=table.shape[1], name="strata")
    )
    labels = labels_of(labels, size=table.shape[1], below=int(labels.max(initial=0)) + 1, name="strata")[used]
    counts = table[:, used].astype(np.int64)
    pool, n = counts.sum(axis=0), counts.sum(axis=1)
    whole = _is_fixed(counts, pool, labels)
    reason = first_reason(
        (n == 0, Reason.NO_RESPONSES), (n < min_n, Reason.TOO_FEW), (whole, Reason.NO_VARIATION)
    )
    rate = np.nan_to_num(collision_rate(counts))
    mean, p_value = np.zeros(len(counts)), np.ones(len(counts))
    for batch in np.flatnonzero(reason == Reason.COMPUTED):
        drawn = _random_batches(counts[batch], pool, labels, rng=rng, n_resamples=n_resamples)
        mean[batch] = drawn.mean()
        p_value[batch] = (1 + (drawn >= rate[batch] - 1e-12).sum()) / (n_resamples + 1)
    return scores_of(rate, mean, p_value, n.astype(np.float64), reason=reason, method="duplicates")


def _is_fixed(
    counts: IntArray, pool: IntArray, labels: IntArray
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Batches that could not have come out otherwise: every stratum whole, or of one pattern."""
    free = np.zeros(len(counts), dtype=bool)
    for label in np.unique(labels):
        part = labels == label
        if part.sum() > 1:
            own, all_forms = counts[:, part].sum(axis=1), pool[part].sum()
            free |= (own > 0) & (own < all_forms)
    return ~free


def _random_batches(
    own: IntArray, pool: IntArray, labels: IntArray, *, rng: np.random.Generator, n_resamples: int
) -> FloatArray:
    """Collision rates of random batches with the same number of forms in each stratum."""
    alike = np.zeros(n_resamples)
    for label in np.unique(labels):
        part = labels == label
        size = int(own[part].sum())
        if size:
            drawn = rng.multivariate_hypergeometric(pool[part], size, size=n_resamples, method="marginals")
            alike += (drawn * (drawn - 1)).sum(axis=1)
    n = own.sum()
    return np.asarray(alike / (n * (n - 1)))
