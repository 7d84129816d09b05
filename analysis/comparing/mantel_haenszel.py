"""Two or more groups compared inside parts: Mantel-Haenszel tests, common odds ratio and difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.comparing.hypothesis_tests import HypothesisTests, NoTest, chi_square_tests, joined_codes
from analysis.distributions import normal_critical
from analysis.errors import InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import counts_of, finite_positive, require_whole, spread_over

LARGEST_LOG = 700.0
"""Logarithms beyond it overflow; limits so far out say nothing."""


@checked
def mantel_haenszel_tests(k: ArrayLike, n: ArrayLike, *, design_effect: ArrayLike = 1.0) -> HypothesisTests:
    """Whether groups are equally satisfied inside every part, for any number of groups.

    Parameters
    ----------
    k, n : (..., G, K) array_like of whole numbers
        Satisfied and answering respondents of G groups in K parts.
    design_effect : (..., G, K) array_like > 0

    Returns
    -------
    HypothesisTests
        Of shape (...), chi-square without continuity correction on G - 1 degrees of freedom (fewer where the
        parts do not connect the groups).

    Notes
    -----
    ``T'V⁻¹T`` with ``T_i = Σ (x_i - n_i p)`` and ``V = Σ p(1-p) N/(N-1) (diag(n) - nn'/N)`` over the parts.

    References
    ----------
    Mantel and Haenszel (1959), JNCI 22:719-748. Landis, Heyman and Koch (1978), ISR 46:237-254.

    Examples
    --------
    >>> test = mantel_haenszel_tests([[81, 192], [234, 55]], [[87, 263], [270, 80]]).at()
    >>> round(test.statistic, 2), round(test.p_value, 3)
    (2.43, 0.119)
    """
    x, people = counts_of(k, n)
    require_whole(x, name="k")
    if x.ndim < 2 or x.shape[-2] < 2:
        raise InvalidShape(
            expected="(..., groups, parts) counts", got=str(x.shape), hint="two or more groups"
        )
    scale = 1 / spread_over(
        finite_positive(design_effect, name="design_effect"), x.shape, name="design_effect"
    )
    x, people = x * scale, people * scale
    total = people.sum(axis=-2)
    p = quotient(x.sum(axis=-2), total, empty=0.0)
    excess = (x - people * p[..., None, :]).sum(axis=-1)
    spread = p * (1 - p) * quotient(total, np.maximum(total - 1, 0.0), empty=0.0)
    own = np.einsum("...gk,...k->...g", people, spread)
    cross = np.einsum("...gk,...hk,...k->...gh", people, people, quotient(spread, total, empty=0.0))
    variance = own[..., None] * np.eye(x.shape[-2]) - cross
    inverse, rank = _inverses(variance)
    statistic = np.einsum("...g,...gh,...h->...", excess, inverse, excess)
    groups = (people.sum(axis=-1) > 0).sum(axis=-1)
    codes = joined_codes(
        groups.shape, (groups == 0, NoTest.NOBODY), (groups < 2, NoTest.ONE_GROUP),
        (~(spread > 0).any(axis=-1), NoTest.ONE_LEVEL), (rank == 0, NoTest.ONE_GROUP),
    )  # fmt: skip
    return chi_square_tests(statistic, rank.astype(np.float64), codes, method="cochran-mantel-haenszel")


@dataclass(frozen=True, slots=True, eq=False)
class StratifiedTables:
    """Two groups in K parts, as effective counts; see `analysis.comparing.merging.merged_comparison` for the formulas.

    Attributes
    ----------
    x1, x2 : (..., K) ndarray
        Satisfied of the first and the second group.
    n1, n2 : (..., K) ndarray
        Answering.
    total : (..., K) ndarray
    """

    x1: FloatArray
    x2: FloatArray
    n1: FloatArray
    n2: FloatArray
    total: FloatArray

    @classmethod
    def of(cls, x: FloatArray, n: FloatArray) -> StratifiedTables:
        """Of satisfied and answering (effective) respondents, (..., 2, K)."""
        return cls(x[..., 0, :], x[..., 1, :], n[..., 0, :], n[..., 1, :], n.sum(axis=-2))

    def difference(self, level: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mantel-Haenszel difference with Sato's limits."""
        weight = quotient(self.n1 * self.n2, self.total, empty=0.0).sum(axis=-1)
        excess = quotient(self.x1 * self.n2 - self.x2 * self.n1, self.total, empty=0.0).sum(axis=-1)
        value = quotient(excess, weight)
        squared = quotient(
            self.n1**2 * self.x2 - self.n2**2 * self.x1 + self.n1 * self.n2 * (self.n2 - self.n1) / 2,
            self.total**2, empty=0.0,
        ).sum(axis=-1)  # fmt: skip
        crossed = quotient(
            self.x1 * (self.n2 - self.x2) + self.x2 * (self.n1 - self.x1), 2 * self.total, empty=0.0
        ).sum(axis=-1)
        variance = quotient(np.maximum(value * squared + crossed, 0.0), weight**2)
        half = normal_critical(level) * np.sqrt(variance)
        return value, np.maximum(value - half, -1.0), np.minimum(value + half, 1.0)

    def odds_ratio(self, level: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Mantel-Haenszel odds ratio with the limits of Robins, Breslow and Greenland."""
        r = quotient(self.x1 * (self.n2 - self.x2), self.total, empty=0.0)
        s = quotient(self.x2 * (self.n1 - self.x1), self.total, empty=0.0)
        p = quotient(self.x1 + self.n2 - self.x2, self.total, empty=0.0)
        above, below = r.sum(axis=-1), s.sum(axis=-1)
        ratio = np.where((below == 0) & (above > 0), np.inf, quotient(above, below))
        variance = (
            quotient((p * r).sum(axis=-1), 2 * above**2)
            + quotient((p * s + (1 - p) * r).sum(axis=-1), 2 * above * below)
            + quotient(((1 - p) * s).sum(axis=-1), 2 * below**2)
        )
        known = (above > 0) & (below > 0)
        centre = np.log(np.where(known, ratio, 1.0))
        half = normal_critical(level) * np.sqrt(np.where(known, variance, 0.0))
        unknown = np.where(np.isnan(ratio), np.nan, 0.0), np.where(np.isnan(ratio), np.nan, np.inf)
        low, high = (
            np.where(known, np.exp(np.clip(end, -LARGEST_LOG, LARGEST_LOG)), open_)
            for end, open_ in zip((centre - half, centre + half), unknown, strict=True)
        )
        return ratio, low, high

    def breslow_day_tests(self, odds_ratio: FloatArray) -> HypothesisTests:
        """Whether the parts share the odds ratio; Tarone's correction makes the test valid for this estimate."""
        satisfied = self.x1 + self.x2
        informative = (self.n1 > 0) & (self.n2 > 0) & (satisfied > 0) & (satisfied < self.total)
        usable = np.isfinite(odds_ratio) & (odds_ratio > 0)
        psi = np.where(usable, odds_ratio, 1.0)[..., None]
        b = self.n2 - satisfied + psi * (self.n1 + satisfied)
        c = psi * self.n1 * satisfied
        expected = quotient(2 * c, b + np.sqrt(np.maximum(b**2 + 4 * (1 - psi) * c, 0.0)), empty=0.0)
        cells = (expected, self.n1 - expected, satisfied - expected, self.n2 - satisfied + expected)
        precision = sum(quotient(1.0, np.where(informative, cell, 1.0), empty=np.inf) for cell in cells)
        variance = np.where(informative, quotient(1.0, precision), 0.0)
        miss = np.where(informative, self.x1 - expected, 0.0)
        statistic = quotient(miss**2, variance, empty=0.0).sum(axis=-1)
        correction = quotient(miss.sum(axis=-1) ** 2, variance.sum(axis=-1), empty=0.0)
        parts = informative.sum(axis=-1)
        codes = joined_codes(
            parts.shape, (self.total.sum(axis=-1) == 0, NoTest.NOBODY), (~usable, NoTest.NO_ODDS),
            (parts < 2, NoTest.ONE_GROUP),
        )  # fmt: skip
        df = np.maximum(parts - 1.0, 0.0)
        return chi_square_tests(
            np.maximum(statistic - correction, 0.0), df, codes, method="breslow-day, tarone"
        )


def _inverses(matrices: FloatArray) -> tuple[FloatArray, IntArray]:
    """Generalised inverses of symmetric matrices, and their ranks."""
    size, vectors = np.linalg.eigh(matrices)
    kept = size > 1e-10 * np.maximum(size.max(axis=-1, keepdims=True), 1e-300)
    inverse = np.where(kept, quotient(1.0, np.where(kept, size, 1.0)), 0.0)
    return np.einsum("...gi,...i,...hi->...gh", vectors, inverse, vectors), kept.sum(axis=-1)
