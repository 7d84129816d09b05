"""One device that gives more than its part of a unit's answers, or of its top answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.integrity.scores import Reason, Scores, first_reason, scores_of
from analysis.integrity.tails import upper_tail
from analysis.types import FloatArray
from analysis.validation import finite_array, positive, require_whole, spread_over


@checked
def top_device_scores(
    counts: ArrayLike, expected: ArrayLike, *, concentration: ArrayLike = np.inf, min_n: int = 20
) -> Scores:
    """Device with the most surprising part of its unit's responses.

    Parameters
    ----------
    counts : (U, D) array_like of whole numbers
        Responses by unit and device; 0 for devices a unit does not have. Top answers only, to see whether one
        device brings the praise.
    expected : (U, D) array_like >= 0
        Usual parts, as counts or shares: past months, opening hours, or all responses where `counts` are the top
        ones. Never equal parts by default: the kiosk at the door is used more.
    concentration : (U,) array_like > 0
        How firmly parts keep to usual (`profiles.share_concentration`); infinite for chance alone.
    min_n : int >= 1

    Returns
    -------
    Scores
        `statistic` and `expected` are that device's shares, `place` its column. Units with one device have no
        reference.

    Notes
    -----
    Smallest beta-binomial upper tail of a unit's m devices, times m.

    Examples
    --------
    >>> scores = top_device_scores([[52, 48], [95, 5]], [[50, 50], [50, 50]], concentration=40)
    >>> (scores.p_value < 0.001).tolist(), scores.place.tolist()
    ([False, True], [0, 0])
    """
    table, share, n, n_devices = _parts_of(counts, expected)
    kappa = spread_over(positive(concentration, name="concentration"), n.shape, name="concentration")
    tails = upper_tail(table, n[:, None], share, kappa[:, None])
    tails = np.where(share > 0, tails, 1.0)
    best = np.argmin(tails, axis=1)
    row = np.arange(len(table))
    reason = first_reason(
        (n == 0, Reason.NO_RESPONSES), (n < min_n, Reason.TOO_FEW), (n_devices < 2, Reason.NO_REFERENCE)
    )
    return scores_of(
        table[row, best] / np.maximum(n, 1),
        share[row, best],
        tails[row, best] * n_devices,
        n,
        reason=reason,
        place=best,
        method="top_device",
    )


@checked
def herfindahl_scores(
    counts: ArrayLike,
    expected: ArrayLike,
    *,
    rng: np.random.Generator,
    concentration: ArrayLike = np.inf,
    n_resamples: int = 999,
    min_n: int = 20,
) -> Scores:
    """Concentration over all devices of a unit: Herfindahl's index against resampled usual parts.

    Parameters
    ----------
    counts, expected, concentration, min_n
        As in `top_device_scores`.
    rng : numpy.random.Generator
    n_resamples : int >= 1
        The smallest p value is 1 / (n_resamples + 1).

    Returns
    -------
    Scores
        `expected` is the mean of the resamples.

    References
    ----------
    Herfindahl (1950). Hirschman (1964), American Economic Review 54:761-762.

    Examples
    --------
    >>> scores = herfindahl_scores([[95, 3, 2]], [[1, 1, 1]], rng=np.random.default_rng(1), concentration=40)
    >>> scores.statistic.round(2).item(), scores.p_value.item()
    (0.9, 0.001)
    """
    table, share, n, n_devices = _parts_of(counts, expected)
    kappa = spread_over(positive(concentration, name="concentration"), n.shape, name="concentration")
    if n_resamples < 1:
        raise InvalidOption(expected="n_resamples >= 1", got=repr(n_resamples), hint="999 is usual")
    reason = first_reason(
        (n == 0, Reason.NO_RESPONSES), (n < min_n, Reason.TOO_FEW), (n_devices < 2, Reason.NO_REFERENCE)
    )
    index, mean, p_value = herfindahl_index(table), np.zeros_like(n), np.ones_like(n)
    for unit in np.flatnonzero(reason == Reason.COMPUTED):
        part = share[unit][share[unit] > 0]
        chance = rng.dirichlet(part * kappa[unit], n_resamples) if np.isfinite(kappa[unit]) else part
        resampled = herfindahl_index(rng.multinomial(int(n[unit]), chance, size=n_resamples))
        mean[unit] = resampled.mean()
        p_value[unit] = (1 + (resampled >= index[unit] - 1e-12).sum()) / (n_resamples + 1)
    return scores_of(index, mean, p_value, n, reason=reason, method="herfindahl")


@checked
def herfindahl_index(counts: ArrayLike) -> FloatArray:
    """Chance that two responses, drawn with replacement, come from one device.

    Parameters
    ----------
    counts : (..., D) array_like >= 0

    Returns
    -------
    ndarray in [0, 1]
        1/D when all devices give the same, 1 when one gives everything; 0 without responses.

    Examples
    --------
    >>> herfindahl_index([[50, 50], [100, 0]]).tolist()
    [0.5, 1.0]
    """
    table = finite_array(counts, name="counts")
    total = table.sum(axis=-1, keepdims=True)
    share = quotient(table, total, empty=0.0)
    return np.asarray((share**2).sum(axis=-1))


def _parts_of(
    counts: ArrayLike, expected: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    table, weight = finite_array(counts, name="counts"), finite_array(expected, name="expected")
    if table.ndim != 2 or table.shape != weight.shape or not table.shape[1]:
        raise InvalidShape(
            expected="two tables, units by devices",
            got=f"{table.shape} and {weight.shape}",
            hint="pad with 0",
        )
    require_whole(table, name="counts")
    if (weight < 0).any() or ((weight == 0) & (table > 0)).any():
        raise InvalidCounts(
            expected="a positive expected part wherever a device has responses",
            got="0",
            hint="give a new device a small part",
        )
    total = weight.sum(axis=1, keepdims=True)
    share = quotient(weight, total, empty=0.0)
    return table, share, table.sum(axis=1), (weight > 0).sum(axis=1).astype(np.float64)
