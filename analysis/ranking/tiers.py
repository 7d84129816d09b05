"""Tiers that rank sets allow: separated groups, and places certainly among the first or the last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.arguments import checked
from analysis.errors import InvalidOption
from analysis.ranking.joint import RankIntervals
from analysis.types import IntArray, Tier


def separated_tiers(ranks: RankIntervals) -> IntArray:
    """Tiers such that every unit of one is above every unit of the next, jointly at the level of the ranks.

    Parameters
    ----------
    ranks : RankIntervals
        Simultaneous ones.

    Returns
    -------
    (K,) ndarray of int
        1 = best; 0 for a unit without a rank. One tier for all where nothing separates them, which is common and is
        then the finding.

    Notes
    -----
    A new tier begins at rank m + 1 where no set reaches across: the sets of m units lie in 1..m, all others above m.

    Examples
    --------
    >>> from analysis.ranking.joint import normal_rank_intervals
    >>> separated_tiers(normal_rank_intervals([0.9, 0.7, 0.69], [0.01] * 3)).tolist()
    [1, 2, 2]
    """
    ranked = np.flatnonzero(ranks.rank > 0)
    tiers = np.zeros(len(ranks), dtype=np.int64)
    if not len(ranked):
        return tiers
    order = ranked[np.argsort(ranks.low[ranked], kind="stable")]
    reach = np.maximum.accumulate(ranks.high[order])
    begins = np.concatenate([[True], ranks.low[order][1:] > reach[:-1]])
    tiers[order] = np.cumsum(begins)
    return tiers


@checked
def rank_places(ranks: RankIntervals, *, n_top: int, n_bottom: int | None = None) -> NDArray[np.int8]:
    """Units certainly among the first, certainly among the last, or neither.

    Parameters
    ----------
    ranks : RankIntervals
        Simultaneous ones.
    n_top, n_bottom : int >= 1
        Places that count as first and as last; `n_bottom` is `n_top` when left out.

    Returns
    -------
    (K,) ndarray of int8
        Values of `Tier`: HIGHER where the whole rank set lies in the first places, LOWER in the last,
        INSUFFICIENT without a rank.

    Examples
    --------
    >>> from analysis.ranking.joint import normal_rank_intervals
    >>> rank_places(normal_rank_intervals([0.9, 0.7, 0.69], [0.01] * 3), n_top=1).tolist()
    [1, 0, 0]
    """
    last = n_top if n_bottom is None else n_bottom
    if n_top < 1 or last < 1 or n_top + last > ranks.n_ranked:
        raise InvalidOption(
            expected=f"first and last places, at least one each, within {ranks.n_ranked}",
            got=f"{n_top}, {last}",
            hint="the first and the last may not overlap",
        )
    codes = np.full(len(ranks), Tier.NOT_DIFFERENT, dtype=np.int8)
    codes[ranks.low > ranks.n_ranked - last] = Tier.LOWER
    codes[ranks.high <= n_top] = Tier.HIGHER
    codes[ranks.rank == 0] = Tier.INSUFFICIENT
    return codes
