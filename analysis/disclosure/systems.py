"""Everything that will be published as one system: cells, and the sums that hold between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from analysis.arguments import checked
from analysis.disclosure.hierarchies import Hierarchy
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, require_whole, sparse_of


@dataclass(frozen=True, slots=True, eq=False)
class CellSystem:
    """Cells and the relations between them, whatever tables they come from.

    Attributes
    ----------
    values : (C,) ndarray
        True counts of people.
    relations : (E, C) sparse array
        ``relations @ values == 0``: a total less its parts.
    is_latent : (C,) ndarray of bool
        Cells that are never printed but tie the printed ones together (what two releases differ by).
    tables : tuple of ndarray of int
        Number of the cell at each place of each published table; a cell that stands in two tables is one cell.
    """

    values: FloatArray
    relations: sparse.csr_array
    is_latent: NDArray[np.bool_]
    tables: tuple[IntArray, ...]

    def __len__(self) -> int:
        return len(self.values)


@checked
def table_system(
    leaf_counts: ArrayLike,
    hierarchies: Sequence[Hierarchy] | None = None,
    *,
    tables: Sequence[Sequence[int]] | None = None,
    has_joint_cells: bool = False,
) -> CellSystem:
    """Published tables of one population: all of its dimensions, or margins that share some.

    Parameters
    ----------
    leaf_counts : (L1, ..., Ld) array_like of whole numbers
        People by the leaves of every dimension.
    hierarchies : sequence of Hierarchy, optional
        One per dimension; flat with a total where left out. Leaves in the order of the nodes.
    tables : sequence of sequences of int, optional
        Dimensions of each published table: ``[(0, 1), (0, 2)]`` for unit by month and unit by field. All
        dimensions in one table where left out.
    has_joint_cells : bool
        Also reckon with the joint table behind the margins, as latent cells. Needed for an exact attack on three
        or more tables that overlap in a ring; large.

    Returns
    -------
    CellSystem
        `tables[i]` has the nodes of table i's dimensions as its axes, totals included.

    Notes
    -----
    A cell is named by one node of every dimension, the total of those a table leaves out, so tables that share a
    margin share its cells.

    Examples
    --------
    >>> system = table_system([[3, 40], [50, 60]])
    >>> system.values[system.tables[0]].astype(int).tolist()
    [[3, 40, 43], [50, 60, 110], [53, 100, 153]]
    >>> abs(system.relations @ system.values).max().item()
    0.0
    """
    counts = finite_array(leaf_counts, name="leaf_counts")
    require_whole(counts, name="leaf_counts")
    trees = _trees_of(counts, hierarchies)
    listed = [tuple(range(counts.ndim))] if tables is None else [tuple(dims) for dims in tables]
    if not listed or any(
        len(set(dims)) != len(dims) or not set(dims) <= set(range(counts.ndim)) for dims in listed
    ):
        raise InvalidShape(
            expected=f"dimensions from 0 to {counts.ndim - 1} in each table",
            got=repr(tables),
            hint="0 is the first",
        )
    n_published = len(listed)
    if has_joint_cells:
        listed.append(tuple(range(counts.ndim)))
    keys = [_cell_keys(trees, dims) for dims in listed]
    names = np.unique(np.concatenate([key.ravel() for key in keys]))
    numbers = tuple(np.searchsorted(names, key) for key in keys)
    values = np.zeros(len(names))
    for number, dims in zip(numbers, listed, strict=True):
        values[number] = _margin(counts, trees, dims)
    relations = sparse.vstack(
        [
            _relations(number, [trees[dim] for dim in dims], len(names))
            for number, dims in zip(numbers, listed, strict=True)
        ],
        format="csr",
    )
    is_latent = np.ones(len(names), dtype=bool)
    for number in numbers[:n_published]:
        is_latent[number] = False
    return CellSystem(values, relations, is_latent, numbers[:n_published])


@checked
def membership_system(membership: ArrayLike, atom_counts: ArrayLike) -> CellSystem:
    """Published figures over groups that overlap in any way: old and new units, consecutive releases.

    Parameters
    ----------
    membership : (P, V) array_like or sparse array of 0 and 1
        Which atoms each published figure counts. Atoms are the finest parts that no figure cuts: an old commune's
        part of a new unit, what came between two releases.
    atom_counts : (V,) array_like of whole numbers
        People in each atom.

    Returns
    -------
    CellSystem
        The P figures, then the V atoms, which are latent: never printed, and to be protected.

    Examples
    --------
    >>> old_and_new = membership_system([[1, 1, 0], [0, 1, 1], [1, 1, 1]], [20, 3, 30])
    >>> old_and_new.values.astype(int).tolist(), old_and_new.is_latent.tolist()
    ([23, 33, 53, 20, 3, 30], [False, False, False, True, True, True])
    """
    counts = finite_array(atom_counts, name="atom_counts")
    require_whole(counts, name="atom_counts")
    member = sparse_of(membership, name="membership")
    if counts.ndim != 1 or member.ndim != 2 or member.shape[1] != len(counts):
        raise InvalidShape(
            expected=f"one column per atom ({counts.size})",
            got=f"shape {member.shape}",
            hint="figures by atoms",
        )
    if not np.isin(member.data, (0, 1)).all():
        raise InvalidCounts(expected="memberships of 0 and 1", got="others", hint="a person counts once")
    n_figures = member.shape[0]
    values = np.concatenate([member @ counts, counts])
    relations = sparse.hstack([sparse.eye_array(n_figures), -member], format="csr")
    is_latent = np.arange(len(values)) >= n_figures
    return CellSystem(values, relations, is_latent, (np.arange(n_figures), np.arange(n_figures, len(values))))


@checked
def cumulative_membership(membership: ArrayLike, *, n_releases: int) -> sparse.csr_array:
    """Memberships of figures that are published again and again, each time with all that came before.

    Parameters
    ----------
    membership : (P, V) array_like or sparse array of 0 and 1
        Figures of one release.
    n_releases : int >= 1

    Returns
    -------
    (n_releases P, n_releases V) sparse array
        Release after release; atoms are what came in each interval.

    Examples
    --------
    >>> cumulative_membership([[1, 1]], n_releases=2).toarray().astype(int).tolist()
    [[1, 1, 0, 0], [1, 1, 1, 1]]
    """
    if n_releases < 1:
        raise InvalidShape(expected="n_releases >= 1", got=repr(n_releases), hint="count this release too")
    before = np.tril(np.ones((n_releases, n_releases)))
    return sparse.csr_array(sparse.kron(before, sparse_of(membership, name="membership"), format="csr"))


def _trees_of(counts: FloatArray, hierarchies: Sequence[Hierarchy] | None) -> list[Hierarchy]:
    if not counts.ndim or not counts.size:
        raise InvalidShape(expected="a table", got=f"shape {counts.shape}", hint="one axis per dimension")
    trees = [Hierarchy.flat(size) for size in counts.shape] if hierarchies is None else list(hierarchies)
    leaves = tuple(len(tree.leaves) for tree in trees)
    if leaves != counts.shape:
        raise InvalidShape(
            expected=f"hierarchies with {counts.shape} leaves",
            got=f"{leaves}",
            hint="one per dimension, in order",
        )
    return trees


def _cell_keys(trees: Sequence[Hierarchy], dims: tuple[int, ...]) -> IntArray:
    """Number of each cell among all combinations of nodes of all dimensions."""
    shape = tuple(len(tree.parents) for tree in trees)
    axes = [np.arange(shape[dim]) if dim in dims else np.array([tree.root]) for dim, tree in enumerate(trees)]
    grid = np.ravel_multi_index(np.meshgrid(*axes, indexing="ij"), shape)
    return np.asarray(
        np.transpose(grid.reshape([shape[dim] for dim in sorted(dims)]), np.argsort(np.argsort(dims)))
    )


def _margin(counts: FloatArray, trees: Sequence[Hierarchy], dims: tuple[int, ...]) -> FloatArray:
    table = counts.sum(axis=tuple(dim for dim in range(counts.ndim) if dim not in dims))
    for axis, dim in enumerate(sorted(dims)):
        table = np.moveaxis(np.tensordot(trees[dim].sums, table, axes=(1, axis)), 0, axis)
    return np.asarray(np.transpose(table, np.argsort(np.argsort(dims))))


def _relations(number: IntArray, trees: Sequence[Hierarchy], n_cells: int) -> sparse.csr_array:
    """Every inner node less its children, at every combination of nodes of the other dimensions."""
    rows: list[IntArray] = []
    columns: list[IntArray] = []
    signs: list[FloatArray] = []
    start = 0
    for axis, tree in enumerate(trees):
        along = np.moveaxis(number, axis, 0).reshape(len(tree.parents), -1)
        for node in np.unique(tree.parents[tree.parents >= 0]):
            parts = tree.children(int(node))
            place = start + np.arange(along.shape[1])
            for cells, sign in chain([(along[node], 1.0)], ((along[part], -1.0) for part in parts)):
                rows.append(place)
                columns.append(cells)
                signs.append(np.full(len(cells), sign))
            start += along.shape[1]
    if not rows:
        return sparse.csr_array((0, n_cells))
    entries = (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_array(entries, shape=(start, n_cells))
