"""Replicate weights: R sets of weights whose estimates vary as the full sample's would."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import count_of, finite_array, require_known, spread_over
from analysis.weighting.cell_means import cell_sums

LARGEST_REPLICATES = 100_000_000
"""Entries of the largest table of replicate weights that is built: rows times replicates."""


@dataclass(frozen=True, slots=True, eq=False)
class ReplicateWeights:
    """R sets of weights of N rows, with the constants that turn their estimates into a variance.

    Attributes
    ----------
    full : (N,) ndarray, >= 0
        Weights of the full sample.
    base : (N,) ndarray
        What multiplies the factors: `full`, or 1 where the factors are whole weights.
    factors : (C, R) ndarray
        Factor of each cluster (or row) in each replicate.
    clusters : (N,) ndarray of int, or None
        Cluster of each row; None where the factors are by row.
    scale : float > 0
    rscales : (R,) ndarray, >= 0
        ``var = scale Σ rscales_r (θ_r - centre)²``.
    mse : bool
        Whether the centre is the full sample's estimate, not the mean of the replicates (with rscales > 0).
    df : float
        Degrees of freedom.
    method : str
    """

    full: FloatArray
    base: FloatArray
    factors: FloatArray
    clusters: IntArray | None
    scale: float
    rscales: FloatArray
    mse: bool
    df: float
    method: str

    @property
    def n_replicates(self) -> int:
        return int(self.factors.shape[1])

    def matrix(self) -> FloatArray:
        """The weights of every row in every replicate, (N, R)."""
        size = len(self.full) * self.n_replicates
        if size > LARGEST_REPLICATES:
            raise InvalidShape(
                expected=f"rows times replicates up to {LARGEST_REPLICATES:,}",
                got=f"{size:,}",
                hint="use fewer bootstrap replicates, or larger clusters",
            )
        factors = self.factors if self.clusters is None else self.factors[self.clusters]
        return self.base[:, None] * factors

    def with_matrix(self, full: FloatArray, matrix: FloatArray) -> ReplicateWeights:
        """The same replicates with other weights, (N,) and (N, R)."""
        return replace(self, full=full, base=np.ones(len(full)), factors=matrix, clusters=None)

    def sums(self, values: FloatArray, codes: IntArray, size: int) -> tuple[FloatArray, FloatArray]:
        """Weighted sums of values by domain: of the full sample (D,), and of each replicate (D, R)."""
        columns = np.arange(len(codes)) if self.clusters is None else self.clusters
        by_factor = sparse.csr_array((self.base * values, (codes, columns)), shape=(size, len(self.factors)))
        return cell_sums(self.full * values, codes, size), np.asarray(by_factor @ self.factors)

    def deviations(self, full: FloatArray, replicates: FloatArray) -> FloatArray:
        """Weighted distances of (K, R) replicate estimates from their centre: D Dᵀ is the covariance."""
        centre = full if self.mse else replicates[:, self.rscales > 0].mean(axis=1)
        scaled: FloatArray = (replicates - centre[:, None]) * np.sqrt(self.scale * self.rscales)
        return scaled


@checked
def supplied_replicates(
    full: ArrayLike,
    matrix: ArrayLike,
    *,
    method: str = "other",
    scale: float | None = None,
    rscales: ArrayLike = 1.0,
    rho: float = 0.0,
    mse: bool = False,
    df: float | None = None,
    combined: bool = True,
) -> ReplicateWeights:
    """Replicate weights as a data file brings them.

    Parameters
    ----------
    full : (N,) array_like >= 0
        Weights of the full sample.
    matrix : (N, R) array_like >= 0
    method : {"JK1", "JKn", "BRR", "Fay", "bootstrap", "SDR", "other"}
        Sets the scale where it is not given (`replicate_scale`).
    scale : float > 0, optional
    rscales : float or (R,) array_like >= 0
        One factor per replicate, as a stratified jackknife needs.
    rho : float in [0, 1)
        Fay's coefficient.
    mse : bool
        Distances from the full sample's estimate instead of the replicates' mean.
    df : float > 0, optional
        The rank of the replicate weights minus 1 where not given.
    combined : bool
        Whether the replicate weights hold the full sample's weights; if not, they multiply them.

    Returns
    -------
    ReplicateWeights

    Raises
    ------
    InvalidCounts
        Negative or missing weights, or a replicate without any.

    Examples
    --------
    >>> found = supplied_replicates([1, 1], [[0, 2], [2, 0]], method="JK1")
    >>> found.scale, found.df
    (0.5, 1.0)
    """
    w, sets = finite_array(full, name="weights"), finite_array(matrix, name="replicate weights")
    if sets.ndim != 2 or w.shape != (len(sets),) or sets.shape[1] < 2:
        raise InvalidShape(
            expected="N weights and (N, R) replicate weights, R >= 2",
            got=f"{w.shape} and {sets.shape}",
            hint="one row per respondent, one column per replicate",
        )
    base = np.ones(len(w)) if combined else w
    if (sets < 0).any() or (w < 0).any() or not w.any() or not (base @ sets > 0).all():
        raise InvalidCounts(
            expected="weights >= 0, not all 0 in any replicate", got=f"least {min(sets.min(), w.min()):g}",
            hint="check that the columns are the replicate weights",
        )  # fmt: skip
    size = sets.shape[1]
    by_replicate = spread_over(finite_array(rscales, name="rscales"), (size,), name="rscales")
    used = replicate_scale(method, size, rho=rho) if scale is None else float(scale)
    freedom = float(np.linalg.matrix_rank(base[:, None] * sets, rtol=1e-5) - 1) if df is None else float(df)
    if not used > 0 or (by_replicate < 0).any() or not by_replicate.any() or not freedom >= 0:
        raise InvalidOption(
            expected="scale > 0, rscales >= 0 and df >= 0",
            got=f"{used:g}, {by_replicate.min():g}, {freedom:g}",
            hint="see the documentation of the data file",
        )
    return ReplicateWeights(w, base, sets, None, used, by_replicate, mse, freedom, method)


@checked
def replicate_scale(method: str, n_replicates: int, *, rho: float = 0.0) -> float:
    """What multiplies the sum of squared distances, where a data file only names the method.

    Parameters
    ----------
    method : str
        As in `supplied_replicates`; "JKn" and "other" have no scale of their own.
    n_replicates : int
    rho : float in [0, 1)

    Returns
    -------
    float
        (R-1)/R for JK1, 1/R for BRR, 1/(R (1-rho)²) for Fay, 1/(R-1) for the bootstrap, 4/R for SDR.

    References
    ----------
    Wolter (2007), Introduction to Variance Estimation. Fay and Train (1995), ASA Government Statistics, 154-159.

    Examples
    --------
    >>> replicate_scale("Fay", 16, rho=0.5)
    0.25
    """
    count_of(n_replicates, name="n_replicates", at_least=1)
    scales = {
        "JK1": (n_replicates - 1) / n_replicates,
        "BRR": 1 / n_replicates,
        "Fay": 1 / (n_replicates * (1 - rho) ** 2) if rho < 1 else np.nan,
        "bootstrap": 1 / max(n_replicates - 1, 1),
        "SDR": 4 / n_replicates,
    }
    require_known(method, (*scales, "JKn", "other"), name="method")
    if not 0 <= rho < 1:
        raise InvalidOption(
            expected="0 <= rho < 1", got=repr(rho), hint="Fay's usual choices are 0.3 and 0.5"
        )
    if method not in scales:
        raise InvalidOption(
            expected="a scale", got=f"none, with method {method!r}",
            hint="pass scale, and rscales of (n_h - 1)/n_h for a stratified jackknife",
        )  # fmt: skip
    return float(scales[method])
