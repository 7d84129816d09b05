"""A column read as categories, with those who gave no answer kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InvalidShape
from analysis.surveys.columns import Table
from analysis.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """Levels of a column.

    Attributes
    ----------
    levels : tuple
        In sorted order, or as asked.
    codes : (N,) ndarray of int
        Position in `levels` of each row, -1 where the answer is missing.
    """

    levels: tuple[Any, ...]
    codes: IntArray

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def is_known(self) -> NDArray[np.bool_]:
        return self.codes >= 0

    def position(self, level: Any) -> int:
        """Code of a level, also by its text; an unknown one is an error that lists those present."""
        for code, known in enumerate(self.levels):
            if level == known or text_of(level) == text_of(known):
                return code
        raise InvalidShape(
            expected=f"a level among {', '.join(map(repr, self.levels[:20]))}",
            got=repr(level),
            hint="check the spelling; levels are compared as written",
        )

    def indicators(self) -> FloatArray:
        """One 0/1 column per level, (N, levels); a row of zeros where the answer is missing."""
        indicators: FloatArray = (self.codes[:, None] == np.arange(len(self.levels))).astype(np.float64)
        return indicators


def categories(
    table: Table, name: str, *, levels: Sequence[Any] | None = None, rows: NDArray[np.bool_] | None = None
) -> Categories:
    """Levels of one column and the code of each row.

    Parameters
    ----------
    table : Table
    name : str
    levels : sequence, optional
        The levels in their order, for answers whose order is not that of the alphabet.
    rows : (N,) ndarray of bool, optional
        Rows that count; the others are missing, and levels that only they hold do not exist.

    Returns
    -------
    Categories
        NaN, None and empty texts are missing.

    Raises
    ------
    InvalidShape
        Where an answer is not among the levels given.

    Examples
    --------
    >>> found = categories(Table.of({"kind": ["H", "E", "", "H"]}), "kind")
    >>> found.levels, found.codes.tolist()
    (('E', 'H'), [1, 0, -1, 1])
    """
    values = table.raw(name)
    known = ~_missing(values)
    if rows is not None:
        known &= rows
    answered = values[known].astype(str) if values.dtype.kind == "O" else values[known]
    distinct, own = np.unique(answered, return_inverse=True)
    found = Categories(tuple(value.item() for value in distinct), np.full(len(values), -1, dtype=np.int64))
    found.codes[known] = own
    return found if levels is None else _reordered(found, levels, name=name)


def text_of(level: Any) -> str:
    """A level as it is written in the name of a coefficient: 2, not 2.0.

    Parameters
    ----------
    level : object

    Returns
    -------
    str
    """
    return f"{level:g}" if isinstance(level, float) else str(level)


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(values), dtype=np.bool_)
    if values.dtype.kind in "US":
        return np.asarray(np.char.str_len(values) == 0)
    if values.dtype.kind == "O":
        empty = [value is None or value != value or value == "" for value in values]  # noqa: PLR0124
        return np.asarray(empty, dtype=np.bool_)
    return np.zeros(values.shape, dtype=np.bool_)


def _reordered(found: Categories, levels: Sequence[Any], *, name: str) -> Categories:
    asked = Categories(tuple(levels), np.empty(0, dtype=np.int64))
    if len(set(map(text_of, asked.levels))) != len(asked.levels):
        raise InvalidShape(
            expected="distinct levels", got=repr(levels)[:60], hint=f"list each level of {name} once"
        )
    position = np.array([asked.position(level) for level in found.levels] + [-1], dtype=np.int64)
    return Categories(asked.levels, position[found.codes])
