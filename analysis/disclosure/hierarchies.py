"""Dimensions of a table as trees: units under a province, months under quarters, one channel beside another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import MOST_REPEATS


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """One dimension: nodes, each the sum of its children.

    Attributes
    ----------
    parents : (M,) ndarray of int
        Parent of each node, -1 for the one root (the total).
    labels : tuple of str
        Names of the nodes; their numbers where none were given.

    Examples
    --------
    >>> year = Hierarchy.of([-1, 0, 0, 1, 1, 2])
    >>> year.leaves.tolist(), year.root
    ([3, 4, 5], 0)
    """

    parents: IntArray
    labels: tuple[str, ...]

    @classmethod
    @checked
    def of(cls, parents: ArrayLike, labels: tuple[str, ...] | None = None) -> Hierarchy:
        """A checked hierarchy from the parent of each node."""
        array = np.asarray(parents)
        if array.ndim != 1 or not array.size or not np.issubdtype(array.dtype, np.integer):
            raise InvalidShape(
                expected="the parent of each node, as whole numbers",
                got=repr(parents)[:60],
                hint="-1 for the total",
            )
        if (array < -1).any() or (array >= len(array)).any() or (array == -1).sum() != 1:
            raise InvalidShape(
                expected="one root (-1), parents among the nodes",
                got=repr(array.tolist())[:60],
                hint="add a total node",
            )
        if labels is not None and len(labels) != len(array):
            raise InvalidShape(
                expected=f"{len(array)} labels", got=f"{len(labels)}", hint="one per node, totals included"
            )
        _require_tree(array)
        names = tuple(map(str, range(len(array)))) if labels is None else tuple(labels)
        return cls(array.astype(np.int64), names)

    @classmethod
    @checked
    def flat(cls, n_leaves: int) -> Hierarchy:
        """Leaves 0 to n - 1 under one total, which is the last node."""
        if not 1 <= n_leaves <= MOST_REPEATS:
            raise InvalidShape(
                expected=f"1 <= n_leaves <= {MOST_REPEATS}",
                got=repr(n_leaves),
                hint="a dimension has an entry",
            )
        return cls.of(np.append(np.full(n_leaves, n_leaves), -1))

    @classmethod
    @checked
    def from_tree(cls, tree: Mapping[str, Any]) -> Hierarchy:
        """A hierarchy from nested mappings with one key at the top; a leaf maps to an empty mapping or None."""
        if len(tree) != 1:
            raise InvalidShape(expected="one key at the top", got=f"{len(tree)}", hint="wrap it in a total")
        parents: list[int] = []
        labels: list[str] = []

        def add(branch: Mapping[str, Any], parent: int) -> None:
            for label, below in branch.items():
                if below is not None and not isinstance(below, Mapping):
                    raise InvalidShape(
                        expected="nested mappings",
                        got=repr(below)[:60],
                        hint="a leaf maps to an empty mapping",
                    )
                parents.append(parent)
                labels.append(str(label))
                add(below or {}, len(parents) - 1)

        add(tree, -1)
        return cls.of(np.array(parents), tuple(labels))

    @property
    def root(self) -> int:
        """Node of the total."""
        return int(np.flatnonzero(self.parents == -1)[0])

    @property
    def leaves(self) -> IntArray:
        """Nodes without children, ascending."""
        return np.setdiff1d(np.arange(len(self.parents)), self.parents).astype(np.int64)

    def children(self, node: int) -> IntArray:
        """Nodes whose sum a node is."""
        return np.flatnonzero(self.parents == node).astype(np.int64)

    @property
    def sums(self) -> FloatArray:
        """(M, L) ndarray of 0 and 1: which leaves a node adds up."""
        leaves = self.leaves
        member: NDArray[np.float64] = np.zeros((len(self.parents), len(leaves)))
        node, column = leaves.copy(), np.arange(len(leaves))
        while node.size:
            member[node, column] = 1
            node = self.parents[node]
            column, node = column[node >= 0], node[node >= 0]
        return member


def _require_tree(parents: IntArray) -> None:
    """Refuse circles: from every node the root is reached."""
    node = np.arange(len(parents))
    for _ in range(len(parents)):
        node = np.where(node >= 0, parents[node], -1)
    if (node >= 0).any():
        raise InvalidShape(
            expected="a tree",
            got=f"a circle through node {int(np.flatnonzero(node >= 0)[0])}",
            hint="check parents",
        )
