"""Letters for groups of units that cannot be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.comparing.pairs import unit_pairs
from analysis.errors import InvalidShape

MOST_GROUPS = 1000
"""Groups of letters beyond which nobody reads them."""


@dataclass(frozen=True, slots=True, eq=False)
class LetterGroups:
    """Units that share a letter cannot be told apart; units that share none can.

    Attributes
    ----------
    letters : tuple of str
        Of each unit, in its order; empty for a unit without an estimate.
    groups : (K, G) ndarray of bool
        Column g holds the units of the g-th letter, the group of the best unit first.
    """

    letters: tuple[str, ...]
    groups: NDArray[np.bool_]


@checked
def compact_letters(different: ArrayLike, *, value: ArrayLike) -> LetterGroups:
    """Letters for the largest groups of units of which no two are told apart.

    Parameters
    ----------
    different : (K(K-1)/2,) array_like of bool
        Whether each pair is told apart, in the order of `analysis.comparing.pairs.unit_pairs`.
    value : (K,) array_like
        Estimates, which order the letters; a NaN unit gets none.

    Returns
    -------
    LetterGroups

    Notes
    -----
    Insert and absorb: one group of all; each pair told apart splits every group that holds both into two, each
    without one of them; a group inside another is absorbed. What is left are all maximal groups. Units with a
    letter in common are not shown to be equal: the data do not tell them apart. Written for provinces
    (200 units: 0.4 s); more groups than `MOST_GROUPS` are refused.

    References
    ----------
    Piepho (2004), Journal of Computational and Graphical Statistics 13:456-466.

    Examples
    --------
    >>> from analysis.comparing.pairs import pairwise_differences
    >>> from analysis.intervals.shares import wilson_interval
    >>> units = wilson_interval([450, 430, 405, 350], [500] * 4)
    >>> pairs = pairwise_differences(units)
    >>> compact_letters(pairs.holm <= 0.05, value=units.value).letters
    ('a', 'ab', 'b', 'c')
    """
    values, told_apart = np.asarray(value, dtype=np.float64), np.asarray(different)
    if values.ndim != 1:
        raise InvalidShape(expected="values of shape (K,)", got=str(values.shape), hint="one value per unit")
    first, second = unit_pairs(len(values))
    if told_apart.dtype.kind != "b" or told_apart.shape != first.shape:
        raise InvalidShape(
            expected=f"true or false for each of {len(first)} pairs",
            got=f"{told_apart.dtype} {told_apart.shape}",
            hint="compare adjusted p values with alpha first",
        )
    apart = np.zeros((len(values), len(values)), dtype=np.bool_)
    apart[first, second] = apart[second, first] = told_apart
    order = np.argsort(-values, kind="stable")[: int((~np.isnan(values)).sum())]
    found = _maximal_groups(apart[np.ix_(order, order)])
    groups = np.zeros((len(values), len(found)), dtype=np.bool_)
    for column, members in enumerate(found):
        groups[order[members], column] = True
    names = [_letter(column) for column in range(len(found))]
    letters = tuple("".join(names[column] for column in np.flatnonzero(row)) for row in groups)
    return LetterGroups(letters, groups)


def _maximal_groups(apart: NDArray[np.bool_]) -> list[list[int]]:
    """Largest groups without a pair told apart, sets of units held as the bits of whole numbers."""
    size = len(apart)
    groups = [(1 << size) - 1] if size else []
    for i, j in _pairs_from_the_ends(apart):
        both = (1 << i) | (1 << j)
        whole = [group for group in groups if group & both != both]
        for group in (group for group in groups if group & both == both):
            for part in (group & ~(1 << j), group & ~(1 << i)):
                if not any(part & other == part for other in whole):
                    whole.append(part)
        groups = whole
        if len(groups) > MOST_GROUPS:
            raise InvalidShape(
                expected=f"at most {MOST_GROUPS} groups",
                got="more",
                hint="too many to read: use separated_tiers",
            )
    members = [[unit for unit in range(size) if group >> unit & 1] for group in groups]
    return sorted(members)


def _pairs_from_the_ends(apart: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Pairs told apart, those furthest apart in order first: they split most, and leave least to absorb."""
    rows, columns = np.nonzero(np.triu(apart))
    for place in np.argsort(rows - columns, kind="stable"):
        yield int(rows[place]), int(columns[place])


def _letter(column: int) -> str:
    """a to z, then a1, b1 and so on."""
    turn, place = divmod(column, 26)
    return chr(ord("a") + place) + (str(turn) if turn else "")
