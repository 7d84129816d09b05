"""More responses within minutes than a device's own day explains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidOption, InvalidShape
from analysis.integrity.profiles import days_of, widths_of, window_sums
from analysis.integrity.scores import Reason, Score, Scores, first_reason, scores_of
from analysis.integrity.tails import joint_concentration, upper_tail
from analysis.types import FloatArray, IntArray
from analysis.validation import count_of, finite_array, positive, together


@checked
def burst_scores(
    counts: ArrayLike,
    profile: ArrayLike,
    *,
    dispersion: ArrayLike = 1.0,
    profile_responses: ArrayLike = np.inf,
    windows: Sequence[int] = (1, 2, 4),
    min_n: int = 10,
) -> Scores:
    """Fullest stretch of each device-day, against the device's own profile: a bound, without resampling.

    Parameters
    ----------
    counts : (D, B) array_like of whole numbers
        Responses by device-day and bucket of a few minutes.
    profile : (B,) or (D, B) array_like > 0
        Usual shares of the buckets, of other days (`profiles.shrunken_profile`).
    dispersion : array_like >= 1, of shape (), (W,), (D, 1) or (D, W)
        By window, of the **channel** (`profiles.arrival_dispersion` of its past days): a mailing brings its answers
        together, and such a channel is judged by how far beyond its own bunching a day goes.
    profile_responses : (D,) array_like > 0
        Responses behind the profile.
    windows : sequence of W int >= 1
        Widths looked at, in buckets, ascending.
    min_n : int >= 2
        Days with fewer responses are too few.

    Returns
    -------
    Scores
        `statistic` and `expected` are the responses in the most surprising window, `place` its first bucket.

    Notes
    -----
    Given the day's n, a window of usual share π holds a beta-binomial number with ``1/κ = (φ-1)/n + φ/(h+1)``,
    h the responses behind the profile. The smallest upper tail of all W windows times W: Bonferroni's bound on
    the scan statistic, so the stated rate is an upper limit.

    References
    ----------
    Naus (1965), JASA 60:532-538. Glaz, Naus and Wallenstein (2001), Scan Statistics.

    Examples
    --------
    >>> quiet = [3, 4, 2, 5, 3, 4, 2, 3]
    >>> scores = burst_scores([quiet, [3, 4, 2, 5, 43, 4, 2, 3]], np.ones(8))
    >>> (scores.p_value < 0.001).tolist(), scores.place[1].item(), scores.statistic[1].item()
    ([False, True], 4, 43.0)
    """
    table, share = days_of(counts, profile)
    n = table.sum(axis=1)
    widths = widths_of(windows, table.shape[1])
    phi, behind, total, _ = together(
        at_least_one(dispersion),
        positive(np.asarray(profile_responses), name="profile_responses")[..., None],
        n[:, None],
        np.zeros((len(n), len(widths))),
    )
    with np.errstate(divide="ignore"):
        kappa = joint_concentration(np.maximum(total, 1) / (phi - 1), (behind + 1) / phi)
    found = [_fullest(table, share, n, kappa[:, i], width) for i, width in enumerate(widths)]
    tails, places, sums, means = (np.concatenate(part, axis=1) for part in zip(*found, strict=True))
    best = np.argmin(tails, axis=1) if len(table) else np.zeros(0, dtype=np.int64)
    row = np.arange(len(table))
    reason = first_reason((n == 0, Reason.NO_RESPONSES), (n < min_n, Reason.TOO_FEW))
    return scores_of(
        sums[row, best],
        means[row, best],
        tails[row, best] * tails.shape[1],
        n,
        reason=reason,
        place=places[row, best],
        method="burst",
    )


@checked
def burst_scan(
    counts: ArrayLike,
    profile: ArrayLike,
    *,
    rng: np.random.Generator,
    dispersion: float = 1.0,
    profile_responses: float = np.inf,
    max_window: int = 6,
    n_resamples: int = 999,
    min_n: int = 10,
) -> Score:
    """Kulldorff's scan of one device-day, with a p value by resampling.

    Parameters
    ----------
    counts, profile : (B,) array_like
        As in `burst_scores`, of one day.
    rng : numpy.random.Generator
    dispersion : float >= 1
        Of the widest window, which is the cautious choice.
    profile_responses, min_n
        As in `burst_scores`.
    max_window : int >= 1
        Widest stretch, in buckets; all shorter ones are looked at too.
    n_resamples : int >= 1
        The smallest p value is 1 / (n_resamples + 1).

    Returns
    -------
    Score
        `statistic` is the largest log-likelihood ratio, `expected` its mean over the resamples.

    Notes
    -----
    For a window with x of n and share π, ``LLR = x log(x/nπ) + (n-x) log((n-x)/(n(1-π)))`` where x > nπ, else 0.
    Resamples are Dirichlet-multinomial days with the concentration of `burst_scores`, so there is no
    multiplicity to pay for and the test is sharper than the bound. ``p = (1 + #{LLR* >= LLR})/(R + 1)``.

    References
    ----------
    Kulldorff (1997), Communications in Statistics: Theory and Methods 26:1481-1496.

    Examples
    --------
    >>> score = burst_scan([3, 4, 2, 5, 43, 4, 2, 3], np.ones(8), rng=np.random.default_rng(1))
    >>> score.p_value, score.place
    (0.001, 4)
    """
    table, share = days_of(np.atleast_2d(finite_array(counts, name="counts")), profile)
    if len(table) != 1:
        raise InvalidShape(
            expected="one day", got=f"{len(table)}", hint="scan each day alone, or use burst_scores"
        )
    n = int(table.sum())
    phi, _ = float(at_least_one(dispersion)), positive(profile_responses, name="profile_responses")
    count_of(n_resamples, name="n_resamples", at_least=1)
    if n_resamples < 1 or max_window < 1:
        raise InvalidOption(
            expected="n_resamples and max_window >= 1", got="less", hint="999 and 6 are usual"
        )
    if n < min_n:
        reason = Reason.TOO_FEW if n else Reason.NO_RESPONSES
        return scores_of([0.0], [0.0], [1.0], table.sum(axis=1), reason=reason, method="burst_scan")[0]
    with np.errstate(divide="ignore"):
        kappa = float(joint_concentration(np.divide(n, phi - 1), (profile_responses + 1) / phi))
    chance = rng.dirichlet(share[0] * kappa, n_resamples) if np.isfinite(kappa) else share
    days = rng.multinomial(n, chance, size=n_resamples)
    widths = range(1, min(max_window, table.shape[1]) + 1)
    own, place = _largest_ratio(table, share, widths)
    resampled, _ = _largest_ratio(days.astype(np.float64), share, widths)
    p_value = (1 + (resampled >= own - 1e-9).sum()) / (n_resamples + 1)
    return scores_of(
        own, [resampled.mean()], [p_value], table.sum(axis=1), reason=0, place=place, method="burst_scan"
    )[0]


@checked
def rank_among_past_days(today: ArrayLike, past: ArrayLike) -> FloatArray:
    """How many past days were as extreme as today: a p value that assumes nothing but likeness of days.

    Parameters
    ----------
    today : (D,) array_like
        Any statistic of the device's day; large is suspicious.
    past : (D, H) array_like
        The same of its H past days.

    Returns
    -------
    (D,) ndarray in (0, 1]
        Never below 1 / (H + 1).

    Notes
    -----
    ``(1 + #{past >= today}) / (H + 1)``: exact if days are exchangeable.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World.

    Examples
    --------
    >>> rank_among_past_days([12], [[3, 5, 4, 6, 5, 2, 4, 3, 5]]).item()
    0.1
    """
    now, before = finite_array(today, name="today"), finite_array(past, name="past")
    if before.ndim != 2 or now.shape != before.shape[:1]:
        raise InvalidShape(
            expected="one row of past days per device",
            got=f"{now.shape} and {before.shape}",
            hint="align devices",
        )
    return np.asarray((1 + (before >= now[:, None]).sum(axis=1)) / (before.shape[1] + 1))


@checked
def at_least_one(dispersion: ArrayLike) -> FloatArray:
    """Checked dispersions.

    Parameters
    ----------
    dispersion : array_like >= 1

    Returns
    -------
    ndarray

    Examples
    --------
    >>> at_least_one(1.5).item()
    1.5
    """
    phi = finite_array(dispersion, name="dispersion")
    if (phi < 1).any():
        raise InvalidOption(
            expected="dispersion >= 1",
            got=f"{phi.min():g}",
            hint="arrivals more regular than chance count as 1",
        )
    return phi


def _fullest(
    table: FloatArray, share: FloatArray, n: FloatArray, kappa: FloatArray, width: int
) -> tuple[FloatArray, IntArray, FloatArray, FloatArray]:
    sums, part = window_sums(table, width), np.clip(window_sums(share, width), 0.0, 1.0)
    mean = n[:, None] * part
    tails = np.ones_like(sums)
    unusual = sums > mean
    rows = np.nonzero(unusual)[0]
    tails[unusual] = upper_tail(sums[unusual], n[rows], part[unusual], kappa[rows])
    places = np.broadcast_to(np.arange(sums.shape[1]), sums.shape)
    return tails, places, sums, mean


def _largest_ratio(days: FloatArray, share: FloatArray, widths: Sequence[int]) -> tuple[FloatArray, IntArray]:
    """Largest log-likelihood ratio of each day over windows of all widths, and where it starts."""
    n = days.sum(axis=1, keepdims=True)
    ratios, starts = [], []
    for width in widths:
        x, part = window_sums(days, width), np.clip(window_sums(share, width), 1e-300, 1.0)
        inside = x * np.log(np.maximum(x, 1e-300) / (n * part))
        outside = (n - x) * np.log(np.maximum(n - x, 1e-300) / np.maximum(n * (1 - part), 1e-300))
        ratios.append(np.where(x > n * part, inside + outside, 0.0))
        starts.append(np.arange(x.shape[1]))
    ratio = np.concatenate(ratios, axis=1)
    best = np.argmax(ratio, axis=1)
    return ratio[np.arange(len(days)), best], np.concatenate(starts)[best]
