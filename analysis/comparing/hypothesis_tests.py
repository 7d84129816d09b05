"""What a test found: statistic, degrees of freedom and p value, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.distributions import f_tail
from analysis.types import FloatArray
from analysis.validation import finite_array, measured_array, numbers_of, together


class NoTest(IntEnum):
    """Why there is no test or no difference; TESTED where there is one."""

    TESTED = 0
    NOBODY = 1
    ONE_GROUP = 2
    ONE_LEVEL = 3
    NO_VARIANCE = 4
    FEW_CLUSTERS = 5
    ESTIMATED = 6
    METHOD_BREAK = 7
    NO_COUNTERPART = 8
    RECODED = 9
    NO_ODDS = 10

    @property
    def reason(self) -> str:
        """The reason in words; empty where there is a test."""
        return _REASONS[self]


_REASONS = {
    NoTest.TESTED: "",
    NoTest.NOBODY: "nobody answered",
    NoTest.ONE_GROUP: "fewer than two groups have respondents",
    NoTest.ONE_LEVEL: "everyone gave the same answer",
    NoTest.NO_VARIANCE: "the design leaves no sampling variance",
    NoTest.FEW_CLUSTERS: "fewer clusters than the hypothesis has degrees of freedom",
    NoTest.ESTIMATED: "the units were carried over by population weight; the figure is an estimate",
    NoTest.METHOD_BREAK: "the question or its scale changed; the two figures do not measure the same",
    NoTest.NO_COUNTERPART: "the unit has no counterpart in the other wave",
    NoTest.RECODED: "the answers were recoded between the two waves",
    NoTest.NO_ODDS: "a group gave no answer of one kind, so the odds ratio is 0 or infinite",
}


@dataclass(frozen=True, slots=True)
class HypothesisTest:
    """One test.

    Attributes
    ----------
    statistic : float
    df : float
        Degrees of freedom, of the numerator where there are two; NaN where the reference law has none.
    p_value : float in [0, 1]
        NaN where there is no test; `reason` says why.
    df_denominator : float
        Infinite for chi-square and normal references.
    method : str
    reason : str
        Empty where there is a test.
    """

    statistic: float
    df: float
    p_value: float
    df_denominator: float = math.inf
    method: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class HypothesisTests:
    """Many tests of one kind.

    Attributes
    ----------
    statistic, df, p_value, df_denominator : ndarray of one shape
        NaN where there is no test.
    codes : ndarray of int8
        Values of `NoTest`.
    method : str

    Examples
    --------
    >>> tests = chi_square_tests([3.84, 0.0], [1, 0], [NoTest.TESTED, NoTest.ONE_LEVEL], method="pearson")
    >>> round(tests[0].p_value, 2), tests[1].reason
    (0.05, 'everyone gave the same answer')
    """

    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    df_denominator: FloatArray
    codes: NDArray[np.int8]
    method: str

    def __len__(self) -> int:
        return len(self.statistic)

    def __getitem__(self, index: int | tuple[int, ...]) -> HypothesisTest:
        """The test of one cell."""
        return HypothesisTest(
            float(self.statistic[index]),
            float(self.df[index]),
            float(self.p_value[index]),
            float(self.df_denominator[index]),
            self.method,
            NoTest(int(self.codes[index])).reason,
        )

    def at(self, *index: int) -> HypothesisTest:
        """The test of one cell; without an index, the only one."""
        return self[index]


@checked
def chi_square_tests(
    statistic: ArrayLike, df: ArrayLike, codes: ArrayLike, *, method: str
) -> HypothesisTests:
    """Tests that refer a statistic to the chi-square distribution.

    Parameters
    ----------
    statistic, df : array_like
        NaN where there is none.
    codes : array_like of `NoTest`
        Where it is not TESTED, statistic and p value are NaN.
    method : str

    Returns
    -------
    HypothesisTests

    Examples
    --------
    >>> round(chi_square_tests([5.99], [2], [0], method="pearson")[0].p_value, 2)
    0.05
    """
    freedom = measured_array(df, name="df")
    scaled = quotient(statistic, np.maximum(freedom, 1))
    return f_tests(scaled, freedom, np.inf, codes, method=method, scaled=False)


@checked
def f_tests(
    statistic: ArrayLike,
    df: ArrayLike,
    df_denominator: ArrayLike,
    codes: ArrayLike,
    *,
    method: str,
    scaled: bool = True,
) -> HypothesisTests:
    """Tests that refer a statistic to the F distribution.

    Parameters
    ----------
    statistic : array_like
        Already divided by `df`; NaN where there is none.
    df, df_denominator : array_like
        An infinite denominator refers df times the statistic to the chi-square distribution.
    codes : array_like of `NoTest`
    method : str
    scaled : bool
        Whether the statistic is kept divided by `df`.

    Returns
    -------
    HypothesisTests

    Examples
    --------
    >>> round(f_tests([3.49], [3], [12], [0], method="f")[0].p_value, 2)
    0.05
    """
    value, freedom, below, why = together(
        *(numbers_of(part, name="statistic and df") for part in (statistic, df, df_denominator)),
        finite_array(codes, name="codes"),
    )
    tested = (why == NoTest.TESTED) & (freedom > 0) & (below > 0)
    p_value = np.where(tested, f_tail(np.where(tested, value, 0.0), freedom, below), np.nan)
    kept = value if scaled else value * np.maximum(freedom, 1)
    return HypothesisTests(
        np.where(tested, kept, np.nan), np.array(freedom), p_value, np.array(below), np.array(why), method
    )


def wald_test(
    values: FloatArray, covariance: FloatArray, *, df_denominator: float, method: str, adjusted: bool = False
) -> HypothesisTest:
    """Whether d estimates are all zero, from their covariance.

    Parameters
    ----------
    values : (d,) ndarray
    covariance : (d, d) ndarray
    df_denominator : float
        Degrees of freedom of the covariance.
    method : str
    adjusted : bool
        Whether the statistic is Hotelling's, ``(k - d + 1) / k d`` times the quadratic form, on d and
        k - d + 1 degrees of freedom.

    Returns
    -------
    HypothesisTest
        F statistic ``v' V⁻¹ v / d``; no test where V has no inverse or the denominator no degrees of freedom.

    References
    ----------
    Korn and Graubard (1990), American Statistician 44:270-276.

    Examples
    --------
    >>> found = wald_test(np.array([2.0]), np.array([[1.0]]), df_denominator=np.inf, method="wald")
    >>> round(found.statistic, 1), round(found.p_value, 4)
    (4.0, 0.0455)
    """
    d = len(values)
    left = df_denominator - d + 1 if adjusted else df_denominator
    code = _no_wald(covariance, left)
    if code is not NoTest.TESTED:
        return HypothesisTest(math.nan, d, math.nan, left, method, code.reason)
    statistic = float(values @ np.linalg.solve(covariance, values)) / d
    if adjusted and np.isfinite(df_denominator):
        statistic *= left / df_denominator
    return HypothesisTest(statistic, d, float(f_tail(statistic, d, left)), left, method)


def _no_wald(covariance: FloatArray, df_denominator: float) -> NoTest:
    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0).all():
        return NoTest.NO_VARIANCE
    size = np.linalg.eigvalsh(covariance / np.outer(scale, scale))
    if df_denominator <= 0 or size[0] < 1e-11 * size[-1]:
        return NoTest.FEW_CLUSTERS
    return NoTest.TESTED


def joined_codes(shape: tuple[int, ...], *conditions: tuple[Any, NoTest]) -> NDArray[np.int8]:
    """The first condition that holds names why there is no test.

    Parameters
    ----------
    shape : tuple of int
    *conditions : pairs of (ndarray of bool, NoTest)

    Returns
    -------
    ndarray of int8

    Examples
    --------
    >>> joined_codes((2,), (np.array([True, False]), NoTest.NOBODY)).tolist()
    [1, 0]
    """
    codes = np.full(shape, NoTest.TESTED, dtype=np.int8)
    for condition, code in reversed(conditions):
        codes[np.broadcast_to(condition, shape)] = code
    return codes
