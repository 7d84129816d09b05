"""Frozen results: what the statistics say, with everything needed to recompute them by hand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, cast, overload

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Tier(IntEnum):
    """Where a unit stands against its province."""

    INSUFFICIENT = -2
    LOWER = -1
    NOT_DIFFERENT = 0
    HIGHER = 1


class Verdict(IntEnum):
    """Whether a target is reached beyond chance."""

    NOT_MET = -1
    UNDECIDED = 0
    MET = 1


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure with its interval.

    Attributes
    ----------
    value, ci_low, ci_high : float
        Estimate and limits; a share is in [0, 1]. `value` is NaN when nobody answered.
    n_respondents : int
        People, never answers.
    design_effect : float
        Variance over that of as many independent respondents; 1 when assumed.
    n_effective : float
        Independent respondents that would give this interval.
    df : float
        Degrees of freedom of the critical value; infinite for the normal.
    standard_error : float
        Linearised standard error, NaN where the method has none.
    method : str
        Name of the interval.
    confidence_level : float
        Two-sided level.
    """

    value: float
    ci_low: float
    ci_high: float
    n_respondents: int
    design_effect: float = 1.0
    n_effective: float = float("nan")
    df: float = float("inf")
    standard_error: float = float("nan")
    method: str = ""
    confidence_level: float = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Many figures of one kind: every attribute of `Estimate` as an array of one shape.

    Examples
    --------
    >>> from analysis.intervals.shares import wilson_interval
    >>> units = wilson_interval([9, 27], [10, 30])
    >>> len(units), round(units[1].ci_low, 3)
    (2, 0.744)
    """

    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    n_respondents: IntArray
    design_effect: FloatArray
    n_effective: FloatArray
    df: FloatArray
    standard_error: FloatArray
    method: str
    confidence_level: float

    def __len__(self) -> int:
        return len(self.value)

    @overload
    def __getitem__(self, index: int) -> Estimate: ...
    @overload
    def __getitem__(self, index: tuple[int, int]) -> Estimate: ...
    @overload
    def __getitem__(self, index: slice | NDArray[Any]) -> Estimates: ...
    def __getitem__(self, index: Any) -> Estimate | Estimates:
        """One `Estimate` where the index names one cell, else the chosen `Estimates`."""
        named: dict[str, Any] = {name: np.asarray(getattr(self, name))[index] for name in ARRAYS_OF_ESTIMATES}
        if np.ndim(named["value"]):
            return Estimates(**named, method=self.method, confidence_level=self.confidence_level)
        scalars: dict[str, Any] = {name: array.item() for name, array in named.items()}
        return Estimate(**scalars, method=self.method, confidence_level=self.confidence_level)

    def at(self, *index: int) -> Estimate:
        """The figure of one cell."""
        found: Any = self[index]  # type: ignore[index]
        return cast(Estimate, found)


ARRAYS_OF_ESTIMATES = (
    "value",
    "ci_low",
    "ci_high",
    "n_respondents",
    "design_effect",
    "n_effective",
    "df",
    "standard_error",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """First minus second, with the interval and the two-sided p value of no difference."""

    value: float
    ci_low: float
    ci_high: float
    p_value: float
    method: str
    confidence_level: float = 0.95


@dataclass(frozen=True, slots=True)
class RankInterval:
    """Ranks a unit may hold, 1 = largest, jointly with all others at the stated level."""

    low: int
    high: int
