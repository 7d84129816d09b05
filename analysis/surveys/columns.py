"""A table of columns read from a mapping of arrays or from any dataframe: numbers, and labels as codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Named columns of one length.

    Attributes
    ----------
    columns : mapping of str to (N,) ndarray
    n_rows : int
    """

    columns: Mapping[str, NDArray[Any]]
    n_rows: int

    @classmethod
    def of(cls, data: Any) -> Table:
        """Columns of a mapping of arrays, or of a pandas, polars or Arrow dataframe.

        Examples
        --------
        >>> Table.of({"rate": [5, 4], "unit": ["A", "B"]}).n_rows
        2
        """
        if isinstance(data, Table):
            return data
        columns = _arrays(data)
        sizes = {len(column) for column in columns.values()}
        if len(sizes) != 1 or any(column.ndim != 1 for column in columns.values()):
            raise InvalidShape(
                expected="columns of one length",
                got=", ".join(f"{name}: {column.shape}" for name, column in columns.items())[:200] or "none",
                hint="pass a mapping of equally long arrays, or a dataframe",
            )
        return cls(columns, sizes.pop())

    def raw(self, name: str) -> NDArray[Any]:
        """A column as given; a missing one is an error that lists those present."""
        if not isinstance(name, str) or name not in self.columns:
            raise InvalidShape(
                expected=f"a column among {', '.join(map(str, self.columns))}"[:300],
                got=repr(name),
                hint="check the spelling",
            )
        return self.columns[name]

    def numbers(self, name: str) -> FloatArray:
        """A column as floats, NaN where missing; infinities and words are refused."""
        try:
            values = np.asarray(self.raw(name), dtype=np.float64)
        except (TypeError, ValueError):
            raise InvalidShape(
                expected=f"numbers in {name}", got=repr(self.raw(name)[:3]), hint="code the labels as numbers"
            ) from None
        if np.isinf(values).any():
            raise InvalidCounts(expected=f"finite {name}", got="infinity", hint="mark missing answers as NaN")
        return values

    def complete(self, name: str) -> FloatArray:
        """A column as floats without a gap."""
        values = self.numbers(name)
        if np.isnan(values).any():
            raise InvalidCounts(
                expected=f"{name} known for every row",
                got=f"{int(np.isnan(values).sum())} missing",
                hint="the design must be known for every respondent, whatever they answered",
            )
        return values

    def labels(self, names: str | Sequence[str]) -> Labels:
        """Codes of the groups that one or several columns make, in sorted order; a missing label is an error."""
        listed = [names] if isinstance(names, str) or not isinstance(names, Iterable) else list(names)
        codes = np.zeros(self.n_rows, dtype=np.int64)
        keys: list[tuple[Any, ...]] = [()]
        for name in listed:
            values, own = _sorted_labels(self.raw(name), name=name)
            combined = codes * len(values) + own
            found, codes = np.unique(combined, return_inverse=True)
            keys = [(*keys[pair // len(values)], values[pair % len(values)]) for pair in found]
        flat = tuple(key[0] if len(listed) == 1 else key for key in keys)
        return Labels(flat, codes.astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Groups of rows.

    Attributes
    ----------
    values : tuple
        What names each group.
    codes : (N,) ndarray of int
        Position in `values` of each row.
    """

    values: tuple[Any, ...]
    codes: IntArray

    def __len__(self) -> int:
        return len(self.values)


def _sorted_labels(values: NDArray[Any], *, name: str) -> tuple[list[Any], IntArray]:
    """Distinct labels in order and the position of each row's; a missing one is an error."""
    missing = (
        np.isnan(values)
        if values.dtype.kind == "f"
        else np.array([value is None or value != value for value in values])  # noqa: PLR0124 NaN among objects
        if values.dtype.kind == "O"
        else np.zeros(len(values), dtype=bool)
    )
    if missing.any():
        raise InvalidCounts(
            expected=f"{name} known for every row",
            got=f"{int(missing.sum())} missing",
            hint="give missing labels a name of their own, or leave those rows out before the design is fixed",
        )
    distinct, codes = np.unique(values, return_inverse=True)
    return [value.item() if isinstance(value, np.generic) else value for value in distinct], codes


def _arrays(data: Any) -> dict[str, NDArray[Any]]:
    if isinstance(data, Mapping):
        return {str(name): np.asarray(column) for name, column in data.items()}
    try:
        frame = nw.from_native(data, eager_only=True)
    except TypeError:
        raise InvalidShape(
            expected="a mapping of arrays or a dataframe",
            got=type(data).__name__,
            hint="pass {'column': array, ...}, or a pandas, polars or Arrow table",
        ) from None
    return {name: frame[name].to_numpy() for name in frame.columns}
