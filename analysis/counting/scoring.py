"""How the codes of one questionnaire version become satisfied answers and scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InvalidShape
from analysis.packing import N_CODES
from analysis.types import FloatArray, IntArray


class IndexLayout(Protocol):
    """Which groups and which items form an index: all that the index functions ask of a version."""

    @property
    def index_group_names(self) -> tuple[str, ...]:
        """Names of its groups, in order."""

    @property
    def index_slots(self) -> IntArray:
        """Its items, as they are numbered in the columns t:item and r:item."""


@dataclass(frozen=True, slots=True, eq=False)
class Scoring:
    """How the codes of one questionnaire version are scored.

    Attributes
    ----------
    groups : tuple of str
        Group names; the first is "overall", the rest are factor codes.
    satisfied, answered : (S, 32) ndarray of bool
        Whether a code counts as satisfied, and as an answer at all.
    score : (S, 32) ndarray of float
        Score of a code, 0 where it is no answer.
    group_of_slot : (S,) ndarray of int
        Index into `groups`, -1 for slots in no group.
    index_groups : tuple of int
        Groups that form the factor index; may be empty.
    """

    groups: tuple[str, ...]
    satisfied: NDArray[np.bool_]
    answered: NDArray[np.bool_]
    score: FloatArray
    group_of_slot: NDArray[np.int64]
    index_groups: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.group_of_slot), N_CODES)
        for name in ("satisfied", "answered", "score"):
            if getattr(self, name).shape != shape:
                raise InvalidShape(
                    expected=f"{name} of shape {shape}",
                    got=str(getattr(self, name).shape),
                    hint="one row of 32 codes per slot",
                )
        if (self.satisfied & ~self.answered).any() or (self.score[~self.answered] != 0).any():
            raise InvalidShape(
                expected="satisfied and score only where answered",
                got="a missing code with a value",
                hint="a missing answer is neither satisfied nor scored",
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the respondent vector: s, r, m, a of each group, then c, e, i; d = 4 groups + 3."""
        return (*tuple(f"{kind}:{group}" for group in self.groups for kind in "srma"), "c", "e", "i")

    @property
    def index_group_names(self) -> tuple[str, ...]:
        """Names of the groups that form the index."""
        return tuple(self.groups[group] for group in self.index_groups)

    @property
    def index_slots(self) -> IntArray:
        """Slots that belong to the groups of the index."""
        return np.flatnonzero(np.isin(self.group_of_slot, self.index_groups))
