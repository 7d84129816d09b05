"""Sums by group (device, officer, interviewer) and the analysis of variance made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray
from analysis.validation import finite_array, require_whole

# A sum of squares below this part of Σy² is rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class GroupSums:
    """Checked sums by group, the last axis; groups of nobody are kept and count for nothing.

    Attributes
    ----------
    n, sums, squares : (..., G) ndarray
        Respondents, sum of scores, sum of squared scores.
    """

    n: FloatArray
    sums: FloatArray
    squares: FloatArray

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Groups with anybody."""
        return np.asarray(self.n > 0)

    @property
    def n_groups(self) -> FloatArray:
        return np.asarray(self.filled.sum(axis=-1), dtype=np.float64)

    @property
    def n_respondents(self) -> FloatArray:
        return np.asarray(self.n.sum(axis=-1))

    @property
    def means(self) -> FloatArray:
        """Mean of each group, 0 for groups of nobody."""
        return np.divide(self.sums, self.n, out=np.zeros(self.n.shape), where=self.filled)

    @property
    def grand_mean(self) -> FloatArray:
        return np.asarray(self.sums.sum(axis=-1) / np.maximum(self.n_respondents, 1))

    @property
    def between(self) -> FloatArray:
        """Sum of squares between groups."""
        distance = self.means - self.grand_mean[..., None]
        return self._unrounded((self.n * distance**2).sum(axis=-1))

    @property
    def within(self) -> FloatArray:
        """Sum of squares within groups."""
        inside = self.squares - self.sums * self.means
        return self._unrounded(np.maximum(inside, 0.0).sum(axis=-1))

    @property
    def within_df(self) -> FloatArray:
        return self.n_respondents - self.n_groups

    @property
    def mean_square_within(self) -> FloatArray:
        return self.within / np.maximum(self.within_df, 1)

    @property
    def mean_square_between(self) -> FloatArray:
        return np.asarray(self.between / np.maximum(self.n_groups - 1, 1))

    @property
    def typical_size(self) -> FloatArray:
        """n0, the group size of the expected mean squares."""
        total = np.maximum(self.n_respondents, 1)
        return np.asarray((total - (self.n**2).sum(axis=-1) / total) / np.maximum(self.n_groups - 1, 1))

    def without_each(self) -> GroupSums:
        """The sums with each group emptied in turn, along a new first axis."""
        size = self.n.shape[-1]
        kept = 1 - np.eye(size).reshape(size, *(1,) * (self.n.ndim - 1), size)
        return GroupSums(kept * self.n, kept * self.sums, kept * self.squares)

    def _unrounded(self, squares: FloatArray) -> FloatArray:
        return np.where(squares <= ROUNDING * self.squares.sum(axis=-1), 0.0, squares)


@checked
def group_sums(n: ArrayLike, sums: ArrayLike, squares: ArrayLike) -> GroupSums:
    """Sums by group, checked.

    Parameters
    ----------
    n : (..., G) array_like of whole numbers >= 0
        Respondents of each group; groups of nobody may fill up a table.
    sums : (..., G) array_like
        Sum of their scores; of 0 and 1 for a share.
    squares : (..., G) array_like
        Sum of their squared scores.

    Returns
    -------
    GroupSums

    Examples
    --------
    >>> group_sums([2, 2], [3, 7], [5, 25]).mean_square_within.item()
    0.5
    """
    people, totals, powers = (
        finite_array(values, name=name) for values, name in ((n, "n"), (sums, "sums"), (squares, "squares"))
    )
    if people.ndim < 1 or not people.shape == totals.shape == powers.shape or people.shape[-1] == 0:
        raise InvalidShape(
            expected="n, sums and squares of one shape with a last axis of groups",
            got=f"{people.shape}, {totals.shape}, {powers.shape}",
            hint="one entry per group",
        )
    require_whole(people, name="n")
    # Cauchy and Schwarz: no scores have a smaller sum of squares.
    if (people * powers < totals**2 * (1 - 1e-9)).any() or ((people == 0) & (powers != 0)).any():
        raise InvalidCounts(
            expected="sums² <= n squares in every group",
            got="sums no scores can have",
            hint="squares is the sum of squared scores of the same people",
        )
    return GroupSums(people, totals, powers)
