"""What known population totals explain of a variable, and what is left of its variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.arithmetic import quotient
from analysis.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """What calibration explains of a variable: its weighted regression on the calibration variables.

    Attributes
    ----------
    basis : (N, p) ndarray
        Orthonormal columns spanning sqrt(w) X.
    root_weights : (N,) ndarray
        sqrt(w), w the weights before calibration.
    """

    basis: FloatArray
    root_weights: FloatArray

    @classmethod
    def of(cls, matrix: FloatArray, weights: FloatArray) -> Projection:
        """The projection on the columns of X (N, p) under weights (N,); dependent columns are harmless."""
        root = np.sqrt(weights)
        u, size, _ = np.linalg.svd(root[:, None] * matrix, full_matrices=False)
        return cls(u[:, size > size.max(initial=0) * 1e-10], root)

    def residuals(self, values: FloatArray) -> FloatArray:
        """What is left of (N, d) values; as given where the weight is 0."""
        root = self.root_weights[:, None]
        fitted = self.basis @ (self.basis.T @ (root * values))
        return values - quotient(fitted, root, empty=0.0)


class Explained(Protocol):
    """What knowledge of the population explains of any variable, so that only the rest varies."""

    def residuals(self, values: FloatArray) -> FloatArray:
        """What is left of (N, d) values."""
        ...
