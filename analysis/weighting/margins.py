"""Known population sizes of the cells of one or several variables, matched to the rows of a survey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array
from analysis.weighting.cell_means import cell_sums

if TYPE_CHECKING:
    from analysis.surveys.columns import Labels, Table

Variables = str | Sequence[str]
"""One column, or several whose combinations are the cells."""


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """The cells that columns make of the rows, with their sizes in the population.

    Attributes
    ----------
    name : str
        The columns, joined by " x ".
    labels : tuple
        Name of each cell, in the order they were given.
    codes : (N,) ndarray of int in [0, G)
        Cell of each row.
    population : (G,) ndarray, >= 0
        People, or shares, of the population in each cell.
    """

    name: str
    labels: tuple[Any, ...]
    codes: IntArray
    population: FloatArray

    def sampled(self, weights: FloatArray) -> FloatArray:
        """Sum of weights in each cell, (G,)."""
        return cell_sums(weights, self.codes, len(self.labels))

    def named(self, cells: NDArray[np.bool_]) -> str:
        """The labels where an array (G,) is true, for a message."""
        return ", ".join(repr(label) for label, is_meant in zip(self.labels, cells, strict=True) if is_meant)


def margin_of(table: Table, variables: Variables, population: Mapping[Any, float]) -> Margin:
    """Match population sizes to the rows.

    Parameters
    ----------
    table : Table
    variables : str or sequence of str
        Columns; the cells of several are their combinations, labelled by tuples.
    population : mapping of label to float >= 0
        Every label in the sample must be there.

    Returns
    -------
    Margin

    Raises
    ------
    InvalidShape
        A label in the sample without a population.
    InvalidCounts
        Negative or missing sizes, or all 0.

    Examples
    --------
    >>> from analysis.surveys.columns import Table
    >>> margin = margin_of(Table.of({"sex": ["f", "m", "f"]}), "sex", {"m": 40, "f": 60})
    >>> margin.codes.tolist(), margin.labels
    ([1, 0, 1], ('m', 'f'))
    """
    name = variables if isinstance(variables, str) else " x ".join(variables)
    if not isinstance(population, Mapping):
        raise InvalidShape(
            expected=f"the population of each cell of {name}",
            got=repr(population)[:60],
            hint="pass {label: number of people}",
        )
    sizes = finite_array(list(population.values()), name=f"population of {name}")
    if sizes.ndim != 1 or (sizes < 0).any() or not sizes.any():
        raise InvalidCounts(
            expected=f"population of {name} >= 0, not all 0",
            got=str(sizes.min(initial=0.0)),
            hint="count the dossiers of each cell",
        )
    return Margin(name, tuple(population), _matched(table.labels(variables), tuple(population), name), sizes)


def require_sampled(margin: Margin, weights: FloatArray) -> None:
    """Refuse cells of the population without a respondent, and respondents of cells without a population.

    Parameters
    ----------
    margin : Margin
    weights : (N,) ndarray >= 0

    Returns
    -------
    None

    Raises
    ------
    InvalidCounts
        Names the cells.
    """
    sampled = margin.sampled(weights)
    for cells, expected, got, hint in (
        ((sampled <= 0) & (margin.population > 0), "respondents in every cell", "none",
         "collapse it with another by a rule fixed before fieldwork"),
        ((sampled > 0) & (margin.population <= 0), "a population where there are respondents", "0",
         "refresh the count, or collapse the cell with another"),
    ):  # fmt: skip
        if cells.any():
            raise InvalidCounts(
                expected=f"{expected} of {margin.name}", got=f"{got} in {margin.named(cells)}", hint=hint
            )


def _matched(found: Labels, known: tuple[Any, ...], name: str) -> IntArray:
    position = {label: code for code, label in enumerate(known)}
    unknown = [label for label in found.values if label not in position]
    if unknown:
        raise InvalidShape(
            expected=f"{name} among {', '.join(map(repr, known[:20]))}",
            got=", ".join(map(repr, unknown[:20])),
            hint="give the population of every label that occurs, or recode the column",
        )
    return np.array([position[label] for label in found.values], dtype=np.int64)[found.codes]
