"""Predictors of a regression as a matrix: numbers as they are, categories against a base level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.regression.categories import categories, text_of
from analysis.surveys.columns import Table
from analysis.types import FloatArray
from analysis.validation import require_known

INTERCEPT = "(Intercept)"


@dataclass(frozen=True, slots=True, eq=False)
class DesignMatrix:
    """Columns of predictors.

    Attributes
    ----------
    names : tuple of str
        Name of each column: the predictor, or predictor and level ("stypeH"), joined by ":" in an interaction.
    values : (N, p) ndarray
        0 in rows that are not used.
    terms : mapping of str to tuple of int
        The columns that each predictor makes.
    is_used : (N,) ndarray of bool
        Rows that have every predictor.
    """

    names: tuple[str, ...]
    values: FloatArray
    terms: Mapping[str, tuple[int, ...]]
    is_used: NDArray[np.bool_]


def design_matrix(
    table: Table,
    predictors: Sequence[str],
    *,
    bases: Mapping[str, Any] | None = None,
    rows: NDArray[np.bool_] | None = None,
    intercept: bool = True,
) -> DesignMatrix:
    """Predictors of a table as columns, in treatment coding.

    Parameters
    ----------
    table : Table
    predictors : sequence of str
        Columns, or interactions written "a:b" of columns that are also listed.
    bases : mapping of str to level, optional
        Level that the others are compared with; the first in sorted order by default. Naming a base makes
        categories of a column of numbers.
    rows : (N,) ndarray of bool, optional
        Rows that count; levels only the others hold make no column.
    intercept : bool
        Whether a column of ones comes first.

    Returns
    -------
    DesignMatrix

    Raises
    ------
    InvalidCounts
        No complete row, a category with one level, or columns that depend on each other.
    InvalidOption
        An interaction whose parts are not listed, or a base of no predictor.

    Examples
    --------
    >>> matrix = design_matrix(Table.of({"kind": ["E", "H", "E", "M"], "size": [1, 2, 4, 3]}), ["kind", "size"])
    >>> matrix.names
    ('(Intercept)', 'kindH', 'kindM', 'size')
    >>> matrix.terms["kind"], matrix.values[1].tolist()
    ((1, 2), [1.0, 1.0, 0.0, 2.0])
    """
    listed, chosen = list(dict.fromkeys(predictors)), dict(bases or {})
    for name in listed:
        if not isinstance(name, str):
            raise InvalidShape(
                expected="names of predictors",
                got=repr(name)[:60],
                hint="list columns, or interactions as a:b",
            )
    simple = [name for name in listed if ":" not in name or name in table.columns]
    _require_listed(listed, simple, chosen)
    used = _complete(table, simple, chosen, np.ones(table.n_rows, dtype=bool) if rows is None else rows)
    blocks = {name: _block(table, name, chosen, used) for name in simple}
    for name in listed:
        if name not in blocks:
            blocks[name] = _interaction([blocks[part] for part in name.split(":")])
    names, values, terms = [INTERCEPT] * intercept, [np.ones((table.n_rows, 1))] * intercept, {}
    for name in listed:
        own, columns = blocks[name]
        terms[name] = tuple(range(len(names), len(names) + len(own)))
        names, values = names + own, [*values, columns]
    joined = np.where(used[:, None], np.hstack(values) if values else np.zeros((table.n_rows, 0)), 0.0)
    _require_independent(joined[used], names)
    return DesignMatrix(tuple(names), joined, terms, used)


@checked
def columns_of_terms(terms: Mapping[str, tuple[int, ...]], named: Sequence[str]) -> list[int]:
    """Columns that some predictors make; those of all predictors where none is named.

    Parameters
    ----------
    terms : mapping of str to tuple of int
    named : sequence of str

    Returns
    -------
    list of int

    Examples
    --------
    >>> columns_of_terms({"kind": (1, 2), "size": (3,)}, ["size"])
    [3]
    """
    for term in named:
        require_known(term, tuple(terms), name="term")
    found = [at for term in dict.fromkeys(named or tuple(terms)) for at in terms[term]]
    if not found:
        raise InvalidOption(expected="a term", got="a model without predictors", hint="add a predictor")
    return found


def is_categorical(table: Table, name: str) -> bool:
    """Whether a column holds labels rather than numbers.

    Parameters
    ----------
    table : Table
    name : str

    Returns
    -------
    bool
        True of texts and of yes-or-no values.
    """
    values = table.raw(name)
    if values.dtype.kind != "O":
        return values.dtype.kind in "USb"
    known = [value for value in values if value is not None]
    return any(isinstance(value, str | bool | np.bool_) for value in known)


def _complete(
    table: Table, names: list[str], bases: Mapping[str, Any], rows: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    used = rows.copy()
    for name in names:
        by_level = name in bases or is_categorical(table, name)
        used &= categories(table, name).is_known if by_level else ~np.isnan(table.numbers(name))
    if not used.any():
        raise InvalidCounts(
            expected="rows with every answer", got="none", hint="leave out the predictor that nobody answered"
        )
    return used


def _block(
    table: Table, name: str, bases: Mapping[str, Any], used: NDArray[np.bool_]
) -> tuple[list[str], FloatArray]:
    if name not in bases and not is_categorical(table, name):
        return [name], table.numbers(name)[:, None]
    found = categories(table, name, rows=used)
    if len(found) < 2:
        raise InvalidCounts(
            expected=f"two or more levels of {name}", got=repr(found.levels), hint=f"leave {name} out"
        )
    base = found.position(bases[name]) if name in bases else 0
    others = [code for code in range(len(found)) if code != base]
    return [f"{name}{text_of(found.levels[code])}" for code in others], found.indicators()[:, others]


def _interaction(parts: list[tuple[list[str], FloatArray]]) -> tuple[list[str], FloatArray]:
    """Products of the columns of several predictors, the first varying fastest."""
    names, values = [], []
    for chosen in product(*(range(len(own)) for own, _ in reversed(parts))):
        pairs = list(zip(parts, reversed(chosen), strict=True))
        names.append(":".join(own[at] for (own, _), at in pairs))
        values.append(np.prod([columns[:, at] for (_, columns), at in pairs], axis=0))
    return names, np.column_stack(values)


def _require_listed(listed: list[str], simple: list[str], bases: Mapping[str, Any]) -> None:
    parts = {part for name in listed if name not in simple for part in name.split(":")}
    if unlisted := sorted(parts - set(simple)):
        raise InvalidOption(
            expected="interactions of listed predictors",
            got=f"{', '.join(unlisted)} only inside one",
            hint="list each part by itself as well",
        )
    if unknown := sorted(set(bases) - set(simple)):
        raise InvalidOption(
            expected="bases of predictors",
            got=", ".join(unknown),
            hint="a base belongs to a listed predictor",
        )


def _require_independent(values: FloatArray, names: list[str]) -> None:
    """Refuse columns that the others determine, by name."""
    size = np.sqrt((values**2).sum(axis=0))
    scaled = values / np.where(size > 0, size, 1.0)
    *_, triangle, order = linalg.qr(scaled, mode="economic", pivoting=True)
    left = np.abs(np.diag(triangle))
    rank = int((left > 1e-9 * max(left.max(initial=0.0), 1e-300)).sum())
    if rank < len(names):
        known = [names[at] for at in sorted(order[rank:])]
        raise InvalidCounts(
            expected="predictors that do not determine each other",
            got=f"{', '.join(known[:5])}{' and more' * (len(known) > 5)} known from the others",
            hint="leave it out, or merge levels that always occur together",
        )
