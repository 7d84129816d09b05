"""Every table of whole counts that fits what is published, by trying them all."""

from functools import cache
from itertools import combinations

import numpy as np

from analysis.disclosure.systems import CellSystem, table_system


@cache
def all_tables(shape: tuple[int, ...], largest: int) -> np.ndarray:
    """All tables of up to `largest` people, one per row, with the cells of `table_system` in order."""
    size = int(np.prod(shape))
    # Stars and bars: one more part for the people who are not there.
    bars = np.array(list(combinations(range(largest + size), size)))
    edges = np.column_stack([np.full(len(bars), -1), bars])
    leaves = np.diff(edges, axis=1) - 1
    units = [table_system(np.eye(size, dtype=int)[leaf].reshape(shape)).values for leaf in range(size)]
    return leaves @ np.array(units)


def possible_ranges(
    system: CellSystem, hidden: np.ndarray, shape: tuple[int, ...], *, largest: int
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest value of each cell over all tables that agree with the published cells."""
    tables = all_tables(shape, largest)
    fitting = tables[(tables[:, ~hidden] == system.values[~hidden]).all(axis=1)]
    return fitting.min(axis=0), fitting.max(axis=0)
